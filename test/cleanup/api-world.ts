import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { type RunningSimulator, startSimulator } from '../../aws-simulator/server';
import { CleanupDue } from '../../src/cleanup/execution/cleanup-due.service';
import { SweepsService } from '../../src/scans/sweeps.service';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { type Answer, startTestApp, type TestApp } from '../harness/app';
import { MovableClock } from '../harness/movable-clock';
import { unpaced } from '../harness/pipeline';
import { addAccount, type CleanUpAccount } from './aws-account';

export const HOUR_MS = 3_600_000;

export interface ApiTenant extends BuiltTenant {
  /** Somebody else's, with the role APPROVER. */
  readonly second: string;
  readonly viewer: string;
}

/** The whole service in one process, with its API; an AWS, and one clock for both that tests move. */
export class ApiWorld {
  readonly build: Builders;
  private readonly admin: Pool;

  private constructor(
    readonly app: TestApp,
    readonly simulator: RunningSimulator,
    readonly clock: MovableClock,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    const connectionString = app.database.adminUrl;
    this.admin = new Pool({ connectionString, max: 1, options: '-c search_path=mothball' });
    this.build = builders(app.app);
  }

  static async start(): Promise<ApiWorld> {
    const simulator = await startSimulator({
      ...{ seed: 1, accounts: 1, usersPerAccount: 0, rolesPerAccount: 0, pacing: 'unlimited' },
      switches: { report: { pendingPolls: 0 } },
      serviceSwitches: { serviceLastAccessedPolls: 0 },
    });
    const environment = { ...process.env };
    process.env['AWS_ACCESS_KEY_ID'] = simulator.credentials.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = simulator.credentials.secretAccessKey;
    const clock = new MovableClock();
    const app = await startTestApp({
      config: { role: 'all' },
      clock,
      aws: { endpoint: simulator.url, pacing: unpaced, firstLookMs: 20 },
    });
    return new ApiWorld(app, simulator, clock, environment);
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.app.stop();
    await this.simulator.close();
    process.env = this.environment;
  }

  get<T>(type: new (...dependencies: never[]) => T): T {
    return this.app.app.get(type, { strict: false });
  }

  async tenant(): Promise<ApiTenant> {
    const tenant = await this.build.tenant();
    const second = await this.build.token(tenant.id, 'approver', 'Bob');
    return { ...tenant, second, viewer: await this.build.token(tenant.id, 'viewer') };
  }

  account(tenant: BuiltTenant): Promise<CleanUpAccount> {
    return addAccount({ simulator: this.simulator, get: (type) => this.get(type) }, tenant.id);
  }

  async scan({ id }: BuiltTenant): Promise<void> {
    this.simulator.control.expireReports();
    await this.build.database.inTenant(id, (manager) => this.get(SweepsService).start(manager, id, 'test'));
    await this.settle();
  }

  /** Time goes on, here and in AWS, and what is due after it is done; nobody uses anything meanwhile. */
  async after({ days = 0, hours = 0 }: { days?: number; hours?: number }, { id }: BuiltTenant): Promise<void> {
    const ms = (days * 24 + hours) * HOUR_MS;
    this.simulator.control.pass(ms, { quiet: true });
    this.clock.move(ms);
    await this.turn(id);
  }

  /** All that has become due is done. */
  async turn(tenantId: string): Promise<void> {
    await this.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'clean-account'");
    await this.build.database.inTenant(tenantId, (manager) =>
      this.get(CleanupDue).enqueue(manager, tenantId, 'all due'),
    );
    await this.settle();
  }

  async settle(): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(25)) {
      const [counts] = await this.rows<{ open: number }>(
        `SELECT count(*)::int AS open FROM tasks
         WHERE state = 'running' OR (state IN ('waiting', 'admitted') AND due_at < now() + interval '200 milliseconds')`,
      );
      if (counts?.open === 0) return;
    }
    throw new Error(`Not settled: ${JSON.stringify(await this.rows("SELECT * FROM tasks WHERE state <> 'done'"))}`);
  }

  async rows<T extends object>(statement: string, values: unknown[] = []): Promise<T[]> {
    return (await this.admin.query<T>(statement, values)).rows;
  }

  /** The one error of an operation that must fail. */
  async refusal(token: string, query: string, variables?: object): Promise<Answer['errors'][number]> {
    const { errors } = await this.app.ask(token, query, variables);
    if (errors.length !== 1 || !errors[0]) throw new Error(`One error was expected: ${JSON.stringify(errors)}`);
    return errors[0];
  }
}
