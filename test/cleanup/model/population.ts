import type { Control } from '../../../aws-simulator/control/control';
import type { RoleSketch, Sketch, UserSketch } from './random-world';

const DAY_MS = 86_400_000;
const MANAGED = ['arn:aws:iam::aws:policy/IAMReadOnlyAccess', 'arn:aws:iam::aws:policy/IAMUserChangePassword'];
const inlineDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:*', 'sts:*'], Resource: '*' }],
});

export const DENY_ALL = 'arn:aws:iam::aws:policy/AWSDenyAll';

/** An identity of a random world, as it was made. */
export interface Made {
  readonly sketch: Sketch;
  readonly name: string;
  readonly uniqueId: string;
}

/** Makes what is sketched. `now`: the present, in milliseconds. */
export function populate(control: Control, accountId: string, sketches: readonly Sketch[], now: number): Made[] {
  return sketches.map((sketch, index) => {
    const name = `${sketch.kind}-${index}`;
    const made =
      sketch.kind === 'user'
        ? control.createUser(accountId, { name, ...shared(sketch, now), ...userParts(sketch, now, name) })
        : control.createRole(accountId, { name, ...shared(sketch, now), ...roleParts(sketch, now, name) });
    return { sketch, name, uniqueId: made.uniqueId };
  });
}

const ago = (now: number, days: number): number => Math.floor((now - days * DAY_MS) / 1_000) * 1_000;

const lastUse = (now: number, usedDaysAgo: number | null, ageDays: number) =>
  usedDaysAgo === null ? null : { at: ago(now, Math.min(usedDaysAgo, ageDays)), region: 'us-east-1', service: 's3' };

function shared(sketch: Sketch, now: number) {
  const { ageDays, managedPolicies, inlinePolicies, reserved } = sketch;
  const boundaryArn =
    reserved === 'own-boundary' ? (MANAGED[0] ?? null) : reserved === 'own-deny-all' ? DENY_ALL : null;
  return {
    createdAt: ago(now, ageDays),
    attachedPolicyArns: MANAGED.slice(0, managedPolicies),
    inlinePolicies: Object.fromEntries(
      Array.from({ length: inlinePolicies }, (_, number) => [`inline-${number}`, inlineDocument]),
    ),
    boundaryArn,
    tags: reserved === 'managed-as-code' ? { 'aws:cloudformation:stack-name': 'a-stack' } : { team: 'a' },
  };
}

function userParts(sketch: UserSketch, now: number, name: string) {
  const { ageDays, password, keys, groups, mfa, credentials } = sketch;
  return {
    password: password && { createdAt: ago(now, Math.min(password.changedDaysAgo, ageDays)) },
    passwordLastUsedAt:
      password === null || password.usedDaysAgo === null ? null : ago(now, Math.min(password.usedDaysAgo, ageDays)),
    keys: keys.map((key) => {
      const keyAge = Math.min(key.ageDays, ageDays);
      return { active: key.active, createdAt: ago(now, keyAge), lastUse: lastUse(now, key.usedDaysAgo, keyAge) };
    }),
    groups: Array.from({ length: groups }, (_, number) => `group-${number}`),
    mfa,
    hardwareMfa: mfa && credentials.length > 0 ? [`GAHT0000-${name}`] : [],
    credentials,
  };
}

const roleParts = (sketch: RoleSketch, now: number, name: string) => ({
  lastUse: lastUse(now, sketch.usedDaysAgo, sketch.ageDays),
  instanceProfiles: Array.from({ length: sketch.instanceProfiles }, (_, number) => `profile-${name}-${number}`),
  ...(sketch.serviceLinked ? { path: '/aws-service-role/example.amazonaws.com/' } : {}),
});
