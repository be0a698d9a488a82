import { DAY_MS } from '../clock';
import type {
  InventoryAccessKey,
  InventoryPassword,
  InventoryRole,
  InventoryUser,
  LastUsed,
  ReportedCredentials,
} from './inventory';

/** What specs work on: plain credentials, each test changing only what its rule is about. */
export const AT = new Date('2026-06-30T12:00:00.000Z');

export const daysAgo = (days: number): Date => new Date(AT.getTime() - days * DAY_MS);
export const used = (days: number, region: string | null = 'eu-west-1', service: string | null = 's3'): LastUsed => ({
  state: 'at',
  at: daysAgo(days),
  region,
  service,
});
export const never: LastUsed = { state: 'never' };
export const unread: LastUsed = { state: 'unknown', reason: 'The credential report was denied.' };

export const aKey = (changes: Partial<InventoryAccessKey> = {}): InventoryAccessKey => ({
  kind: 'access-key',
  slot: 1,
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  active: true,
  createdAt: daysAgo(1000),
  lastUsed: never,
  ...changes,
});

export const aPassword = (changes: Partial<InventoryPassword> = {}): InventoryPassword => ({
  kind: 'password',
  lastChangedAt: daysAgo(1000),
  lastUsed: never,
  mfaActive: false,
  ...changes,
});

export const credentials = (changes: Partial<ReportedCredentials> = {}): InventoryUser['credentials'] => ({
  state: 'known',
  value: { password: null, accessKeys: [], activeCertificates: 0, ...changes },
});

export const aUser = (changes: Partial<InventoryUser> = {}): InventoryUser => ({
  kind: 'user',
  arn: 'arn:aws:iam::111122223333:user/alice',
  uniqueId: 'AIDAALICE',
  name: 'alice',
  path: '/',
  createdAt: daysAgo(1000),
  tags: {},
  boundaryArn: null,
  attachedPolicyArns: [],
  inlinePolicyNames: [],
  isRoot: false,
  groups: [],
  credentials: credentials(),
  otherCredentials: { state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 0 } },
  ...changes,
});

export const aRoot = (changes: Partial<InventoryUser> = {}): InventoryUser =>
  aUser({ name: '<root_account>', arn: 'arn:aws:iam::111122223333:root', isRoot: true, ...changes });

export const aRole = (changes: Partial<InventoryRole> = {}): InventoryRole => ({
  kind: 'role',
  arn: `arn:aws:iam::111122223333:role${changes.path ?? '/'}${changes.name ?? 'reporting'}`,
  uniqueId: 'AROAREPORTING',
  name: 'reporting',
  path: '/',
  createdAt: daysAgo(1000),
  tags: {},
  boundaryArn: null,
  attachedPolicyArns: [],
  inlinePolicyNames: [],
  lastUsed: never,
  instanceProfileArns: [],
  trustedPrincipals: ['lambda.amazonaws.com'],
  ...changes,
});
