import type { Grant, GrantCondition, GrantTarget } from '../../aws/grants';
import { optionalScanNeeds, type RoleKind, roleNeeds } from '../needs';

/**
 * Policies before they are written for somebody: ARNs hold `{partition}`, `{account}`, `{path}` (of Mothball's roles),
 * `{scan}`, `{cleanup}`, `{restore}` (their names) and `{externalId}`, `{principals}`, which each form of a template
 * fills in its own way.
 */
export type Variable = 'partition' | 'account' | 'path' | 'scan' | 'cleanup' | 'restore' | 'externalId' | 'principals';

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: { readonly AWS: string };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const iam = (resource: string): string => `arn:{partition}:iam::{account}:${resource}`;

export const DENY_ALL_BOUNDARY = 'arn:{partition}:iam::aws:policy/AWSDenyAll';

const MOTHBALL_ROLES = [iam('role{path}{scan}'), iam('role{path}{cleanup}'), iam('role{path}{restore}')];

const RESOURCES: Readonly<Record<GrantTarget, string | readonly string[]>> = {
  any: '*',
  users: iam('user/*'),
  roles: iam('role/*'),
  groups: iam('group/*'),
  'instance-profiles': iam('instance-profile/*'),
  'mfa-devices': iam('mfa/*'),
  'mothball-roles': MOTHBALL_ROLES,
  topics: 'arn:{partition}:sns:*:{account}:*',
};

const CONDITIONS: Readonly<Record<GrantCondition, NonNullable<Statement['Condition']>>> = {
  'boundary-is-deny-all': { StringEquals: { 'iam:PermissionsBoundary': DENY_ALL_BOUNDARY } },
  // Not every call that passes a role says to which service: IAM's own says none at times.
  'passed-to-ec2': { StringEqualsIfExists: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'] } },
};

/**
 * Roles that nothing of Mothball ever changes, whatever else it is allowed: AWS's own, the way in from the management
 * account, and Mothball's (under other names than the default ones, too), which could otherwise widen themselves.
 */
const PROTECTED_ROLES: readonly string[] = [
  iam('role/aws-service-role/*'),
  iam('role/aws-reserved/*'),
  iam('role/OrganizationAccountAccessRole'),
  iam('role/mothball-*'),
  iam('role/*/mothball-*'),
  ...MOTHBALL_ROLES,
];

/** What the role may do. */
export function permissionsPolicy(kind: RoleKind): PolicyDocument {
  const allowed = roleNeeds[kind].map(statementOf);
  const protecting: Statement = {
    Sid: 'NeverTheseRoles',
    Effect: 'Deny',
    Action: 'iam:*',
    Resource: PROTECTED_ROLES,
  };
  return { Version: '2012-10-17', Statement: changes(kind) ? [...allowed, protecting] : allowed };
}

/** What the scan role may do besides, where the account says so. */
export const trailPolicy = (): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: optionalScanNeeds.map(statementOf),
});

/** Whether the role may change anything at all. */
export const changes = (kind: RoleKind): boolean => kind === 'cleanup' || kind === 'restore';

const words = (text: string): string =>
  text
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const statementOf = ({ actions, on, when }: Grant): Statement => ({
  Sid: `On${words(on)}${when === undefined ? '' : `When${words(when)}`}`,
  Effect: 'Allow',
  Action: actions,
  Resource: RESOURCES[on],
  ...(when === undefined ? {} : { Condition: CONDITIONS[when] }),
});

/**
 * Who may assume the role: Mothball, with this account's external id. Sessions that change something carry a source
 * identity, which CloudTrail shows; `sts:ExternalId` is no key of `SetSourceIdentity`, so that is a statement of its own.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
export function trustPolicy(kind: RoleKind): PolicyDocument {
  const Principal = { AWS: '{principals}' };
  const assume: Statement = {
    Sid: 'MothballWithTheExternalId',
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': '{externalId}' } },
  };
  const identify: Statement = {
    Sid: 'MothballSaysForWhat',
    Effect: 'Allow',
    Principal,
    Action: 'sts:SetSourceIdentity',
  };
  return { Version: '2012-10-17', Statement: changes(kind) ? [assume, identify] : [assume] };
}

/** Fills the variables of a text. Throws for one that has no value. */
export function fill(text: string, values: Partial<Readonly<Record<Variable, string>>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name as Variable];
    if (value === undefined) throw new Error(`The variable ${whole} of "${text}" has no value.`);
    return value;
  });
}

export const hasVariable = (text: string): boolean => /\{\w+\}/.test(text);
