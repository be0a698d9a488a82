import type { Partition } from '../../aws/partitions';
import type { AccountRow } from '../../accounts/account';
import type { Verdict } from '../../findings/check';
import type { CheckId } from '../../findings/policy';
import type { Course, PlanGoal, Stage } from '../items/plan-item';
import type { CleanupRules } from '../rules/cleanup-rules';
import type { Candidate } from './courses';
import type { ItemIdleness } from './idle-rule';

/** What planning asks of an account. */
export interface AccountState {
  readonly id: string;
  readonly awsAccountId: string;
  readonly partition: Partition;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: AccountRow['source'];
  readonly status: AccountRow['status'];
  readonly awsState: string | null;
  readonly hasAccess: boolean;
  readonly hasCleanupRole: boolean;
  /** When Organizations' tags of it were last read; null: never, or it is in none. */
  readonly tagsReadAt: Date | null;
  readonly roleArns: readonly string[];
}

/** An item of another plan for the same user or role that is waiting, at work or held. */
export interface OtherItem {
  readonly id: string;
  readonly plan_id: string;
  readonly plan_title: string;
  readonly plan_goal: PlanGoal;
  readonly account_id: string;
  readonly principal_id: string;
  readonly access_key_id: string | null;
  readonly course: Course;
  readonly stage: Stage;
}

/** All that decides whether a candidate may be in a plan. */
export interface Considered {
  readonly candidate: Candidate;
  readonly account: AccountState;
  /** What the policy in force says now about each finding; undefined: nothing, the check does not apply to it any more. */
  readonly verdicts: readonly { readonly checkId: CheckId; readonly verdict: Verdict | undefined }[];
  readonly idleDays: number;
  /** Idle for `idleDays`, when it was last read. */
  readonly idle: ItemIdleness;
  /** Why something that would go with it is exempt at this moment; null: nothing is. */
  readonly exempt: string | null;
  /** Of another plan, in the way of this one. */
  readonly other: OtherItem | null;
  /** Of another plan that only quarantined it: this one would go on from there. */
  readonly continues: OtherItem | null;
  readonly trustedElsewhere: boolean;
  /** ARNs of Mothball's own roles. */
  readonly ownRoleArns: ReadonlySet<string>;
  /** Whether the deciding policy's scope names it, letter by letter. */
  readonly namedByPolicy: boolean;
  readonly goal: PlanGoal;
  /** Made by a policy that acts by itself. */
  readonly automatic: boolean;
  readonly rules: CleanupRules;
}
