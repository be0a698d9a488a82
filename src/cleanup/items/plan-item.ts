import type { Partition } from '../../aws/partitions';

/**
 * What is put away: one key, one password, or a user or role with everything attached. `observed-key`: a key that is its
 * user's only active credential. The user is quarantined and the key left active, so that its use is noticed; in the end
 * the key alone is deleted, and the user has its boundary taken away again.
 */
export const COURSES = ['access-key', 'observed-key', 'password', 'user', 'role'] as const;
export type Course = (typeof COURSES)[number];

/**
 * How far an item is.
 *
 * `waiting` → `quarantining` → `quarantined` (→ `silenced`: a user's keys are inactive, too) → `deleting` → `deleted`.
 * A password is `announced` instead of quarantined. A dry run ends as `rehearsed`. `refused`: while planning; `dropped`:
 * when it was looked at again before anything was done, or on the way and everything was given back. `halted`: it stays in quarantine until
 * people decide. `returning` → `restored`; `recreating` → `recreated`. `handed-over`: a later plan goes on with it.
 */
export const STAGES = [
  'refused',
  'waiting',
  'rehearsed',
  'quarantining',
  'announced',
  'quarantined',
  'silenced',
  'deleting',
  'deleted',
  'returning',
  'restored',
  'recreating',
  'recreated',
  'halted',
  'dropped',
  'handed-over',
  'cancelled',
] as const;
export type Stage = (typeof STAGES)[number];

/** Something of it is, or may be, changed in AWS and not yet settled. The same list is in an index and a trigger of the schema. */
export const AT_WORK = [
  'quarantining',
  'announced',
  'quarantined',
  'silenced',
  'deleting',
  'returning',
  'recreating',
  'halted',
] as const satisfies readonly Stage[];

/** What the approval was given for; a fresh read must not show more than this. */
export interface ApprovedFacts {
  /** ISO 8601, whole seconds; of the user or role. */
  readonly createdAt: string;
  readonly boundaryArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly attachedPolicyArns: readonly string[];
  readonly inlinePolicyNames: readonly string[];
  /** Of a user. */
  readonly groups: readonly string[];
  /** Of a role. */
  readonly instanceProfileArns: readonly string[];
  /** Of a user: all of its keys, by creation second; the id where it has been looked up. */
  readonly keys: readonly { readonly id: string | null; readonly createdAt: string; readonly active: boolean }[];
  readonly hasPassword: boolean;
  /** When the password was last changed; null: unknown or none. */
  readonly passwordChangedAt: string | null;
  /** The latest use of what the item puts away, as known when it was proposed; null: none was seen. */
  readonly lastUsedAt: string | null;
  /** What must have been idle so long, in days: every look before an act is held to this. */
  readonly idleDays: number;
}

/** What names an identity, or cannot be seen; a sentence for people. */
export interface Reference {
  readonly kind: 'trust-policy' | 'instance-profile' | 'group' | 'attached-policy' | 'unseen';
  /** The ARN or name of what holds the reference; null: it cannot be seen. */
  readonly holder: string | null;
  readonly text: string;
}

export interface SignOfLife {
  /** `service-last-accessed`, `role-last-used`, `access-key-last-used`, `password-last-used` or `cloudtrail`. */
  readonly source: string;
  /** ISO 8601; null: AWS did not say when. */
  readonly at: string | null;
  /** For people: what was used, where. */
  readonly detail: string;
}

/** A row of `plan_items`. */
export interface PlanItemRow {
  tenant_id: string;
  id: string;
  plan_id: string;
  position: number;
  account_id: string;
  aws_account_id: string;
  partition: Partition;
  identity_id: string;
  course: Course;
  principal_id: string;
  name: string;
  path: string;
  arn: string;
  access_key_id: string | null;
  finding_ids: string[];
  check_ids: string[];
  approved: ApprovedFacts;
  references_found: Reference[];
  continues_item_id: string | null;
  stage: Stage;
  stage_at: Date;
  stage_before: Stage | null;
  code: string | null;
  reason: string | null;
  remedy: string | null;
  next_at: Date | null;
  began_at: Date | null;
  quarantined_at: Date | null;
  quarantined_by: 'boundary' | 'inactive-key' | 'notice' | null;
  deletion_due_at: Date | null;
  deletion_announced_at: Date | null;
  silenced_at: Date | null;
  point_of_no_return_at: Date | null;
  ended_at: Date | null;
  watched_at: Date | null;
  unknown_since: Date | null;
  life: SignOfLife | null;
  losses: string[];
  execution_id: string | null;
}

export const PLAN_STATES = [
  'draft',
  'proposed',
  'approved',
  'halted',
  'completed',
  'cancelled',
  'lapsed',
  'refused',
] as const;
export type PlanState = (typeof PLAN_STATES)[number];

export const PLAN_MODES = ['by-hand', 'propose', 'automatic-quarantine', 'automatic-deletion'] as const;
export type PlanMode = (typeof PLAN_MODES)[number];

export type PlanGoal = 'quarantine' | 'deletion';
