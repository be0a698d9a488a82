import { addMissingParts } from './account-parts';
import type { IdKind } from './ids';
import type { Instant, LastUse, SimAccount, SimCredential, SimRole, SimUser } from './model';
import type { TimeLine } from './time-line';
import { WorldError } from './world-error';

export interface NewKey {
  active?: boolean;
  /** Default: the user's creation. */
  createdAt?: Instant;
  lastUse?: LastUse | null;
}

export interface NewUser {
  name: string;
  path?: string;
  /** Default: now. */
  createdAt?: Instant;
  tags?: Readonly<Record<string, string>>;
  groups?: readonly string[];
  /** Dates default to the user's creation; last change to the password's own. */
  password?: { createdAt?: Instant; lastChangedAt?: Instant } | null;
  passwordLastUsedAt?: Instant | null;
  keys?: readonly NewKey[];
  credentials?: readonly Pick<SimCredential, 'kind' | 'active'>[];
  /** A virtual device, enabled. */
  mfa?: boolean;
  /** Serial numbers of hardware devices, enabled. */
  hardwareMfa?: readonly string[];
  attachedPolicyArns?: readonly string[];
  inlinePolicies?: Readonly<Record<string, string>>;
  boundaryArn?: string | null;
}

export interface NewRole {
  name: string;
  path?: string;
  createdAt?: Instant;
  tags?: Readonly<Record<string, string>>;
  /** Default: trusts EC2. */
  trustPolicy?: string;
  lastUse?: LastUse | null;
  instanceProfiles?: readonly string[];
  attachedPolicyArns?: readonly string[];
  inlinePolicies?: Readonly<Record<string, string>>;
  boundaryArn?: string | null;
  description?: string;
  maxSessionDuration?: number;
}

interface Maker {
  time: TimeLine;
  newUniqueId(kind: IdKind, accountId: string): string;
  newSecret(): string;
}

const CREDENTIAL_KINDS = { ssh: 'APKA', certificate: 'ASCA', 'service-specific': 'ACCA' } as const;

const EC2_TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** Adds a user with everything at once. Throws EntityAlreadyExists. */
export function createUser(maker: Maker, account: SimAccount, input: NewUser): SimUser {
  const { accountId } = account.summary;
  refuseTaken(account.users, 'User', input.name);
  const createdAt = input.createdAt ?? maker.time.second();
  const password = input.password ?? null;
  const passwordAt = password?.createdAt ?? createdAt;
  const user: SimUser = {
    name: input.name,
    path: input.path ?? '/',
    uniqueId: maker.newUniqueId('AIDA', accountId),
    createdAt,
    tags: new Map(Object.entries(input.tags ?? {})),
    boundaryArn: input.boundaryArn ?? null,
    attachedPolicyArns: [...(input.attachedPolicyArns ?? [])],
    inlinePolicies: new Map(Object.entries(input.inlinePolicies ?? {})),
    serviceAttempts: new Map(),
    groups: [...(input.groups ?? [])],
    password: password === null ? null : { createdAt: passwordAt, lastChangedAt: password.lastChangedAt ?? passwordAt },
    passwordLastUsedAt: input.passwordLastUsedAt ?? null,
    accessKeys: (input.keys ?? []).map((key) => ({
      accessKeyId: maker.newUniqueId('AKIA', accountId),
      secretAccessKey: maker.newSecret(),
      active: key.active ?? true,
      createdAt: key.createdAt ?? createdAt,
      lastUse: key.lastUse ?? null,
    })),
    credentials: (input.credentials ?? []).map(({ kind, active }) => ({
      id: maker.newUniqueId(CREDENTIAL_KINDS[kind], accountId),
      kind,
      active,
      service: kind === 'service-specific' ? 'codecommit.amazonaws.com' : null,
      createdAt,
    })),
    mfaDevices: [
      ...(input.mfa === true ? [`arn:${account.partition}:iam::${accountId}:mfa/${input.name}`] : []),
      ...(input.hardwareMfa ?? []),
    ],
  };
  account.users.set(user.name.toLowerCase(), user);
  addMissingParts(account, [user], []);
  return user;
}

/** Adds a role. Throws EntityAlreadyExists. */
export function createRole(maker: Maker, account: SimAccount, input: NewRole): SimRole {
  refuseTaken(account.roles, 'Role', input.name);
  const role: SimRole = {
    name: input.name,
    path: input.path ?? '/',
    uniqueId: maker.newUniqueId('AROA', account.summary.accountId),
    createdAt: input.createdAt ?? maker.time.second(),
    tags: new Map(Object.entries(input.tags ?? {})),
    boundaryArn: input.boundaryArn ?? null,
    attachedPolicyArns: [...(input.attachedPolicyArns ?? [])],
    inlinePolicies: new Map(Object.entries(input.inlinePolicies ?? {})),
    serviceAttempts: new Map(),
    description: input.description ?? '',
    maxSessionDuration: input.maxSessionDuration ?? 3_600,
    trustPolicy: input.trustPolicy ?? EC2_TRUST,
    lastUse: input.lastUse ?? null,
    instanceProfiles: [...(input.instanceProfiles ?? [])],
  };
  account.roles.set(role.name.toLowerCase(), role);
  addMissingParts(account, [], [role]);
  return role;
}

function refuseTaken(taken: ReadonlyMap<string, unknown>, kind: string, name: string): void {
  if (taken.has(name.toLowerCase())) {
    throw new WorldError('EntityAlreadyExists', `${kind} with name ${name} already exists.`);
  }
}
