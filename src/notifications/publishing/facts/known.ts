import type { EntityManager } from 'typeorm';
import { encodeId } from '../../../api-id';
import type { Facets } from '../../catalogue/event-type';
import type { Said } from '../../catalogue/said';
import type { SubjectKind, Subjects } from '../../catalogue/subjects';

/** An event as it was recorded. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly object_type: string;
  readonly object_id: string;
  readonly data: Said;
  readonly at: Date;
}

/** What is known of an event's object at this moment. */
export interface Known<K extends SubjectKind = SubjectKind> {
  readonly subject: Subjects[K];
  readonly facets: Facets;
}

/**
 * Reads what events are about: one statement for all of them, by the events' ids. One that is missing has nothing left
 * that could be told: its object was pruned, or went to another tenant.
 */
export type ReadKnown<K extends SubjectKind> = (
  manager: EntityManager,
  tenantId: string,
  events: readonly StoredEvent[],
) => Promise<ReadonlyMap<string, Known<K>>>;

/** The account's columns of a statement that reads something else as well. */
export interface AccountColumns {
  readonly account_id: string;
  readonly aws_account_id: string;
  readonly account_name: string | null;
  readonly ou_path: string | null;
}

export const accountOf = (tenantId: string, row: AccountColumns): Subjects['account']['account'] => ({
  id: encodeId('Account', tenantId, row.account_id),
  awsAccountId: row.aws_account_id,
  name: row.account_name ?? row.aws_account_id,
  organizationalUnit: row.ou_path,
});

/** Without what is null. */
export const facetsOf = (of: { readonly [Name in keyof Facets]: Facets[Name] | null }): Facets =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null));

/** By the events' objects: several events may be about the same one. */
export function byObject<Row extends { readonly id: string }, K extends SubjectKind>(
  events: readonly StoredEvent[],
  rows: readonly Row[],
  known: (row: Row) => Known<K>,
  objectOf: (event: StoredEvent) => string | null = ({ object_id }) => object_id,
): ReadonlyMap<string, Known<K>> {
  const found = new Map(rows.map((row) => [row.id, known(row)]));
  return new Map(
    events.flatMap((event) => {
      const one = found.get(objectOf(event) ?? '');
      return one === undefined ? [] : [[event.id, one] as const];
    }),
  );
}

export const idsOf = (
  events: readonly StoredEvent[],
  objectOf: (event: StoredEvent) => string | null = ({ object_id }) => object_id,
): string[] => [...new Set(events.flatMap((event) => objectOf(event) ?? []))];
