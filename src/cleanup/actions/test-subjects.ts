import type { ActionContext } from '../action';
import type { ApprovedFacts, PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedKey, ObservedRole, ObservedUser } from '../observed';
import type { IntendedStep, StepAction } from '../steps';

export const NOW = new Date('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;
export const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY_MS);
export const DENY_ALL = 'arn:aws:iam::aws:policy/AWSDenyAll';
const ACCOUNT = '123456789012';

const common = {
  scope: 'whole',
  partition: 'aws',
  awsAccountId: ACCOUNT,
  path: '/',
  createdAt: daysAgo(500),
  boundaryArn: null,
  tags: {},
  attachedPolicyArns: [],
  inlinePolicies: {},
} as const;

/** Idle for 200 days, and with nothing attached. */
export const aUser = (changes: Partial<ObservedUser> = {}): ObservedUser => ({
  ...common,
  kind: 'user',
  uniqueId: 'AIDAUSERONE',
  name: 'alice',
  arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
  password: null,
  keys: [],
  groups: [],
  certificates: [],
  sshKeys: [],
  serviceCredentials: [],
  mfaDevices: [],
  ...changes,
});

export const aKey = (changes: Partial<ObservedKey> = {}): ObservedKey => ({
  id: 'AKIAONE',
  active: true,
  createdAt: daysAgo(400),
  lastUse: { known: true, at: daysAgo(200) },
  ...changes,
});

export const aRole = (changes: Partial<ObservedRole> = {}): ObservedRole => ({
  ...common,
  kind: 'role',
  uniqueId: 'AROAROLEONE',
  name: 'job',
  arn: `arn:aws:iam::${ACCOUNT}:role/job`,
  lastUse: { known: true, at: daysAgo(200) },
  trustPolicy: '{"Version":"2012-10-17","Statement":[]}',
  description: null,
  maxSessionSeconds: 3600,
  instanceProfileArns: [],
  ...changes,
});

const latestOf = (seen: Observed): Date | null => {
  const uses =
    seen.kind === 'role'
      ? [seen.lastUse]
      : [...seen.keys.map(({ lastUse }) => lastUse), ...(seen.password ? [seen.password.lastUse] : [])];
  const dates = uses.flatMap((use) => (use.known && use.at ? [use.at.getTime()] : []));
  return dates.length > 0 ? new Date(Math.max(...dates)) : null;
};

/** What would have been approved, had it been looked at just now. */
export const approvedAs = (seen: Observed, changes: Partial<ApprovedFacts> = {}): ApprovedFacts => ({
  createdAt: seen.createdAt.toISOString(),
  boundaryArn: seen.boundaryArn,
  tags: seen.tags,
  attachedPolicyArns: seen.attachedPolicyArns,
  inlinePolicyNames: Object.keys(seen.inlinePolicies),
  groups: seen.kind === 'user' ? seen.groups : [],
  instanceProfileArns: seen.kind === 'role' ? seen.instanceProfileArns : [],
  keys:
    seen.kind === 'user'
      ? seen.keys.map(({ id, createdAt, active }) => ({ id, createdAt: createdAt.toISOString(), active }))
      : [],
  hasPassword: seen.kind === 'user' && seen.password !== null,
  passwordChangedAt: (seen.kind === 'user' && seen.password?.createdAt.toISOString()) || null,
  lastUsedAt: latestOf(seen)?.toISOString() ?? null,
  idleDays: 90,
  ...changes,
});

/** An item about somebody, waiting. */
export const anItem = (seen: Observed, changes: Partial<PlanItemRow> = {}): PlanItemRow => ({
  tenant_id: '00000000-0000-7000-8000-000000000001',
  id: '00000000-0000-7000-8000-000000000002',
  plan_id: '00000000-0000-7000-8000-000000000003',
  position: 1,
  account_id: '00000000-0000-7000-8000-000000000004',
  aws_account_id: seen.awsAccountId,
  partition: seen.partition,
  identity_id: '00000000-0000-7000-8000-000000000005',
  course: seen.kind,
  principal_id: seen.uniqueId,
  name: seen.name,
  path: seen.path,
  arn: seen.arn,
  access_key_id: null,
  finding_ids: [],
  check_ids: [],
  approved: approvedAs(seen),
  references_found: [],
  continues_item_id: null,
  stage: 'waiting',
  stage_at: NOW,
  stage_before: null,
  code: null,
  reason: null,
  remedy: null,
  next_at: null,
  began_at: null,
  quarantined_at: null,
  quarantined_by: null,
  deletion_due_at: null,
  deletion_announced_at: null,
  silenced_at: null,
  point_of_no_return_at: null,
  ended_at: null,
  watched_at: null,
  unknown_since: null,
  life: null,
  losses: [],
  execution_id: null,
  ...changes,
});

export const contextOf = (item: PlanItemRow, changes: Partial<ActionContext> = {}): ActionContext => ({
  item,
  at: NOW,
  snapshot: null,
  intended: [],
  ...changes,
});

export const sent = (
  action: StepAction,
  request: Record<string, unknown>,
  outcome: IntendedStep['outcome'] = 'done',
): IntendedStep => ({ action, request, outcome });

/** Held for eight days; what held it was ours. */
export function held(seen: Observed, changes: Partial<PlanItemRow> = {}, context: Partial<ActionContext> = {}) {
  const put =
    seen.kind === 'user'
      ? sent('iam:PutUserPermissionsBoundary', { UserName: seen.name, PermissionsBoundary: DENY_ALL })
      : sent('iam:PutRolePermissionsBoundary', { RoleName: seen.name, PermissionsBoundary: DENY_ALL });
  const { intended = [], ...others } = context;
  return contextOf(anItem(seen, { quarantined_at: daysAgo(8), quarantined_by: 'boundary', ...changes }), {
    snapshot: seen,
    intended: [put, ...intended],
    ...others,
  });
}
