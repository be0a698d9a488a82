/** Something that has happened to one object of a tenant, in the past tense: `scan.completed`, `finding.opened`. */
export interface NewEvent {
  readonly type: string;
  readonly objectType: string;
  readonly objectId: string;
  /** Small: ids and what changed, never a secret. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface RecordedEvent extends Required<NewEvent> {
  readonly id: string;
  readonly tenantId: string;
  readonly at: Date;
}
