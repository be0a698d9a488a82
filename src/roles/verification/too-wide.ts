import type { AccountAccess } from '../../aws/account-access';
import { isDenied } from '../../aws/errors';
import { SIMULATE } from '../needs';
import type { AccountRoleKind, TooWide } from './findings';
import { requestContext, sampleArn, type Verified } from './samples';
import { simulate } from './simulation';

/** What a role must not be allowed. */
interface Forbidden {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Where the request differs from those that Mothball sends. */
  readonly context?: Readonly<Record<string, string>>;
  /** Ends a sentence that begins with "May … on …:". */
  readonly why: string;
  readonly remedy: string;
}

/** Whoever may do one of these can give itself, or somebody, every permission in the account. */
const ESCALATIONS = {
  users: [
    'iam:AttachUserPolicy',
    'iam:CreateAccessKey',
    'iam:CreateLoginProfile',
    'iam:CreateUser',
    'iam:PutUserPolicy',
    'iam:UpdateLoginProfile',
  ],
  roles: [
    'iam:AttachRolePolicy',
    'iam:CreateRole',
    'iam:PassRole',
    'iam:PutRolePolicy',
    'iam:UpdateAssumeRolePolicy',
    'sts:AssumeRole',
  ],
  policies: ['iam:CreatePolicy', 'iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion'],
  groups: ['iam:AddUserToGroup', 'iam:AttachGroupPolicy', 'iam:PutGroupPolicy'],
} as const;

const CHANGES = {
  users: [
    'iam:DeleteAccessKey',
    'iam:DeleteLoginProfile',
    'iam:DeleteUser',
    'iam:DeleteUserPolicy',
    'iam:UpdateAccessKey',
  ],
  roles: ['iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:DetachRolePolicy'],
} as const;

const BOUNDARIES = {
  users: ['iam:DeleteUserPermissionsBoundary', 'iam:PutUserPermissionsBoundary'],
  roles: ['iam:DeleteRolePermissionsBoundary', 'iam:PutRolePermissionsBoundary'],
} as const;

/** What the role may do and must not, as IAM says; nothing where the scan role may not ask about it. */
export async function tooWide(access: AccountAccess, verified: Verified, kind: AccountRoleKind): Promise<TooWide[]> {
  const roleArn = verified.roleArns[kind];
  if (roleArn === undefined) return [];
  const found: TooWide[] = [];
  for (const { actions, resources, context, why, remedy } of forbidden(verified, kind)) {
    try {
      const answers = await simulate(access, {
        roleArn,
        actions,
        resources,
        context: { ...requestContext(verified), ...context },
      });
      for (const { action, resource, allowed } of answers) {
        if (allowed)
          found.push({
            action,
            resource,
            why: `May ${action} on ${resource}: ${why}.`,
            remedy: `${remedy} (${roleArn}).`,
          });
      }
    } catch (error) {
      if (!isDenied(error)) throw access.explain(error, SIMULATE);
      return found;
    }
  }
  return found;
}

function forbidden(verified: Verified, kind: AccountRoleKind): Forbidden[] {
  switch (kind) {
    case 'scan':
      return [...escalations(verified), ...anyChange(verified)];
    case 'cleanup':
      return [...escalations(verified), ...otherBoundaries(verified), protectedRoles(verified)];
    case 'restore':
      return [...beyondRestoring(verified), protectedRoles(verified)];
  }
}

const TAKE_OUT = 'Take the action out of the policies of the role';
const userOf = (verified: Verified): string[] => [sampleArn(verified, 'user/sample')];
const roleOf = (verified: Verified): string[] => [sampleArn(verified, 'role/sample')];

function escalations(verified: Verified): Forbidden[] {
  const why = 'with that it could make itself or anybody else an administrator of the account';
  const remedy = TAKE_OUT;
  return [
    { why, remedy, actions: ESCALATIONS.users, resources: userOf(verified) },
    { why, remedy, actions: ESCALATIONS.roles, resources: roleOf(verified) },
    { why, remedy, actions: ESCALATIONS.policies, resources: [sampleArn(verified, 'policy/sample')] },
    { why, remedy, actions: ESCALATIONS.groups, resources: [sampleArn(verified, 'group/sample')] },
  ];
}

function anyChange(verified: Verified): Forbidden[] {
  const why = 'a scan role reads and changes nothing';
  const remedy = TAKE_OUT;
  return [
    { why, remedy, actions: [...CHANGES.users, ...BOUNDARIES.users], resources: userOf(verified) },
    { why, remedy, actions: [...CHANGES.roles, ...BOUNDARIES.roles], resources: roleOf(verified) },
  ];
}

function otherBoundaries(verified: Verified): Forbidden[] {
  const why =
    'a quarantine uses the boundary AWSDenyAll and no other; with another one it could lift a limit that you set';
  const remedy = 'Allow it only on condition that iam:PermissionsBoundary is the ARN of AWSDenyAll';
  const context = { 'iam:PermissionsBoundary': sampleArn(verified, 'policy/another') };
  return [
    { why, remedy, context, actions: BOUNDARIES.users, resources: userOf(verified) },
    { why, remedy, context, actions: BOUNDARIES.roles, resources: roleOf(verified) },
  ];
}

function beyondRestoring(verified: Verified): Forbidden[] {
  return [
    {
      actions: ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile', ...CHANGES.users],
      resources: userOf(verified),
      why: 'restoring makes no keys or passwords and deletes nothing',
      remedy: TAKE_OUT,
    },
    {
      actions: [...CHANGES.roles, 'sts:AssumeRole', 'iam:UpdateAssumeRolePolicy'],
      resources: roleOf(verified),
      why: 'restoring makes roles again; it uses none and deletes none',
      remedy: TAKE_OUT,
    },
    {
      actions: ['iam:PassRole'],
      resources: roleOf(verified),
      context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
      why: 'only instance profiles need a role passed, which is to EC2',
      remedy: 'Allow it only on condition that iam:PassedToService is EC2',
    },
  ];
}

const protectedRoles = (verified: Verified): Forbidden => ({
  actions: [...CHANGES.roles, ...BOUNDARIES.roles, 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
  resources: protectedArns(verified),
  why: 'that role belongs to AWS, to the organization or to Mothball itself, and is never to be changed',
  remedy: 'Deny iam:* on that role, as the template does',
});

const protectedArns = (verified: Verified): string[] => [
  ...[
    'role/aws-service-role/ec2.amazonaws.com/sample',
    'role/aws-reserved/sso.amazonaws.com/sample',
    'role/OrganizationAccountAccessRole',
  ].map((resource) => sampleArn(verified, resource)),
  ...Object.values(verified.roleArns),
];
