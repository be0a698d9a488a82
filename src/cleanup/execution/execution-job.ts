import type { AccountAccess } from '../../aws/account-access';
import type { RunningTask } from '../../tasks/running-task';
import type { CleanupRules } from '../rules/cleanup-rules';
import type { Step } from '../steps';
import type { LastAccessedJobs } from '../reading/last-accessed-jobs';

/** What a step is for; each has its own rules about pauses, windows and what an error means. */
export type StepPurpose = 'quarantine' | 'silence' | 'deletion' | 'return' | 're-creation' | 'repair';

/** Putting away waits for pauses; looking, giving back and making again never do. */
export const PUTS_AWAY: ReadonlySet<StepPurpose> = new Set(['quarantine', 'silence', 'deletion']);

/**
 * Whether the job's requests stop when clean-up is paused. Switched on for every turn that puts something away, its
 * reads included; asked by the last middleware before each request.
 */
export interface Leash {
  stopsWhenPaused: boolean;
}

/** One execution as an item's turn sees it: a session in the account that may touch the items of its batch only. */
export interface ExecutionJob {
  readonly task: RunningTask;
  readonly tenantId: string;
  /** Our id of the account. */
  readonly accountId: string;
  readonly executionId: string;
  readonly access: AccountAccess;
  /** The session that may send a step: more may hang on an item than one policy can name. */
  accessFor(step: Pick<Step, 'action' | 'input'>): Promise<AccountAccess>;
  readonly lastAccessed: LastAccessedJobs;
  /** The rules in force; of an item's turn, field by field the stricter of these and those of its plan. */
  readonly rules: CleanupRules;
  readonly leash: Leash;
  /** The time to judge by, of the service's clock. */
  at(): Date;
}
