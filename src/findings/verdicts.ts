import type { FindingStatus } from './finding';
import type { CheckId, Severity } from './policy';

/** What an account's judgement found, as the database takes it. */
export interface VerdictRow {
  readonly identity_id: string;
  readonly check_id: CheckId;
  readonly status: 'open' | 'exempt';
  readonly severity: Severity;
  readonly why: string;
  readonly exempt_reason: string | null;
  readonly exemption_id: string | null;
  readonly idle_since: Date | null;
  readonly idle_at_least: boolean;
  readonly policy_name: string;
  readonly policy_version: number;
  /** Whose it is, by name; null: nobody's. */
  readonly owner: string | null;
}

export interface UnknownVerdict {
  readonly identity_id: string;
  readonly check_id: CheckId;
  readonly reason: string;
}

/** All that one account's judgement says. */
export interface JudgedAccount {
  readonly tenantId: string;
  readonly accountId: string;
  readonly at: Date;
  /** When the last reading, one with gaps, ended; null where it had none. */
  readonly gapsAt: Date | null;
  readonly verdicts: readonly VerdictRow[];
  readonly unknown: readonly UnknownVerdict[];
  /** Whether a check is switched off for a user or role (its row's id) and what it owns. */
  isOff(principalId: string, check: CheckId): boolean;
}

interface Transition {
  /** The finding's. */
  readonly id: string;
  readonly identityId: string;
  readonly checkId: CheckId;
  /** Null for one that is new. */
  readonly before: FindingStatus | null;
}

/** A finding that is new, or is no longer as it was. */
export interface Standing extends Transition {
  readonly verdict: VerdictRow;
}

/** A finding that is over. */
export interface Resolution extends Transition {
  readonly resolution: 'gone' | 'check-disabled' | 'compliant';
}
