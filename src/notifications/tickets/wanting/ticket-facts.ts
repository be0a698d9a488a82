import { createHash } from 'node:crypto';
import type { CheckId, Severity } from '../../../findings/policy';
import type { TicketSubjectKind } from '../subject';

/** As many as a ticket lists. */
export const MOST_LISTED = 50;

export interface FindingFacts {
  readonly id: string;
  readonly identityId: string;
  readonly checkId: CheckId;
  readonly severity: Severity;
  readonly why: string;
  readonly kind: 'user' | 'role' | 'password' | 'access-key';
  readonly name: string;
  readonly accountName: string;
  readonly awsAccountId: string;
  readonly owner: string | null;
  /** ISO; null: it is not in quarantine. */
  readonly quarantinedAt: string | null;
}

/** What a ticket is about, from the findings as they are now; the worst of them first. */
export interface TicketFacts {
  readonly oneFor: TicketSubjectKind;
  readonly findings: readonly FindingFacts[];
  /** Of all, also those that are not listed. */
  readonly count: number;
}

/** Changes with what a ticket says, and with nothing else. The first number is the form in which it is said. */
export const hashOf = (facts: TicketFacts): string =>
  createHash('sha256')
    .update(JSON.stringify([1, facts]))
    .digest('hex')
    .slice(0, 40);
