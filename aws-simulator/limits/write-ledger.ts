/** One IAM write that took effect, whether or not its answer reached the caller. */
export interface AppliedWrite {
  requestId: string;
  /** Real time. */
  at: string;
  /** By AWS's clock, which is ahead where time was let pass. */
  shownAt: string;
  action: string;
  accountId: string;
  principalArn: string;
  sourceIdentity: string | null;
  /** Unique ids of the users and roles that it was about. */
  identityIds: string[];
  /** Access key ids and the like; ARNs of groups, policies, instance profiles. */
  objectIds: string[];
}

export interface WriteFilter {
  accountId?: string;
  action?: string;
  /** Of one role's sessions: the role's name. Of a user: the user's ARN. */
  by?: string;
  identityId?: string;
}

/** Every write since the last reset; unlike the request log it forgets nothing before that. */
export class WriteLedger {
  private entries: AppliedWrite[] = [];

  add(entry: AppliedWrite): void {
    this.entries.push(entry);
  }

  /** Oldest first. */
  list({ accountId, action, by, identityId }: WriteFilter = {}): AppliedWrite[] {
    return this.entries.filter(
      (entry) =>
        (accountId === undefined || entry.accountId === accountId) &&
        (action === undefined || entry.action === action) &&
        (by === undefined || entry.principalArn === by || entry.principalArn.includes(`:assumed-role/${by}/`)) &&
        (identityId === undefined || entry.identityIds.includes(identityId)),
    );
  }

  reset(): void {
    this.entries = [];
  }
}
