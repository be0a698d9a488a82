import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { DeliveriesDue } from '../../src/notifications/deliveries/deliveries-due.service';
import { TicketsDue } from '../../src/notifications/tickets/syncing/tickets-due.service';
import { aRole, used } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltAccount, type BuiltTenant } from '../builders';
import { type Answer, startTestApp, type TestApp } from '../harness/app';
import { MovableClock } from '../harness/movable-clock';
import { startReceiver, type Receiver } from './receiver';

const HOST = 'https://mothball.example';

export interface Asking extends BuiltTenant {
  readonly approver: string;
  readonly viewer: string;
}

/** The whole service in one process, with its API and its worker; somebody's web server; one clock that tests move. */
export class NotificationsWorld {
  readonly build: Builders;
  private readonly admin: Pool;
  private roles = 0;

  private constructor(
    readonly app: TestApp,
    readonly receiver: Receiver,
    readonly clock: MovableClock,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    const connectionString = app.database.adminUrl;
    this.admin = new Pool({ connectionString, max: 1, options: '-c search_path=mothball' });
    this.build = builders(app.app);
  }

  static async start(): Promise<NotificationsWorld> {
    const clock = new MovableClock();
    const mail = {
      ...{ host: '127.0.0.1', port: 25, tls: false, loopback: true, login: null, domains: [] },
      from: { name: 'Mothball', address: 'mothball@mail.example' },
    };
    // Nothing here is about AWS: whoever asks it asks nobody.
    const environment = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' });
    const aws = { endpoint: 'http://127.0.0.1:1' };
    const app = await startTestApp({ config: { role: 'all', publicUrl: HOST, mail }, clock, aws });
    return new NotificationsWorld(app, await startReceiver(), clock, environment);
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.app.stop();
    await this.receiver.close();
    process.env = this.environment;
  }

  async tenant(): Promise<Asking> {
    const tenant = await this.build.tenant();
    const approver = await this.build.token(tenant.id, 'approver', 'Bob');
    return { ...tenant, approver, viewer: await this.build.token(tenant.id, 'viewer') };
  }

  /** A finding for each role that nobody uses, in one reading of an account. */
  async findings(account: BuiltAccount, count: number): Promise<void> {
    const roles = Array.from({ length: count }, () => {
      const name = `idle-${(this.roles += 1)}`;
      return aRole({ name, uniqueId: `AROA${name.toUpperCase()}`, lastUsed: used(150) });
    });
    await this.build.inventory(account, { roles });
  }

  /** All that is due is done. */
  async settle(): Promise<void> {
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
      const [counts] = await this.rows<{ open: number }>(
        `SELECT (SELECT count(*) FROM tasks WHERE state = 'running' OR (state IN ('waiting', 'admitted') AND kind <> 'watch-account'
             AND due_at < now() + interval '200 milliseconds'))::int
           + (SELECT count(*) FROM unpublished_events)::int AS open`,
      );
      if (counts?.open === 0) return;
    }
    throw new Error(
      `Not settled: ${JSON.stringify(await this.rows("SELECT kind, state, error_message FROM tasks WHERE state <> 'done'"))}`,
    );
  }

  /** Later, everything that is due by then is done. */
  async after(ms: number, { id }: BuiltTenant): Promise<void> {
    this.clock.move(ms);
    await this.build.database.inTenant(id, async (manager) => {
      await this.app.app.get(DeliveriesDue, { strict: false }).enqueue(manager, id, 'all due');
      await this.app.app.get(TicketsDue, { strict: false }).enqueue(manager, id, 'all');
    });
    await this.settle();
  }

  /** The one error of an operation that must fail. */
  async refusal(token: string, query: string, variables?: object): Promise<Answer['errors'][number]> {
    const { errors } = await this.app.ask(token, query, variables);
    if (errors.length !== 1 || !errors[0]) throw new Error(`One error was expected: ${JSON.stringify(errors)}`);
    return errors[0];
  }

  /** To the address that the API shows for a connection. */
  inbound(inboundUrl: string, body: Buffer | string, headers: Readonly<Record<string, string | undefined>> = {}) {
    const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(inboundUrl.replace(HOST, this.app.url), { method: 'POST', body: Buffer.from(body), headers: given });
  }

  async rows<T extends object>(statement: string, values: unknown[] = []): Promise<T[]> {
    return (await this.admin.query<T>(statement, values)).rows;
  }
}
