import { roleArn, rootArn, userArn } from './arn';
import type { LastUses } from './last-use';
import type { Instant, SimAccessKey, SimAccount, SimUser } from './model';
import { DAY_MS, SECOND_MS, type TimeLine } from './time-line';

/**
 * What is really unused, from the simulator's own data and by its own rules:
 *
 * - Idle time = now − the latest of (last use as AWS shows it, creation or last change), at whole seconds; flagged
 *   when idle time ≥ threshold. Never used is idle since creation.
 * - `unused-access-key`: an *active* key of a user, by its last use and creation.
 * - `unused-password`: a user that has a password, by `PasswordLastUsed` and the password's last change.
 * - `unused-user`: created ≥ threshold ago; its password absent or idle ≥ threshold; each active key idle ≥ threshold
 *   (inactive keys do not count, either way); no active SSH key, service-specific credential or signing certificate.
 *   A user that never had any credential is one.
 * - `unused-role`: by last use and creation; never under `/aws-service-role/` or `/aws-reserved/`, never an excluded
 *   name (default: every deployed role and OrganizationAccountAccessRole).
 * - `access-key-not-rotated`: an active key of a user, created ≥ threshold ago.
 * - `second-active-key`: a user with two active keys; one item a user.
 * - `root-access-key`: each active key of root; nothing else is ever said of root.
 * - `inactive-access-key` needs a history that AWS does not keep, so it is not here.
 * - Accounts that are not ACTIVE: nothing.
 */
export type TruthCheck =
  | 'unused-access-key'
  | 'unused-password'
  | 'unused-user'
  | 'unused-role'
  | 'access-key-not-rotated'
  | 'second-active-key'
  | 'root-access-key';

export interface TruthItem {
  check: TruthCheck;
  accountId: string;
  arn: string;
  /** The user's name, the role's name, or `<root_account>`. */
  name: string;
  /** `AIDA…` or `AROA…`; root has the account id. */
  uniqueId: string;
  accessKeyId?: string;
  /** Whole days, rounded down; what has no idle time has none. */
  idleDays?: number;
}

export interface AccountTruth {
  accountId: string;
  /** False: nobody can look inside (not ACTIVE, or the deployed role is missing). */
  observable: boolean;
  items: TruthItem[];
}

export interface TruthOptions {
  /** Names without path, case ignored; instead of the default. */
  excludedRoleNames?: readonly string[];
  /** The moment to judge at; default now. */
  at?: Instant;
}

export interface TruthSurroundings {
  time: TimeLine;
  lastUses: LastUses;
  missingRoleAccountIds: ReadonlySet<string>;
  roleDeployments: readonly { roleName: string }[];
}

const seconds = (instant: Instant): number => Math.floor(instant / SECOND_MS);

/** Idle time in seconds, from the latest of the dates that there are. */
export function idleSeconds(at: Instant, ...dates: (Instant | null | undefined)[]): number {
  const latest = Math.max(...dates.filter((date) => date !== null && date !== undefined));
  return seconds(at) - seconds(latest);
}

/** Throws a `RangeError` when the threshold is no positive number of days. */
export function accountTruth(
  world: TruthSurroundings,
  account: SimAccount,
  thresholdDays: number,
  options: TruthOptions = {},
): AccountTruth {
  if (!(thresholdDays > 0)) throw new RangeError(`A threshold is a positive number of days, not ${thresholdDays}.`);
  const { accountId, state } = account.summary;
  const active = state === 'ACTIVE';
  const judge = new Judge(world, account, thresholdDays, options);
  return {
    accountId,
    observable: active && !world.missingRoleAccountIds.has(accountId),
    items: active ? [...judge.root(), ...judge.users(), ...judge.roles()] : [],
  };
}

class Judge {
  private readonly at: Instant;
  private readonly limit: number;
  private readonly excluded: ReadonlySet<string>;

  constructor(
    private readonly world: TruthSurroundings,
    private readonly account: SimAccount,
    thresholdDays: number,
    options: TruthOptions,
  ) {
    this.at = options.at ?? world.time.now();
    this.limit = (thresholdDays * DAY_MS) / SECOND_MS;
    const own = ['OrganizationAccountAccessRole', ...world.roleDeployments.map(({ roleName }) => roleName)];
    this.excluded = new Set((options.excludedRoleNames ?? own).map((name) => name.toLowerCase()));
  }

  root(): TruthItem[] {
    const { accountId } = this.account.summary;
    const base = { check: 'root-access-key', accountId, arn: rootArn(this.account), uniqueId: accountId } as const;
    return this.account.root.accessKeys
      .filter((key) => key.active)
      .map(({ accessKeyId }) => ({ ...base, name: '<root_account>', accessKeyId }));
  }

  users(): TruthItem[] {
    return [...this.account.users.values()].flatMap((user) => this.user(user));
  }

  roles(): TruthItem[] {
    const items: TruthItem[] = [];
    for (const role of this.account.roles.values()) {
      if (role.path.startsWith('/aws-service-role/') || role.path.startsWith('/aws-reserved/')) continue;
      if (this.excluded.has(role.name.toLowerCase())) continue;
      // A use outside IAM's window is taken as it was: up to 400 days the verdict is the same with or without it.
      const idle = idleSeconds(this.at, this.world.lastUses.visible(role.lastUse, this.at)?.at, role.createdAt);
      if (idle < this.limit) continue;
      items.push({
        ...this.item('unused-role', role, roleArn(this.account, role)),
        idleDays: days(idle),
      });
    }
    return items;
  }

  private user(user: SimUser): TruthItem[] {
    const item = (check: TruthCheck): TruthItem => this.item(check, user, userArn(this.account, user));
    const active = user.accessKeys.filter((key) => key.active);
    const items: TruthItem[] = [];
    for (const key of active) {
      const { accessKeyId } = key;
      const idle = this.idleOfKey(key);
      if (idle >= this.limit) items.push({ ...item('unused-access-key'), accessKeyId, idleDays: days(idle) });
      const age = idleSeconds(this.at, key.createdAt);
      if (age >= this.limit) items.push({ ...item('access-key-not-rotated'), accessKeyId });
    }
    if (active.length === 2) items.push(item('second-active-key'));
    const passwordIdle = this.idleOfPassword(user);
    if (passwordIdle !== null && passwordIdle >= this.limit) {
      items.push({ ...item('unused-password'), idleDays: days(passwordIdle) });
    }
    const idle = Math.min(
      idleSeconds(this.at, user.createdAt),
      passwordIdle ?? Number.POSITIVE_INFINITY,
      ...active.map((key) => this.idleOfKey(key)),
    );
    const otherwiseArmed = user.credentials.some((credential) => credential.active);
    if (idle >= this.limit && !otherwiseArmed) items.push({ ...item('unused-user'), idleDays: days(idle) });
    return items;
  }

  private idleOfKey(key: SimAccessKey): number {
    return idleSeconds(this.at, this.world.lastUses.ofKey(key, this.at)?.at, key.createdAt);
  }

  /** Null when there is no password: an old `PasswordLastUsed` outlives it and judges nothing. */
  private idleOfPassword(user: SimUser): number | null {
    if (user.password === null) return null;
    return idleSeconds(this.at, this.world.lastUses.ofPassword(user, this.at), user.password.lastChangedAt);
  }

  private item(check: TruthCheck, who: { name: string; uniqueId: string }, arn: string): TruthItem {
    return { check, accountId: this.account.summary.accountId, arn, name: who.name, uniqueId: who.uniqueId };
  }
}

const days = (idle: number): number => Math.floor((idle * SECOND_MS) / DAY_MS);
