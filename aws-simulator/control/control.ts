import type { Fault, FaultRule } from '../limits/faults';
import type { Counters, LogFilter, LoggedRequest } from '../limits/request-log';
import type { AppliedWrite, WriteFilter } from '../limits/write-ledger';
import { unlimitedPacing } from '../limits/token-buckets';
import type { BucketSize, Pacing } from '../limits/token-buckets';
import { parsePolicy } from '../authorization/policy-document';
import type { Topics } from '../services/sns/topics';
import type { Latency, Simulation } from '../simulation';
import type { Switches } from '../switches';
import { roleArn, userArn } from '../world/arn';
import type { NewRole, NewUser } from '../world/builders';
import type { DateChanges } from '../world/dates';
import type { DeployedRole, RoleDeployment } from '../world/deployments';
import type { IdentityUse } from '../world/identity-use';
import type { AccountState, SimRole, SimUser } from '../world/model';
import type { ReportSwitches, WorldSwitches } from '../world/options';
import type { AccountTruth, TruthOptions } from '../world/truth';
import { WorldError } from '../world/world-error';
import { attempt, refuses } from './attempts';
import type { Attempt, AttemptResult } from './attempts';
import { describe, describeAll } from './descriptions';
import type { IdentityName } from './descriptions';

export interface WorldInfo {
  seed: number;
  partition: string;
  organizationId: string;
  managementAccountId: string;
  delegatedAdministratorIds: string[];
  accounts: number;
  generatedAccounts: number;
  /** Accounts that roles deployed to "all" never reach. */
  missingRoleAccountIds: string[];
  offsetMs: number;
  /** How far time that was let pass has put AWS's clock ahead of the real one. */
  aheadMs: number;
  /** The present on the time line; as callers of AWS see it; and the real one. */
  simulatedNow: string;
  shownNow: string;
  realNow: string;
}

export interface SwitchChanges {
  world?: Partial<Omit<WorldSwitches, 'report'>> & { report?: Partial<ReportSwitches> };
  services?: Partial<Switches>;
}

/** What people and tests do to the simulated AWS from outside; `RunningSimulator.control` and `/_control` are both this. */
export class Control {
  constructor(private readonly simulation: Simulation) {}

  private get world() {
    return this.simulation.world;
  }

  info(): WorldInfo {
    const { world } = this;
    const { organization } = world;
    const ids = [...organization.accounts.keys()];
    return {
      seed: world.settings.seed,
      partition: world.settings.partition,
      organizationId: organization.id,
      managementAccountId: organization.managementAccountId,
      delegatedAdministratorIds: [...organization.delegatedAdministratorIds],
      accounts: ids.length,
      generatedAccounts: ids.filter((id) => world.isGenerated(id)).length,
      missingRoleAccountIds: [...world.missingRoleAccountIds],
      offsetMs: world.offsetMs,
      aheadMs: world.time.aheadMs,
      simulatedNow: new Date(world.now()).toISOString(),
      shownNow: world.shown(world.now()).toISOString(),
      realNow: new Date().toISOString(),
    };
  }

  /** Ages IAM's data; signatures and sessions stay real. */
  travel(ms: number): WorldInfo {
    this.world.travel(ms);
    return this.info();
  }

  /**
   * Time goes on: dates stay, new ones are later, and what was used within the last days is used again, or tries in
   * vain where a policy refuses it. Signatures and sessions stay real.
   */
  pass(ms: number, { quiet = false }: { quiet?: boolean } = {}): WorldInfo {
    this.world.pass(ms, { quiet, refuses: (...use) => refuses(this.simulation, ...use) });
    return this.info();
  }

  setDates(changes: DateChanges): void {
    this.world.setDates(changes);
  }

  /** Somebody uses an identity now. */
  use(use: IdentityUse): { moved: boolean } {
    return { moved: this.world.useIdentity(use) };
  }

  /** Somebody tries one call: judged by the policies of the moment, counted as AWS would. */
  attempt(tried: Attempt): AttemptResult {
    return attempt(this.simulation, tried);
  }

  /** One identity as a text that stays the same as long as nothing but its use changes. */
  describe(identity: IdentityName): string {
    return describe(this.simulation, identity);
  }

  /** All users and roles of an account, by unique id. */
  describeAll(accountId: string): Record<string, string> {
    return describeAll(this.simulation, accountId);
  }

  createUser(accountId: string, user: NewUser): SimUser {
    return this.world.createUser(accountId, user);
  }

  createRole(accountId: string, role: NewRole): SimRole {
    const made = this.world.createRole(accountId, role);
    this.simulation.trust.bindExisting(made);
    return made;
  }

  /** At once and with everything attached, unlike IAM's own deletion. */
  deleteUser(accountId: string, userName: string): void {
    const account = this.account(accountId);
    const user = account.users.get(userName.toLowerCase());
    if (!user) throw missing('user', userName);
    this.simulation.trust.beforeDeletion(account, userArn(account, user));
    for (const serial of user.mfaDevices) account.mfaDevices.delete(serial);
    account.users.delete(userName.toLowerCase());
  }

  deleteRole(accountId: string, roleName: string): void {
    const account = this.account(accountId);
    const role = account.roles.get(roleName.toLowerCase());
    if (!role) throw missing('role', roleName);
    this.simulation.trust.beforeDeletion(account, roleArn(account, role));
    for (const name of role.instanceProfiles) account.instanceProfiles.delete(name.toLowerCase());
    account.roles.delete(roleName.toLowerCase());
  }

  setAccessKeyActive(accessKeyId: string, active: boolean): void {
    const found = this.world.findAccessKey(accessKeyId);
    if (!found) throw missing('access key', accessKeyId);
    found.key.active = active;
  }

  setBoundary(target: { accountId: string; userName?: string; roleName?: string }, boundaryArn: string | null): void {
    const account = this.account(target.accountId);
    const identity =
      target.userName === undefined
        ? account.roles.get((target.roleName ?? '').toLowerCase())
        : account.users.get(target.userName.toLowerCase());
    if (!identity) throw missing('identity', target.userName ?? target.roleName ?? '');
    identity.boundaryArn = boundaryArn;
  }

  setAccountState(accountId: string, state: AccountState): void {
    const summary = this.world.organization.accounts.get(accountId) ?? this.account(accountId).summary;
    summary.state = state;
  }

  /** The account leaves the organization and lives on by itself. */
  removeAccount(accountId: string): void {
    // What was never touched is made now: afterwards nothing would say that it exists.
    this.world.account(accountId);
    if (!this.world.organization.accounts.delete(accountId)) throw missing('account', accountId);
  }

  /** An account outside the organization, empty but for root. */
  addAccount(input: { accountId: string; name: string; alias?: string }): void {
    this.world.addAccount(input);
  }

  deployRole(deployment: RoleDeployment): DeployedRole {
    return this.world.deployRole(deployment);
  }

  /** Binds every principal of a member account, root too. */
  setServiceControlPolicy(accountId: string, document: string | null): void {
    if (document !== null) parsePolicy(document);
    this.simulation.directory.setServiceControlPolicy(accountId, document);
  }

  /** Ends sessions before their time; their holders see `ExpiredToken`. Without an account: all. */
  expireSessions(accountId?: string): { expired: number } {
    const open = [...this.simulation.sessions.values()].filter(
      (session) => session.expiresAt > Date.now() && (accountId === undefined || session.accountId === accountId),
    );
    for (const session of open) session.expiresAt = Date.now() - 1;
    return { expired: open.length };
  }

  /** The next request for a credential report makes a new one, without time travel. Without an account: in all. */
  expireReports(accountId?: string): void {
    this.world.reports.expire(accountId);
  }

  switches(): { world: WorldSwitches; services: Switches } {
    return { world: this.world.switches, services: this.simulation.switches };
  }

  setSwitches({ world = {}, services = {} }: SwitchChanges): void {
    const { report, ...others } = world;
    refuseUnknown(services, this.simulation.switches);
    refuseUnknown(others, this.world.switches);
    refuseUnknown(report ?? {}, this.world.switches.report);
    Object.assign(this.simulation.switches, services);
    Object.assign(this.world.switches, others);
    Object.assign(this.world.switches.report, report);
  }

  pacing(): Pacing {
    return this.simulation.buckets.sizes;
  }

  setPacing(changes: Partial<Pacing>): void {
    refuseUnknown(changes, this.pacing());
    this.simulation.buckets.resize({ ...this.pacing(), ...changes });
  }

  /** Every IAM action of every account at so many requests a second, each action on its own. */
  setIamRate(size: BucketSize | null): void {
    this.setPacing({ byService: { ...this.pacing().byService, iam: size } });
  }

  removePacing(): void {
    this.simulation.buckets.resize({ ...unlimitedPacing });
  }

  setLatency(changes: Partial<Latency>): void {
    this.simulation.latency = { ...this.simulation.latency, ...changes };
  }

  addFault(rule: FaultRule): Fault {
    return this.simulation.faults.add(rule);
  }

  faults(): readonly Fault[] {
    return this.simulation.faults.list();
  }

  clearFaults(): void {
    this.simulation.faults.clear();
  }

  log(filter: LogFilter = {}): LoggedRequest[] {
    return this.simulation.log.list(filter);
  }

  /** Every IAM write that took effect, with unique ids, since the last reset. */
  writes(filter: WriteFilter = {}): AppliedWrite[] {
    return this.simulation.writes.list(filter);
  }

  counters(): Counters {
    return this.simulation.log.counters();
  }

  /** Forgets the request log, all writes and all counts. */
  resetCounters(): void {
    this.simulation.writes.reset();
    this.simulation.log.reset();
  }

  /** Those of SNS, and what was published to them. */
  get topics(): Topics {
    return this.simulation.topics;
  }

  /** What is really unused, by the simulator's own rules. */
  truth(thresholdDays: number, accountId?: string, options: TruthOptions = {}): AccountTruth[] {
    return this.world.truth(accountId, thresholdDays, options);
  }

  private account(accountId: string) {
    const account = this.world.account(accountId);
    if (!account) throw missing('account', accountId);
    return account;
  }
}

const missing = (kind: string, name: string): WorldError =>
  new WorldError('NoSuchEntity', `There is no ${kind} ${name}.`);

/** A misspelt setting that silently does nothing is worse than an error. */
function refuseUnknown(changes: object, known: object): void {
  const unknown = Object.keys(changes).filter((name) => !(name in known));
  if (unknown.length > 0) {
    throw new WorldError('InvalidInput', `Unknown: ${unknown.join(', ')}. Known: ${Object.keys(known).join(', ')}.`);
  }
}
