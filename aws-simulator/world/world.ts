import { createRole, createUser, type NewRole, type NewUser } from './builders';
import { setDates, type DateChanges } from './dates';
import { CredentialReports, type GeneratedReport, type ReportState } from './credential-report';
import { Deployments, type DeployedRole, type RoleDeployment } from './deployments';
import { generateAccount } from './generate-account';
import { generateOrganization } from './generate-organization';
import { accountIdOfKey, makeId, type IdKind } from './ids';
import { useIdentity, type IdentityUse } from './identity-use';
import { indistinguishable, type Indistinguishable, type Window } from './indistinguishable';
import { LastUses } from './last-use';
import type { Instant, LastUse, SimAccessKey, SimAccount, SimOrganization, SimRole, SimUser } from './model';
import { settle, type WorldOptions, type WorldSettings, type WorldSwitches } from './options';
import { PassingTime, type PassOptions } from './passing-time';
import { Random } from './random';
import { TimeLine } from './time-line';
import { accountTruth, type AccountTruth, type TruthOptions } from './truth';
import { WorldError } from './world-error';

export interface FoundKey {
  account: SimAccount;
  /** Null: a key of the root user. */
  user: SimUser | null;
  key: SimAccessKey;
}

/**
 * The simulated AWS: one organization, whose accounts get their IAM side at first touch, on a time line that can be
 * moved. Everything follows from seed, options and the instant of construction.
 */
export class World {
  readonly settings: WorldSettings;
  /** Live: change a switch and the next call sees it. */
  readonly switches: WorldSwitches;
  readonly organization: SimOrganization;
  /** Accounts that `deployRole` to "all" passes over. */
  readonly missingRoleAccountIds: ReadonlySet<string>;
  readonly time: TimeLine;
  readonly lastUses: LastUses;
  readonly reports: CredentialReports;
  private readonly deployments: Deployments;
  private readonly passing: PassingTime;
  /** The present at construction, whole seconds: ages are counted from it, whenever an account is first touched. */
  private readonly epoch: Instant;
  private readonly generated = new Map<string, SimAccount>();
  private idsMade = 0;

  constructor(options: WorldOptions) {
    this.settings = settle(options);
    this.switches = this.settings.switches;
    this.time = new TimeLine(options.clock);
    this.epoch = this.time.second();
    const { organization, missingRoleAccountIds } = generateOrganization(this.settings, this.epoch);
    this.organization = organization;
    this.missingRoleAccountIds = missingRoleAccountIds;
    this.lastUses = new LastUses(this.time, this.switches);
    this.reports = new CredentialReports(this.time, this.lastUses, this.switches);
    this.deployments = new Deployments(this.settings, organization, missingRoleAccountIds);
    this.passing = new PassingTime(this);
  }

  get offsetMs(): number {
    return this.time.offsetMs;
  }

  /** The present on the time line: `Date.now() + offsetMs + aheadMs`. */
  now(): Instant {
    return this.time.now();
  }

  /** What callers see of an instant. */
  shown(instant: Instant): Date {
    return this.time.shown(instant);
  }

  /** The instant that a caller means by a date. */
  instantOf(date: Date): Instant {
    return this.time.instantOf(date);
  }

  /** Ages everything by so many milliseconds (rounded to whole seconds). Throws on going back. */
  travel(ms: number): void {
    this.time.travel(ms);
  }

  /** Time goes on by so many milliseconds (rounded to whole seconds), as `passing-time.ts` has it. */
  pass(ms: number, options: PassOptions = {}): void {
    this.passing.pass(ms, this.generated.values(), options);
  }

  /** The account with its IAM side, made now if need be; undefined when there is none of that id. */
  account(accountId: string): SimAccount | undefined {
    const known = this.generated.get(accountId);
    if (known !== undefined) return known;
    const made = this.make(accountId);
    if (made !== undefined) this.generated.set(accountId, made);
    return made;
  }

  /** The accounts that were touched, in that order. */
  generatedAccounts(): Iterable<SimAccount> {
    return this.generated.values();
  }

  isGenerated(accountId: string): boolean {
    return this.generated.has(accountId);
  }

  /** An account outside the organization, with nothing in it but root: the service's own, or a tenant's single one. */
  addAccount(input: { accountId: string; name: string; alias?: string }): SimAccount {
    if (!/^\d{12}$/.test(input.accountId)) throw new WorldError('InvalidInput', 'An account id has twelve digits.');
    if (this.organization.accounts.has(input.accountId) || this.generated.has(input.accountId)) {
      throw new WorldError('EntityAlreadyExists', `Account ${input.accountId} exists already.`);
    }
    const { accountId, name } = input;
    const account: SimAccount = {
      summary: {
        accountId,
        name,
        email: `aws+${name}@standalone.example`,
        state: 'ACTIVE',
        joinedMethod: 'CREATED',
        joinedAt: this.time.second(),
        parentId: '',
        tags: new Map(),
      },
      partition: this.settings.partition,
      alias: input.alias ?? null,
      root: { createdAt: this.time.second(), passwordLastUsedAt: null, accessKeys: [], mfaActive: true },
      users: new Map(),
      roles: new Map(),
      groups: new Map(),
      policies: new Map(),
      instanceProfiles: new Map(),
      mfaDevices: new Map(),
    };
    this.generated.set(accountId, account);
    return account;
  }

  /** Where an access key lives; the account's number is in the key id, so only that account is made. */
  findAccessKey(accessKeyId: string): FoundKey | undefined {
    const accountId = accountIdOfKey(accessKeyId);
    const account = accountId === undefined ? undefined : this.account(accountId);
    if (account === undefined) return undefined;
    for (const user of account.users.values()) {
      const key = user.accessKeys.find((candidate) => candidate.accessKeyId === accessKeyId);
      if (key !== undefined) return { account, user, key };
    }
    const rootKey = account.root.accessKeys.find((candidate) => candidate.accessKeyId === accessKeyId);
    return rootKey === undefined ? undefined : { account, user: null, key: rootKey };
  }

  /** A fresh unique id, the same in each run that asks in the same order. Access keys carry their account's number. */
  newUniqueId(kind: IdKind, accountId: string = this.organization.managementAccountId): string {
    return makeId(this.runtimeRandom(), kind, accountId);
  }

  /** A fresh secret access key. */
  newSecret(): string {
    return this.runtimeRandom().secret();
  }

  /** The last use that has surfaced, whatever it belongs to; for what IAM shows use the three functions below. */
  visibleLastUse(use: LastUse | null): LastUse | null {
    return this.lastUses.visible(use);
  }

  /** As `GetAccessKeyLastUsed` shows it: lag, 15-minute steps, since 2015-04-22. */
  keyLastUse(key: SimAccessKey): LastUse | null {
    return this.lastUses.ofKey(key);
  }

  /** As `RoleLastUsed` shows it: lag, trailing 400 days, else null. */
  roleLastUse(role: SimRole): LastUse | null {
    return this.lastUses.ofRole(role);
  }

  /** `PasswordLastUsed` of a user or root: lag, 5-minute steps, since 2014-10-20; survives the password. */
  passwordLastUse(holder: { passwordLastUsedAt: Instant | null }): Instant | null {
    return this.lastUses.ofPassword(holder);
  }

  /**
   * The account's credential report. `generate` starts one unless the last is younger than four hours; `get` gives
   * the CSV of the moment of generation, or throws ReportNotPresent, ReportInProgress or ReportExpired.
   */
  credentialReport(accountId: string): { generate(): ReportState; get(): GeneratedReport } {
    const account = this.existing(accountId);
    return { generate: () => this.reports.generate(account), get: () => this.reports.get(account) };
  }

  get roleDeployments(): readonly DeployedRole[] {
    return this.deployments.list;
  }

  /** Puts a role into accounts as a StackSet does: now where they are made already, else at first touch. */
  deployRole(deployment: RoleDeployment): DeployedRole {
    return this.deployments.deploy(deployment, this.time.second(), this.generated.values());
  }

  /** Somebody uses an identity now. Returns whether any date moved. */
  useIdentity(use: IdentityUse): boolean {
    return useIdentity(this, this.existing(use.accountId), use);
  }

  /** Sets dates by hand (instants; `instantOf` turns a date into one). They show at once. */
  setDates(changes: DateChanges): void {
    setDates(this, this.existing(changes.accountId), changes);
  }

  createUser(accountId: string, user: NewUser): SimUser {
    return createUser(this, this.existing(accountId), user);
  }

  createRole(accountId: string, role: NewRole): SimRole {
    return createRole(this, this.existing(accountId), role);
  }

  /**
   * What is really unused, of one account or of the whole organization (accounts never touched are made for the
   * question and dropped again). The rules are in `truth.ts`.
   */
  truth(accountId: string | undefined, thresholdDays: number, options: TruthOptions = {}): AccountTruth[] {
    const ids = accountId === undefined ? this.organization.accounts.keys() : [accountId];
    return [...ids].map((id) => {
      const account = this.generated.get(id) ?? this.make(id);
      if (account === undefined) throw new WorldError('NoSuchAccount', `There is no account ${id}.`);
      return accountTruth(this, account, thresholdDays, options);
    });
  }

  /** What an observer who looked within a window cannot decide, with reasons: see `indistinguishable.ts`. */
  indistinguishable(
    accountId: string | undefined,
    thresholdDays: number,
    window: Window,
    options: TruthOptions = {},
  ): Indistinguishable[] {
    const ids = accountId === undefined ? this.organization.accounts.keys() : [accountId];
    return [...ids].flatMap((id) => {
      const account = this.generated.get(id) ?? this.make(id);
      if (account === undefined) throw new WorldError('NoSuchAccount', `There is no account ${id}.`);
      return indistinguishable(this, account, thresholdDays, window, options);
    });
  }

  private existing(accountId: string): SimAccount {
    const account = this.account(accountId);
    if (account === undefined) throw new WorldError('NoSuchAccount', `There is no account ${accountId}.`);
    return account;
  }

  private make(accountId: string): SimAccount | undefined {
    const summary = this.organization.accounts.get(accountId);
    if (summary === undefined) return undefined;
    const account = generateAccount(this.settings, summary, this.epoch, this.deployments.countFor(accountId));
    this.deployments.applyTo(account);
    this.passing.applyTo(account);
    return account;
  }

  private runtimeRandom(): Random {
    this.idsMade += 1;
    return new Random(`${this.settings.seed}:made:${this.idsMade}`);
  }
}
