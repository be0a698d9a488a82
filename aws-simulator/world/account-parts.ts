import { makeId } from './ids';
import type { SimAccount, SimGroup, SimInstanceProfile, SimMfaDevice, SimRole, SimUser } from './model';
import { Random } from './random';

/**
 * Groups, instance profiles and MFA devices that identities name and the account does not hold yet; they get the dates
 * of their identity. Ids come from account and name, so that generated accounts stay the same.
 */
export function addMissingParts(
  account: SimAccount,
  users: Iterable<SimUser> = account.users.values(),
  roles: Iterable<SimRole> = account.roles.values(),
): void {
  for (const role of roles) {
    for (const name of role.instanceProfiles) {
      if (!account.instanceProfiles.has(name.toLowerCase()))
        account.instanceProfiles.set(name.toLowerCase(), profileFor(account, name, role));
    }
  }
  for (const user of users) {
    for (const serialNumber of user.mfaDevices) {
      if (!account.mfaDevices.has(serialNumber)) account.mfaDevices.set(serialNumber, deviceFor(serialNumber, user));
    }
    for (const name of user.groups) {
      if (!account.groups.has(name.toLowerCase()))
        account.groups.set(name.toLowerCase(), groupFor(account, name, user));
    }
  }
}

/** The profile of that name; one that was given to a role past the builders is made now. */
export function instanceProfile(account: SimAccount, name: string): SimInstanceProfile | undefined {
  const known = account.instanceProfiles.get(name.toLowerCase());
  if (known !== undefined) return known;
  const role = roleInProfile(account, name);
  return role === undefined ? undefined : profileFor(account, name, role);
}

/** An instance profile holds one role at most. */
export function roleInProfile(account: SimAccount, name: string): SimRole | undefined {
  const wanted = name.toLowerCase();
  for (const role of account.roles.values()) {
    if (role.instanceProfiles.some((profile) => profile.toLowerCase() === wanted)) return role;
  }
  return undefined;
}

export function mfaDevice(account: SimAccount, user: SimUser, serialNumber: string): SimMfaDevice {
  return account.mfaDevices.get(serialNumber) ?? deviceFor(serialNumber, user);
}

export const isVirtualSerial = (serialNumber: string): boolean => /^arn:[\w-]+:iam::\d{12}:mfa\//.test(serialNumber);

const profileFor = (account: SimAccount, name: string, role: SimRole): SimInstanceProfile => ({
  name,
  path: '/',
  uniqueId: makeId(
    new Random(`${account.summary.accountId}:instance-profile:${name}`),
    'AIPA',
    account.summary.accountId,
  ),
  createdAt: role.createdAt,
  tags: new Map(),
});

const groupFor = (account: SimAccount, name: string, user: SimUser): SimGroup => ({
  name,
  path: '/',
  uniqueId: makeId(new Random(`${account.summary.accountId}:group:${name}`), 'AGPA', account.summary.accountId),
  createdAt: user.createdAt,
  attachedPolicyArns: [],
  inlinePolicies: new Map(),
});

const deviceFor = (serialNumber: string, user: SimUser): SimMfaDevice => ({
  serialNumber,
  virtual: isVirtualSerial(serialNumber),
  createdAt: user.createdAt,
  enabledAt: user.createdAt,
  tags: new Map(),
});
