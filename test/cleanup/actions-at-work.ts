import { startSimulator, type RunningSimulator } from '../../aws-simulator/server';
import type { AccountAccess } from '../../src/aws/account-access';
import { AwsService } from '../../src/aws/aws.service';
import { actionFor, type ActionPurpose } from '../../src/cleanup/actions';
import type { ActionContext, CleanupAction } from '../../src/cleanup/action';
import type { Course, PlanItemRow } from '../../src/cleanup/items/plan-item';
import type { Observed } from '../../src/cleanup/observed';
import { anItem } from '../../src/cleanup/actions/test-subjects';
import { observe, scopeFor } from '../../src/cleanup/reading/observe';
import { sendStep, shownRequest } from '../../src/cleanup/requests';
import type { IntendedStep, Refusal, Step } from '../../src/cleanup/steps';
import { fill, permissionsPolicy } from '../../src/roles/templates/policy';

const DAY_MS = 86_400_000;
const FAST = { perSecond: 10_000, burst: 10_000, ceiling: 10_000 };
type Role = 'cleanup' | 'restore';

/** A simulated account with roles that may do what the templates give them, and nobody's database. */
export class ActionsAtWork {
  private constructor(
    readonly simulator: RunningSimulator,
    readonly accountId: string,
    private readonly aws: AwsService,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async start(options: Parameters<typeof startSimulator>[0] = {}): Promise<ActionsAtWork> {
    const simulator = await startSimulator({
      seed: 11,
      accounts: 2,
      usersPerAccount: 2,
      rolesPerAccount: 2,
      pacing: 'unlimited',
      ...options,
    });
    const { accounts, managementAccountId } = simulator.world.organization;
    const accountId = [...accounts.keys()].find((id) => id !== managementAccountId) ?? '';
    const names = { scan: 'mothball-scan', cleanup: 'mothball-cleanup', restore: 'mothball-restore' };
    for (const kind of ['cleanup', 'restore'] as const) {
      const document = JSON.stringify(permissionsPolicy(kind)).replaceAll(/\{(\w+)\}/g, (variable) =>
        fill(variable, { partition: 'aws', account: accountId, path: '/', ...names }),
      );
      simulator.control.deployRole({
        roleName: names[kind],
        trustedPrincipalArn: simulator.credentials.userArn,
        accounts: [accountId],
        policyDocument: document,
      });
    }
    const environment = { ...process.env };
    process.env['AWS_ACCESS_KEY_ID'] = simulator.credentials.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = simulator.credentials.secretAccessKey;
    const aws = new AwsService({
      endpoint: simulator.url,
      pacing: { paces: { 'iam:*': FAST, 'sts:*': FAST } },
      firstLookMs: 1,
      maxAttempts: 1,
    });
    return new ActionsAtWork(simulator, accountId, aws, environment);
  }

  async stop(): Promise<void> {
    process.env = this.environment;
    this.aws.close();
    await this.simulator.close();
  }

  open(role: Role, sessionPolicy?: string): AccountAccess {
    return this.aws.openAccount({
      partition: 'aws',
      accountId: this.accountId,
      roleArn: `arn:aws:iam::${this.accountId}:role/mothball-${role}`,
      sessionName: 'test',
      sessionPolicy,
    });
  }

  describe(of: { userName?: string; roleName?: string }): string {
    return this.simulator.control.describe({ accountId: this.accountId, ...of });
  }

  /** What IAM was asked since the log was last cleared, as `iam:Action`. */
  asked(since = 0): string[] {
    return this.simulator.control
      .log({ service: 'iam', limit: 10_000 })
      .slice(since)
      .map(({ action }) => `iam:${action}`);
  }

  /** An item as a plan would hold it, approved as the identity is now. */
  async item(course: Course, name: string, changes: Partial<PlanItemRow> = {}): Promise<ItemAtWork> {
    const kind = course === 'role' ? 'role' : 'user';
    const seen = await observe(this.open('cleanup'), { kind, name });
    if (!seen) throw new Error(`There is no ${kind} ${name}.`);
    return new ItemAtWork(this, anItem(seen, { course, ...changes }));
  }
}

/** Does to one item what an execution does: reads, asks, writes down, sends, reads again. */
export class ItemAtWork {
  snapshot: Observed | null = null;
  readonly intended: IntendedStep[] = [];
  /** Thrown instead of sending, after so many more requests. */
  crashAfter = Infinity;

  constructor(
    readonly world: ActionsAtWork,
    public item: PlanItemRow,
  ) {}

  context(at = new Date()): ActionContext {
    return { item: this.item, at, snapshot: this.snapshot, intended: this.intended };
  }

  async look(role: Role = 'cleanup'): Promise<Observed | null> {
    const { course, name } = this.item;
    const kind = course === 'role' ? 'role' : 'user';
    return observe(this.world.open(role), { kind, name }, { scope: scopeFor(course) });
  }

  /** Why it is refused now; null: it is not. */
  async refusal(purpose: ActionPurpose): Promise<Refusal | null> {
    const action = actionFor(this.item.course, purpose);
    return action.refuse(await this.look(action.role), this.context());
  }

  /** Until nothing is left to send. Gives the actions sent, in order. */
  async run(purpose: ActionPurpose): Promise<string[]> {
    const action = actionFor(this.item.course, purpose);
    return this.sendAll(action, (seen) => {
      const refused = action.refuse(seen, this.context());
      if (refused) throw Object.assign(new Error(refused.reason), { refused });
      this.snapshot ??= seen;
      return action.apply(seen, this.context());
    });
  }

  async undo(purpose: ActionPurpose = 'quarantine'): Promise<string[]> {
    const action = actionFor(this.item.course, purpose);
    return this.sendAll(action, (seen) => action.undo(seen, this.context()));
  }

  /** Two days ago, as far as the item says. */
  quarantinedLongAgo(): void {
    const { item } = this;
    this.item = { ...item, quarantined_at: new Date(Date.now() - 8 * DAY_MS), quarantined_by: 'boundary' };
  }

  silencedLongAgo(): void {
    this.item = { ...this.item, silenced_at: new Date(Date.now() - 2 * DAY_MS) };
  }

  /** All the way: held for long enough, silent for long enough, deleted. */
  async putAway(): Promise<string[]> {
    const sent = await this.run('quarantine');
    this.quarantinedLongAgo();
    if (this.item.course === 'user' || this.item.course === 'observed-key') {
      sent.push(...(await this.run('silence')));
      this.silencedLongAgo();
    }
    sent.push(...(await this.run('deletion')));
    return sent;
  }

  private async sendAll(action: CleanupAction, plan: (seen: Observed | null) => Step[]): Promise<string[]> {
    const sent: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const steps = plan(await this.look(action.role));
      if (steps.length === 0) return sent;
      sent.push(...(await this.sendEach(steps, action.role)));
    }
    throw new Error(`${action.id} does not come to an end: ${sent.join(', ')}`);
  }

  private async sendEach(steps: readonly Step[], role: Role): Promise<string[]> {
    const access = this.world.open(role);
    const sent: string[] = [];
    for (const step of steps) {
      const intent = { action: step.action, request: shownRequest(step), outcome: null as IntendedStep['outcome'] };
      this.intended.push(intent);
      if ((this.crashAfter -= 1) < 0) throw new Crash();
      try {
        await sendStep(access, step);
        sent.push(step.probe ? `${step.action}?` : step.action);
        intent.outcome = 'done';
        if (step.probe) return sent;
      } catch (error) {
        intent.outcome = 'refused';
        if (!step.probe || (error as Error).name !== 'DeleteConflictException') throw error;
        sent.push(`${step.action}?`);
      }
      if ((this.crashAfter -= 1) < 0) throw new Crash();
    }
    return sent;
  }
}

export class Crash extends Error {}
