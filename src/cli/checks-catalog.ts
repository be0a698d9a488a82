import { unreachable } from '../errors';
import type { AnyCheck, Check, Standard, Steps } from '../findings/check';
import { checks } from '../findings/checks/index';
import type { InventoryAccessKey, InventoryPassword, InventoryRole, InventoryUser } from '../scans/inventory';

/** A check as `mothball checks` shows it: names in capitals stand for the identity's. */
export interface ListedCheck extends Omit<Check, 'remediation' | 'judge'> {
  readonly remediation: Steps;
}

export const catalogue = (): ListedCheck[] =>
  checks.map((check) => ({
    id: check.id,
    kind: check.kind,
    title: check.title,
    severity: check.severity,
    risk: check.risk,
    rationale: check.rationale,
    standards: check.standards,
    permissions: check.permissions,
    measures: check.measures,
    defaultIdleDays: check.defaultIdleDays,
    provisional: check.provisional,
    audit: check.audit,
    remediation: exampleRemediation(check),
  }));

/** "CIS AWS Foundations Benchmark v5.0 1.12 (at 90 days)". */
export const standardText = ({ standard, version, control, note }: Standard): string =>
  [standard, version, control, note === undefined ? null : `(${note})`].filter((part) => part !== null).join(' ');

const password: InventoryPassword = {
  kind: 'password',
  lastChangedAt: null,
  lastUsed: { state: 'never' },
  mfaActive: null,
};
const key: InventoryAccessKey = {
  kind: 'access-key',
  slot: 1,
  accessKeyId: 'ACCESS_KEY_ID',
  active: true,
  createdAt: null,
  lastUsed: { state: 'never' },
};
const principal = {
  uniqueId: '',
  path: '/',
  createdAt: new Date(0),
  tags: {},
  boundaryArn: null,
  attachedPolicyArns: ['POLICY_ARN'],
  inlinePolicyNames: ['POLICY_NAME'],
};
const user: InventoryUser = {
  ...principal,
  kind: 'user',
  arn: 'arn:aws:iam::ACCOUNT_ID:user/USER_NAME',
  name: 'USER_NAME',
  isRoot: false,
  groups: ['GROUP_NAME'],
  credentials: { state: 'known', value: { password, accessKeys: [key], activeCertificates: 0 } },
  otherCredentials: { state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 0 } },
};
const role: InventoryRole = {
  ...principal,
  kind: 'role',
  arn: 'arn:aws:iam::ACCOUNT_ID:role/ROLE_NAME',
  name: 'ROLE_NAME',
  lastUsed: { state: 'never' },
  instanceProfileArns: ['arn:aws:iam::ACCOUNT_ID:instance-profile/INSTANCE_PROFILE'],
  trustedPrincipals: [],
};

function exampleRemediation(check: AnyCheck): Steps {
  const owned = { ref: '', ownerRef: '', owner: user };
  switch (check.kind) {
    case 'user':
      return check.remediation({ kind: 'user', ref: '', user });
    case 'role':
      return check.remediation({ kind: 'role', ref: '', role });
    case 'password':
      return check.remediation({ ...owned, kind: 'password', password });
    case 'access-key': {
      const active = check.id !== 'inactive-access-key';
      return check.remediation({
        ...owned,
        kind: 'access-key',
        key: { ...key, active },
        sibling: null,
        inactiveSince: null,
      });
    }
    default:
      return unreachable(check);
  }
}
