import { Clock, DAY_MS } from '../../src/clock';
import type { Role } from '../../src/tenancy/principal';
import { type Builders, builders, type BuiltAccount, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { asAdmin } from '../harness/database';

/** The service's time, which a test may set ahead; the database's stays as it is. */
export class MovableClock extends Clock {
  private aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }

  forward(days: number): void {
    this.aheadMs += days * DAY_MS;
  }

  inDays(days: number): string {
    return new Date(this.now().getTime() + days * DAY_MS).toISOString();
  }
}

export interface FoundFinding {
  id: string;
  status: 'OPEN' | 'EXEMPT' | 'RESOLVED';
  exemptReason: string | null;
  check: { id: string };
  identity: { name: string };
  exemption: { id: string; reason: string; until: string; by: string; owner: { name: string } } | null;
  owner: { name: string; contact: string | null } | null;
}

const FINDINGS = `query ($filter: FindingFilter) { findings(first: 200, filter: $filter) { nodes {
  id status exemptReason check { id } identity { name } owner { name contact }
  exemption { id reason until by owner { name } } } } }`;

export interface Running {
  readonly app: TestApp;
  readonly build: Builders;
  readonly clock: MovableClock;
  /** Rows as the administrator sees them, row-level security aside. */
  rows<T extends object>(statement: string, values?: unknown[]): Promise<T[]>;
  /** Waits until no task is due. */
  settle(): Promise<void>;
  /** The error of an operation that must fail: code and message. */
  refusal(token: string, query: string, variables?: object): Promise<{ code: unknown; message: string }>;
}

export interface Fixture extends Running {
  readonly tenant: BuiltTenant;
  readonly account: BuiltAccount;
  token(role: Role): Promise<string>;
  findings(filter?: object, token?: string): Promise<FoundFinding[]>;
  /** Findings as "check of identity: status". */
  standing(filter?: object): Promise<string[]>;
}

/** The whole service with its worker, a clock that moves, and helpers for one tenant. */
export async function startFixture(): Promise<Running> {
  const clock = new MovableClock();
  const app = await startTestApp({ clock, config: { role: 'all' } });
  const build = builders(app.app);
  const rows = <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
    asAdmin(app.database.adminUrl, async (client) => {
      await client.query('SET search_path = mothball');
      return (await client.query<T>(statement, values)).rows;
    });
  const settle = async (): Promise<void> => {
    const end = Date.now() + 20_000;
    for (;;) {
      const due = await rows<{ kind: string; state: string; error_message: string | null }>(
        `SELECT kind, state, error_message FROM tasks
         WHERE state = 'failed' OR (state IN ('waiting', 'admitted', 'running') AND due_at < now() + interval '1 hour')`,
      );
      if (due.length === 0) return;
      if (Date.now() > end || due.some(({ state }) => state === 'failed')) throw new Error(JSON.stringify(due));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  const refusal: Running['refusal'] = async (token, query, variables) => {
    const { errors } = await app.ask(token, query, variables);
    const [error] = errors;
    if (!error) throw new Error('Nothing was refused.');
    return { code: error.extensions?.['code'], message: error.message };
  };
  return { app, build, clock, rows, settle, refusal };
}

/** A tenant and an account of its own. */
export async function inTenantOf(base: Running): Promise<Fixture> {
  const tenant = await base.build.tenant();
  const account = await base.build.account(tenant.id, { ouPath: '/Workloads/Prod', tags: { team: 'platform' } });
  const findings: Fixture['findings'] = async (filter = {}, token = tenant.token) =>
    (await base.app.get<{ findings: { nodes: FoundFinding[] } }>(token, FINDINGS, { filter })).findings.nodes;
  return {
    ...base,
    tenant,
    account,
    findings,
    token: (role) => base.build.token(tenant.id, role),
    standing: async (filter) =>
      (await findings(filter))
        .map(({ check, identity, status }) => `${check.id} of ${identity.name}: ${status}`)
        .sort(),
  };
}
