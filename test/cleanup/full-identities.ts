import type { RunningSimulator } from '../../aws-simulator/server';
import type { SimRole, SimUser } from '../../aws-simulator/world/model';

const DAY_MS = 86_400_000;
const MANAGED = ['arn:aws:iam::aws:policy/IAMReadOnlyAccess', 'arn:aws:iam::aws:policy/IAMUserChangePassword'];
const INLINE = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:*', 'sts:*'], Resource: '*' }],
});

export const daysAgo = (now: Date, days: number): number => Math.floor((now.getTime() - days * DAY_MS) / 1_000) * 1_000;

export const usedAt = (at: number, service = 's3') => ({ at, region: 'us-east-1', service });

/** A user that has one of everything, all of it idle for 200 days. */
export function addFullUser({ control }: RunningSimulator, accountId: string, name: string, now: Date): SimUser {
  return control.createUser(accountId, {
    name,
    path: '/people/',
    createdAt: daysAgo(now, 500),
    tags: { team: 'a' },
    groups: ['readers', 'writers'],
    password: { createdAt: daysAgo(now, 400) },
    passwordLastUsedAt: daysAgo(now, 300),
    keys: [
      { createdAt: daysAgo(now, 400), lastUse: usedAt(daysAgo(now, 200)) },
      { createdAt: daysAgo(now, 390), active: false },
    ],
    credentials: [
      { kind: 'ssh', active: false },
      { kind: 'certificate', active: false },
      { kind: 'service-specific', active: false },
    ],
    mfa: true,
    hardwareMfa: [`GAHT0000-${name}`],
    attachedPolicyArns: MANAGED,
    inlinePolicies: { own: INLINE, other: INLINE },
  });
}

/** A role in two instance profiles, idle for 200 days. */
export function addFullRole({ control }: RunningSimulator, accountId: string, name: string, now: Date): SimRole {
  return control.createRole(accountId, {
    name,
    path: '/jobs/',
    createdAt: daysAgo(now, 500),
    tags: { team: 'a' },
    lastUse: usedAt(daysAgo(now, 200)),
    instanceProfiles: [`${name}-one`, `${name}-two`],
    attachedPolicyArns: MANAGED,
    inlinePolicies: { own: INLINE, other: INLINE },
  });
}

/** A user and a role that are in daily use: nothing may ever happen to them. */
export function addBystanders({ control }: RunningSimulator, accountId: string, now: Date): void {
  const yesterday = daysAgo(now, 1);
  control.createUser(accountId, {
    name: 'at-work',
    createdAt: daysAgo(now, 20),
    keys: [{ lastUse: usedAt(yesterday) }],
    attachedPolicyArns: MANAGED,
  });
  control.createRole(accountId, {
    name: 'at-work',
    createdAt: daysAgo(now, 20),
    lastUse: usedAt(yesterday),
    attachedPolicyArns: MANAGED,
  });
}
