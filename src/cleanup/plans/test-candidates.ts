import type { InventoryRole, InventoryUser } from '../../scans/inventory';
import { aRole, aUser } from '../../scans/test-inventory';
import { defaultRules } from '../rules/cleanup-rules';
import type { AccountState, Considered, OtherItem } from './considered';
import type { Candidate, PrincipalToPlan, SelectedFinding } from './courses';

/** What specs of planning work on. References are made of the name: `alice`, `alice/password`, `alice/key1`. */
export const userToPlan = (changes: Partial<InventoryUser> = {}): PrincipalToPlan & { kind: 'user' } => {
  const user = aUser(changes);
  const known = user.credentials.state === 'known' ? user.credentials.value : null;
  return {
    kind: 'user',
    accountId: 'account',
    stored: {
      id: user.name,
      user,
      passwordId: known?.password ? `${user.name}/password` : null,
      keys: (known?.accessKeys ?? []).map((key) => ({
        ...{ id: `${user.name}/key${key.slot}`, key, inactiveSince: null, keyIdAskedAt: null },
      })),
      otherCredentialsAskedAt: null,
    },
  };
};

export const roleToPlan = (changes: Partial<InventoryRole> = {}): PrincipalToPlan & { kind: 'role' } => {
  const role = aRole(changes);
  return { kind: 'role', accountId: 'account', stored: { id: role.name, role } };
};

const KINDS = { '': 'user', password: 'password', key1: 'access-key', key2: 'access-key' } as const;

/** Of a user's identity by its reference (`alice/key1`). */
export const aFinding = (
  identityId: string,
  checkId: SelectedFinding['check_id'],
  changes: Partial<SelectedFinding> = {},
): SelectedFinding => {
  const [name = '', part = ''] = identityId.split('/');
  return {
    id: `${checkId} of ${identityId}`,
    check_id: checkId,
    status: 'open',
    account_id: 'account',
    identity_id: identityId,
    kind: checkId === 'unused-role' ? 'role' : KINDS[part as keyof typeof KINDS],
    principal_row: name,
    ...changes,
  };
};

export const anAccount = (changes: Partial<AccountState> = {}): AccountState => ({
  id: 'account',
  awsAccountId: '111122223333',
  partition: 'aws',
  name: 'an account',
  tags: {},
  source: 'registered',
  status: 'owned',
  awsState: null,
  hasAccess: true,
  hasCleanupRole: true,
  tagsReadAt: null,
  roleArns: [],
  ...changes,
});

export const aCandidate = (changes: Partial<Candidate> = {}): Candidate => {
  const principal = changes.principal ?? roleToPlan();
  return {
    course: principal.kind,
    identityId: principal.stored.id,
    principal,
    key: null,
    findings: [aFinding(principal.stored.id, principal.kind === 'role' ? 'unused-role' : 'unused-user')],
    ...changes,
  };
};

export const anOther = (changes: Partial<OtherItem> = {}): OtherItem => ({
  id: 'other item',
  plan_id: 'other plan',
  plan_title: 'Of last week',
  plan_goal: 'quarantine',
  account_id: 'account',
  principal_id: 'AROAREPORTING',
  access_key_id: null,
  course: 'role',
  stage: 'quarantined',
  ...changes,
});

/** A role that nobody uses, and nothing speaks against putting it away. */
export const considered = (changes: Partial<Considered> = {}): Considered => ({
  candidate: aCandidate(),
  account: anAccount(),
  verdicts: [
    {
      checkId: 'unused-role',
      verdict: { state: 'non-compliant', why: 'Never used.', idleSince: null, idleAtLeast: true },
    },
  ],
  idleDays: 90,
  idle: { state: 'idle', idleSince: null, idleAtLeast: true },
  exempt: null,
  other: null,
  continues: null,
  trustedElsewhere: false,
  ownRoleArns: new Set(),
  namedByPolicy: false,
  goal: 'deletion',
  automatic: false,
  rules: defaultRules,
  ...changes,
});
