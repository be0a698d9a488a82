import type { FindingFilter } from '../../findings/finding-queries';
import type { Course, PlanGoal, PlanMode, PlanState } from '../items/plan-item';
import type { CleanupRules } from '../rules/cleanup-rules';

/** Who makes, proposes or discards a plan: a name to show, and who is behind it. */
export interface Proposer {
  readonly name: string;
  readonly standsFor: string;
}

/** Findings by their ids, or all open ones that a filter takes in. */
export type PlanSelection = { readonly findingIds: readonly string[] } | { readonly filter: FindingFilter };

/** By which version of which policy a plan is made; absent: people made it. */
export interface MadeByPolicy {
  readonly mode: Exclude<PlanMode, 'by-hand'>;
  readonly policyName: string;
  readonly policyVersion: number;
}

export interface PlanRequest {
  /** Default: made from what is selected. */
  readonly title?: string | null | undefined;
  readonly note?: string | null | undefined;
  readonly goal: PlanGoal;
  /** Default: the tenant's setting, which is true unless somebody has changed it. */
  readonly dryRun?: boolean | null | undefined;
  readonly selection: PlanSelection;
  readonly madeBy?: MadeByPolicy | undefined;
}

/** How many of an account's identities of a kind a plan touches. */
export interface Share {
  readonly accountId: string;
  readonly awsAccountId: string;
  readonly kind: 'user' | 'role' | 'password' | 'access-key';
  readonly items: number;
  /** Of that kind, in that account, when the plan was made. */
  readonly identities: number;
}

/** How long a plan takes under its bounds, at best: change windows, pauses and halts come on top. */
export interface Pace {
  /** From the first to the last item that is begun. */
  readonly days: number;
  readonly perDay: number;
  readonly perExecution: number;
  /** Of the account with the most items. */
  readonly executions: number;
  /** Until the last item is as far as the plan goes, counted from its approval. */
  readonly daysToTheEnd: number;
}

/** The terms on which a plan was proposed; part of its manifest. */
export interface PlanTerms {
  readonly rules: CleanupRules;
  readonly approvals: {
    readonly needed: number;
    /** Sentences; empty: the usual number. */
    readonly because: readonly string[];
  };
  readonly shares: readonly Share[];
  readonly pace: Pace;
}

/** A row of `plans`. */
export interface PlanRow {
  tenant_id: string;
  id: string;
  title: string;
  mode: PlanMode;
  policy_name: string | null;
  policy_version: number | null;
  goal: PlanGoal;
  dry_run: boolean;
  state: PlanState;
  reason: string | null;
  remedy: string | null;
  terms: PlanTerms;
  /** As it was asked for, for people: the findings are named by the items. */
  selection: Record<string, unknown>;
  manifest_hash: string | null;
  approvals_needed: number;
  made_by: string;
  stands_for: string;
  note: string | null;
  created_at: Date;
  proposed_at: Date | null;
  lapses_at: Date | null;
  approved_at: Date | null;
  state_changed_at: Date;
  breaker_since: Date | null;
}

/** The kind of identity that a course puts away. */
export const KIND_OF: Readonly<Record<Course, Share['kind']>> = {
  'access-key': 'access-key',
  'observed-key': 'access-key',
  password: 'password',
  user: 'user',
  role: 'role',
};

/** As many identities as one plan may take in. */
export const MOST_ITEMS = 10_000;
