import { Client } from 'pg';
import { newId } from '../../src/ids';
import { encodeId, readId } from '../../src/api-id';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

interface Entry {
  readonly number: number;
  readonly action: string;
  readonly actor: Readonly<Record<string, string | null>>;
  readonly object: { readonly type: string; readonly id: string } | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string | null;
  readonly sourceAddress: string | null;
}
interface Log {
  readonly auditLog: { readonly totalCount: number; readonly nodes: Entry[]; readonly pageInfo: { endCursor: string } };
}

const LOG = `query ($filter: AuditLogFilterInput, $tenant: ID, $first: Int, $after: String) {
  auditLog(filter: $filter, tenant: $tenant, first: $first, after: $after) {
    totalCount pageInfo { endCursor }
    nodes {
      id number at action before after requestId sourceAddress hash previousHash
      actor { kind id name role standsFor tenantId } object { type id }
    }
  }
}`;
const VERIFY = `query ($tenant: ID, $from: Int) {
  auditLogVerification(tenant: $tenant, from: $from) {
    intact complete entries nextNumber firstBreak { number fault message }
  }
}`;

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;
let admin: Client;

beforeAll(async () => {
  app = await startTestApp({ config: { trustedProxies: ['127.0.0.1'] } });
  build = builders(app.app);
  admin = new Client({ connectionString: app.database.adminUrl, options: '-c search_path=mothball' });
  await admin.connect();
});
beforeEach(async () => void (tenant = await build.tenant()));
afterAll(async () => {
  await admin.end();
  await app.stop();
});

const entries = async (variables: object = {}, token = tenant.token): Promise<Entry[]> =>
  (await app.get<Log>(token, LOG, variables)).auditLog.nodes;

/** The answer with its headers. */
const send = (token: string, query: string, variables: object = {}, headers: Record<string, string> = {}) =>
  fetch(app.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query, variables }),
  });

const REGISTER = `mutation ($name: String!, $key: String) {
  registerAccount(awsAccountId: "444455556666", name: $name, idempotencyKey: $key) { id }
}`;

describe('a mutation', () => {
  it('leaves who did what, from where, in which request', async () => {
    const response = await send(
      tenant.token,
      REGISTER,
      { name: 'Prod', key: 'a-key-of-mine' },
      {
        'x-forwarded-for': '198.51.100.1, 203.0.113.9',
      },
    );
    const { data } = (await response.json()) as { data: { registerAccount: { id: string } } };
    const [entry] = await entries({ filter: { action: ['registerAccount'] } });
    expect(entry).toMatchObject({
      actor: { kind: 'TOKEN', name: 'admin of a test', role: 'admin', tenantId: tenant.apiId },
      after: {
        arguments: { awsAccountId: '444455556666', name: 'Prod' },
        outcome: { id: readId(data.registerAccount.id, 'id').id },
      },
      requestId: response.headers.get('x-request-id'),
      sourceAddress: '203.0.113.9',
    });
    expect(entry?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(await entries())).not.toContain('a-key-of-mine');
  });

  it('that is sent again with its idempotency key does nothing, and leaves no second entry', async () => {
    await app.get(tenant.token, REGISTER, { name: 'Prod', key: 'again' });
    await app.get(tenant.token, REGISTER, { name: 'Prod', key: 'again' });
    expect(await entries({ filter: { action: ['registerAccount'] } })).toHaveLength(1);
  });

  it('that is refused leaves nothing changed, and nothing that says so', async () => {
    await app.ask(tenant.token, 'mutation { startSweep { id } }');
    expect(await entries({ filter: { action: ['startSweep', 'sweep.started'] } })).toEqual([]);
  });

  it('never leaves a secret', async () => {
    const made = await app.get<{ createToken: { secret: string } }>(
      tenant.token,
      'mutation { createToken(name: "ci", role: VIEWER) { secret } }',
    );
    const { rows } = await admin.query<{ text: string }>('SELECT audit_entries::text AS text FROM audit_entries');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ text }) => text.includes(made.createToken.secret))).toEqual([]);
  });
});

describe('what the platform’s people do', () => {
  it('in a tenant is in that tenant’s log, with whose people they are', async () => {
    const platform = await build.platformToken();
    await app.get(platform, 'mutation ($t: ID!) { setSchedule(tenant: $t, cron: "0 3 * * *") { cron } }', {
      t: tenant.apiId,
    });
    const [entry] = await entries({ filter: { action: ['schedule.set', 'setSchedule'] } });
    expect(entry?.actor).toMatchObject({ kind: 'TOKEN', role: 'admin' });
    expect(entry?.actor['tenantId']).not.toBe(tenant.apiId);
  });

  it('shows when they only look: once for each of them', async () => {
    const [one, two] = [await build.platformToken(), await build.platformToken('viewer')];
    const look = (token: string) =>
      app.get(token, 'query ($t: ID!) { findings(tenant: $t) { totalCount } accounts(tenant: $t) { totalCount } }', {
        t: tenant.apiId,
      });
    await Promise.all([look(one), look(one), look(two)]);
    await look(one);
    const looked = await entries({ filter: { action: ['platform.looked'] } });
    expect(looked.map(({ actor }) => actor['role']).sort()).toEqual(['admin', 'viewer']);
    expect(looked.every(({ sourceAddress }) => sourceAddress === '127.0.0.1')).toBe(true);
  });

  it('leaves nothing for a tenant that does not exist', async () => {
    const id = newId();
    const nobody = encodeId('Tenant', id, id);
    const platform = await build.platformToken();
    const { errors } = await app.ask(platform, LOG, { tenant: nobody });
    expect(errors).toEqual([]);
    const { rows } = await admin.query('SELECT 1 FROM audit_entries WHERE tenant_id = $1', [id]);
    expect(rows).toEqual([]);
  });
});

describe('the query auditLog', () => {
  const makeSome = async (): Promise<void> => {
    for (const name of ['a', 'b', 'c']) {
      await app.get(tenant.token, 'mutation ($n: String!) { createToken(name: $n, role: VIEWER) { secret } }', {
        n: name,
      });
    }
    await app.get(tenant.token, 'mutation { setSchedule(cron: "0 3 * * *") { cron } }');
  };

  it('gives the newest first, page by page, each once', async () => {
    await makeSome();
    const all = await entries();
    const numbers = all.map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    expect(new Set(numbers).size).toBe(numbers[0]);
    const paged: number[] = [];
    let after: string | null = null;
    for (let page = 0; page <= all.length; page += 1) {
      const { auditLog }: Log = await app.get<Log>(tenant.token, LOG, { first: 2, after });
      expect(auditLog.totalCount).toBe(all.length);
      if (auditLog.nodes.length === 0) break;
      paged.push(...auditLog.nodes.map(({ number }) => number));
      after = auditLog.pageInfo.endCursor;
    }
    expect(paged).toEqual(numbers);
  });

  it('selects by each of its conditions, and all of them together', async () => {
    await makeSome();
    const all = await entries();
    const one = all.find(({ object }) => object !== null) as Entry;
    const at = (await app.get<{ auditLog: { nodes: { number: number; at: string }[] } }>(tenant.token, LOG)).auditLog
      .nodes;
    const time = at.find(({ number }) => number === one.number)?.at ?? '';
    const conditions: [object, (entry: Entry) => boolean][] = [
      [{ actor: one.actor['id'] }, ({ actor }) => actor['id'] === one.actor['id']],
      [{ action: [one.action] }, ({ action }) => action === one.action],
      [{ object: { type: one.object?.type } }, ({ object }) => object?.type === one.object?.type],
      [{ object: one.object }, ({ object }) => object?.id === one.object?.id],
      [{ requestId: one.requestId }, ({ requestId }) => requestId === one.requestId],
      [{ from: time }, ({ number }) => (at.find((entry) => entry.number === number)?.at ?? '') >= time],
      [{ to: time }, ({ number }) => (at.find((entry) => entry.number === number)?.at ?? '') < time],
    ];
    for (const [filter, holds] of conditions) {
      const found = (await entries({ filter })).map(({ number }) => number);
      expect({ filter, found }).toEqual({ filter, found: all.filter(holds).map(({ number }) => number) });
    }
    const both = {
      actor: one.actor['id'],
      action: [one.action],
      object: one.object,
      from: time,
      requestId: one.requestId,
    };
    expect((await entries({ filter: both })).map(({ number }) => number)).toContain(one.number);
    expect(await entries({ filter: { ...both, actor: newId() } })).toEqual([]);
  });

  it('is one tenant’s own, and for those who may', async () => {
    await makeSome();
    const other = await build.tenant();
    expect((await entries({}, other.token)).some(({ action }) => action.includes('schedule'))).toBe(false);
    expect((await entries({}, await build.token(tenant.id, 'auditor'))).length).toBeGreaterThan(0);
    for (const role of ['viewer', 'approver'] as const) {
      const { errors } = await app.ask(await build.token(tenant.id, role), LOG);
      expect(errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
    }
  });

  it.each([
    [{ action: [] }, /filter.action/],
    [{ from: '2026-01-02', to: '2026-01-01' }, /filter.to/],
  ])('refuses %j', async (filter, told) => {
    const { errors } = await app.ask(tenant.token, LOG, { filter });
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(told) as string,
      extensions: { code: 'BAD_INPUT' },
    });
  });
});

describe('the query auditLogVerification', () => {
  interface Verified {
    readonly auditLogVerification: { intact: boolean; entries: number; complete: boolean; firstBreak: object | null };
  }
  const verify = async (variables: object = {}) =>
    (await app.get<Verified>(tenant.token, VERIFY, variables)).auditLogVerification;

  it('says that a log is whole, or where it is not, from the beginning or from the middle', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await app.get(tenant.token, REGISTER, { name, key: name }).catch(() => {});
    for (const cron of ['0 1 * * *', '0 2 * * *']) {
      await app.get(tenant.token, 'mutation ($c: String!) { setSchedule(cron: $c) { cron } }', { c: cron });
    }
    const count = (await entries()).length;
    expect(await verify()).toEqual({
      intact: true,
      complete: true,
      entries: count,
      nextNumber: null,
      firstBreak: null,
    });
    expect(await verify({ from: 3 })).toMatchObject({ intact: true, complete: true, entries: count - 2 });
    await admin.query('BEGIN');
    await admin.query('SET LOCAL session_replication_role = replica');
    await admin.query(
      `UPDATE audit_entries SET actor_name = 'somebody else', after = '{"half' WHERE tenant_id = $1 AND seq = 2`,
      [tenant.id],
    );
    await admin.query('COMMIT');
    // What is no JSON any more can be looked at, and hides none of the others.
    const { auditLog } = await app.get<{ auditLog: { nodes: { after: unknown }[] } }>(
      tenant.token,
      '{ auditLog(first: 200) { nodes { after } } }',
    );
    expect(auditLog.nodes.map(({ after }) => after)).toContain('{"half');
    expect(await verify()).toMatchObject({ intact: false, entries: 1, firstBreak: { number: 2, fault: 'ALTERED' } });
    expect(await verify({ from: 3 })).toMatchObject({ intact: true });
    const { errors } = await app.ask(tenant.token, VERIFY, { from: 0 });
    expect(errors[0]?.message).toMatch(/^from: /);
  });

  it('wants to know from platform people which tenant’s, and is for those who may', async () => {
    const platform = await build.platformToken('viewer');
    expect((await app.ask(platform, VERIFY)).errors[0]?.message).toMatch(/tenant: /);
    expect((await app.ask(platform, VERIFY, { tenant: tenant.apiId })).errors).toEqual([]);
    const other = await build.tenant();
    expect((await app.ask(other.token, VERIFY, { tenant: tenant.apiId })).errors[0]?.extensions?.['code']).toBe(
      'NOT_FOUND',
    );
  });
});
