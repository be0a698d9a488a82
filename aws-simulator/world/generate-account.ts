import { Ages } from './ages';
import { generateRoles } from './generate-roles';
import { generateUsers } from './generate-users';
import { addMissingParts } from './account-parts';
import { makeId } from './ids';
import type { Instant, SimAccount, SimAccountSummary, SimGroup, SimManagedPolicy, SimRoot } from './model';
import type { WorldSettings } from './options';
import { Random } from './random';
import { DAY_MS } from './time-line';

/** What the generators of users and roles share. */
export interface Workshop {
  settings: WorldSettings;
  random: Random;
  ages: Ages;
  epoch: Instant;
  account: SimAccount;
}

const policy = (...statements: object[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  });

const CUSTOMER_POLICIES = [
  { name: 'app-data-access', document: policy({ Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }) },
  { name: 'deploy-stack', document: policy({ Action: ['cloudformation:*', 'iam:PassRole'], Resource: '*' }) },
  { name: 'read-metrics', document: policy({ Action: ['cloudwatch:Get*', 'cloudwatch:List*'], Resource: '*' }) },
] as const;

/**
 * The IAM side of one account, the same for the same seed and account whenever it is made.
 * `reserved` roles of `rolesPerAccount` are left for those that a StackSet brings.
 */
export function generateAccount(
  settings: WorldSettings,
  summary: SimAccountSummary,
  epoch: Instant,
  reserved: number,
): SimAccount {
  const random = new Random(`${settings.seed}:${summary.accountId}:identities`);
  const ages = new Ages(random, epoch, settings.shape.ages, settings.partition);
  const account: SimAccount = {
    summary,
    partition: settings.partition,
    alias: random.chance(0.7) ? `acme-${summary.name}` : null,
    root: root(random, ages, summary, epoch),
    users: new Map(),
    roles: new Map(),
    groups: new Map(),
    policies: new Map(),
    instanceProfiles: new Map(),
    mfaDevices: new Map(),
  };
  for (const made of policies(account, random)) account.policies.set(made.arn, made);
  for (const group of groups(account, random)) account.groups.set(group.name.toLowerCase(), group);
  const workshop = { settings, random, ages, epoch, account };
  for (const user of generateUsers(workshop)) account.users.set(user.name.toLowerCase(), user);
  const roles = generateRoles({ ...workshop, random: new Random(`${settings.seed}:${summary.accountId}:roles`) });
  const wanted = settings.rolesPerAccount === undefined ? roles.length : Math.max(0, roles.length - reserved);
  for (const role of roles.slice(0, wanted)) account.roles.set(role.name.toLowerCase(), role);
  addMissingParts(account);
  return account;
}

function root(random: Random, ages: Ages, summary: SimAccountSummary, epoch: Instant): SimRoot {
  // An invited account is older than its membership.
  const createdAt = summary.joinedMethod === 'INVITED' ? summary.joinedAt - 200 * DAY_MS : summary.joinedAt;
  const keyAt = ages.between(createdAt, epoch - DAY_MS);
  const accessKey = {
    accessKeyId: makeId(random, 'AKIA', summary.accountId),
    secretAccessKey: random.secret(),
    active: random.chance(0.6),
    createdAt: keyAt,
    lastUse: ages.use(keyAt),
  };
  return {
    createdAt,
    passwordLastUsedAt: ages.signedIn(createdAt),
    accessKeys: random.chance(0.1) ? [accessKey] : [],
    mfaActive: random.chance(0.85),
  };
}

function policies(account: SimAccount, random: Random): SimManagedPolicy[] {
  const { partition, summary } = account;
  return CUSTOMER_POLICIES.map(({ name, document }) => ({
    arn: `arn:${partition}:iam::${summary.accountId}:policy/${name}`,
    name,
    path: '/',
    policyId: makeId(random, 'ANPA', summary.accountId),
    document,
    createdAt: summary.joinedAt,
  }));
}

function groups(account: SimAccount, random: Random): SimGroup[] {
  const { partition, summary } = account;
  const group = (name: string, attachedPolicyArns: string[]): SimGroup => ({
    name,
    path: '/',
    uniqueId: makeId(random, 'AGPA', summary.accountId),
    createdAt: summary.joinedAt,
    attachedPolicyArns,
    inlinePolicies: new Map(),
  });
  return [
    group('admins', [`arn:${partition}:iam::aws:policy/AdministratorAccess`]),
    group('developers', [`arn:${partition}:iam::${summary.accountId}:policy/app-data-access`]),
    group('read-only', [`arn:${partition}:iam::aws:policy/ReadOnlyAccess`]),
    group('auditors', [`arn:${partition}:iam::aws:policy/SecurityAudit`]),
    group('ci', [`arn:${partition}:iam::${summary.accountId}:policy/deploy-stack`]),
  ];
}
