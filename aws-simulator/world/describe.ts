import { createHash } from 'node:crypto';
import { instanceProfile, mfaDevice } from './account-parts';
import { roleArn, userArn } from './arn';
import type { SimAccount, SimPrincipal, SimRole, SimUser } from './model';

/**
 * Everything about one identity that somebody could have changed, as one text: the same text, byte for byte, means that
 * nothing differs. What use alone moves (last uses, attempts, sign-ins) is not in it. Lists are sorted, since IAM knows
 * no order of attachments; secrets are there as hashes. `trustPolicy` is passed in, as it is shown: with the unique ids
 * of principals that are gone.
 */
export function describeUser(account: SimAccount, user: SimUser): string {
  const groups = user.groups.map((name) => account.groups.get(name.toLowerCase())?.uniqueId ?? name);
  return text({
    ...common(user),
    arn: userArn(account, user),
    groups: [...user.groups].sort(),
    groupIds: groups.sort(),
    password: user.password && { ...user.password, resetRequired: user.password.resetRequired ?? false },
    accessKeys: sortedBy(
      user.accessKeys.map(({ accessKeyId, secretAccessKey, active, createdAt }) => ({
        accessKeyId,
        secret: hashed(secretAccessKey),
        active,
        createdAt,
      })),
      ({ accessKeyId }) => accessKeyId,
    ),
    credentials: sortedBy(user.credentials, ({ id }) => id),
    mfaDevices: sortedBy(
      user.mfaDevices.map((serial) => mfaDevice(account, user, serial)),
      ({ serialNumber }) => serialNumber,
    ),
  });
}

export function describeRole(account: SimAccount, role: SimRole, trustPolicy: string): string {
  return text({
    ...common(role),
    arn: roleArn(account, role),
    description: role.description,
    maxSessionDuration: role.maxSessionDuration,
    trustPolicy,
    instanceProfiles: sortedBy(
      role.instanceProfiles.map((name) => instanceProfile(account, name) ?? { name }),
      ({ name }) => name,
    ),
  });
}

const common = (identity: SimPrincipal) => ({
  uniqueId: identity.uniqueId,
  name: identity.name,
  path: identity.path,
  createdAt: identity.createdAt,
  tags: identity.tags,
  boundaryArn: identity.boundaryArn,
  attachedPolicyArns: [...identity.attachedPolicyArns].sort(),
  inlinePolicies: identity.inlinePolicies,
});

const hashed = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const sortedBy = <T>(items: readonly T[], keyOf: (item: T) => string): T[] =>
  [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** JSON with the names of every object and map in order, one line each. */
const text = (value: object): string =>
  JSON.stringify(
    value,
    (_name, inner: unknown) => {
      const object: unknown = inner instanceof Map ? Object.fromEntries(inner as Map<string, unknown>) : inner;
      if (typeof object !== 'object' || object === null || Array.isArray(object)) return object;
      return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    2,
  );
