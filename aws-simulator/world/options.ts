import type { Instant } from './model';

export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov';

/** How an organization's identities are aged: see `ages.ts`. */
export type AgeProfile = 'typical' | 'young' | 'neglected' | 'edges';

/** What kinds of accounts there are. The four counts are 1 from ten accounts on, else 0, unless given. */
export interface Shape {
  suspendedAccounts: number;
  /** Accounts that roles deployed to "all" never reach. */
  missingRoleAccounts: number;
  invitedAccounts: number;
  delegatedAdministrators: number;
  ages: AgeProfile;
}

export interface ReportSwitches {
  /** false: both report calls fail, as behind a service control policy or an emulator without reports. */
  available: boolean;
  /** How many calls (either of the two) answer "in progress" before the report is there. */
  pendingPolls: number;
  /** How long generation takes, in real milliseconds. Both conditions hold. */
  generationMs: number;
  /** A report younger than this is handed out again instead of a new one. Simulated milliseconds; AWS: 4 h. */
  regenerationMs: number;
  rootRow: boolean;
  regions: boolean;
  /** Root's `password_enabled`: both are seen. */
  rootPasswordEnabled: 'not_supported' | 'FALSE';
  /** Names of columns that the documentation does not know, added at the end. */
  extraColumns: readonly string[];
}

export interface WorldSwitches {
  /** How long a use takes to show, in simulated milliseconds; AWS: up to about 4 h. */
  lastUseLagMs: number;
  /** Unsure in AWS: does a denied request move `RoleLastUsed` and the key's last use? */
  deniedMovesLastUse: boolean;
  /** Unsure in AWS: does an attempt with an inactive key move anything? */
  inactiveKeyMovesLastUse: boolean;
  /** `RoleLastUsed` is kept for trailing 400 days, in some regions shorter. */
  roleTrackingDays: number;
  report: ReportSwitches;
}

export interface WorldOptions {
  seed: number;
  /** Default 25; the management account is one of them. */
  accounts?: number;
  /** Exactly so many in each account; without it about 60 to 120. */
  usersPerAccount?: number;
  /** Exactly so many in each account, roles deployed before its first touch included; without it about 80 to 160. */
  rolesPerAccount?: number;
  /** Only with `usersPerAccount`, 0 to 2, default 1.5: 1,000 users have exactly 1,500 access keys. */
  keysPerUser?: number;
  partition?: Partition;
  shape?: Partial<Shape>;
  switches?: Partial<Omit<WorldSwitches, 'report'>> & { report?: Partial<ReportSwitches> };
  /** The real time, for tests; default `Date.now`. */
  clock?: () => Instant;
}

export interface WorldSettings {
  seed: number;
  accounts: number;
  usersPerAccount: number | undefined;
  rolesPerAccount: number | undefined;
  keysPerUser: number;
  partition: Partition;
  shape: Shape;
  switches: WorldSwitches;
}

function count(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}.`);
  }
  return value;
}

/** Fills in the defaults. Throws a `RangeError` that names the option when a size is impossible. */
export function settle(options: WorldOptions): WorldSettings {
  const accounts = count('accounts', options.accounts ?? 25, 1, 50_000);
  const special = accounts >= 10 ? 1 : 0;
  const shape: Shape = {
    suspendedAccounts: special,
    missingRoleAccounts: special,
    invitedAccounts: special,
    delegatedAdministrators: special,
    ages: 'typical',
    ...options.shape,
  };
  const { suspendedAccounts, missingRoleAccounts, invitedAccounts, delegatedAdministrators } = shape;
  const needed = suspendedAccounts + missingRoleAccounts + invitedAccounts + delegatedAdministrators;
  if (needed > accounts - 1) {
    throw new RangeError(
      `The shape needs ${needed} accounts beside the management account; there are ${accounts - 1}.`,
    );
  }
  const keysPerUser = options.keysPerUser ?? 1.5;
  if (!(keysPerUser >= 0 && keysPerUser <= 2)) throw new RangeError('keysPerUser must be from 0 to 2.');
  const { usersPerAccount: users, rolesPerAccount: roles } = options;
  return {
    seed: count('seed', options.seed, 0, Number.MAX_SAFE_INTEGER),
    accounts,
    usersPerAccount: users === undefined ? undefined : count('usersPerAccount', users, 0, 5_000),
    rolesPerAccount: roles === undefined ? undefined : count('rolesPerAccount', roles, 0, 5_000),
    keysPerUser,
    partition: options.partition ?? 'aws',
    shape,
    switches: settleSwitches(options.switches),
  };
}

function settleSwitches(given: WorldOptions['switches'] = {}): WorldSwitches {
  return {
    lastUseLagMs: 0,
    deniedMovesLastUse: false,
    inactiveKeyMovesLastUse: false,
    roleTrackingDays: 400,
    ...given,
    report: {
      available: true,
      pendingPolls: 1,
      generationMs: 0,
      regenerationMs: 4 * 3_600_000,
      rootRow: true,
      regions: true,
      rootPasswordEnabled: 'not_supported',
      extraColumns: [],
      ...given.report,
    },
  };
}
