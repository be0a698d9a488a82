import { Logger } from '@nestjs/common';
import { encodeId } from '../../src/api-id';
import { RefusalNotes } from '../../src/graphql/core/refusals/refusal-notes.service';
import { newId } from '../../src/ids';
import { Metrics } from '../../src/observability/metrics.service';
import { type Builders, builders, type BuiltAccount, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { asAdmin } from '../harness/database';

jest.setTimeout(60_000);

let app: TestApp;
let build: Builders;
let ours: BuiltTenant;
let theirAccount: BuiltAccount;
let lines: Record<string, unknown>[];
let listening: jest.SpyInstance;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  ours = await build.tenant();
  theirAccount = await build.account((await build.tenant()).id);
});
afterAll(() => app.stop());

beforeEach(() => {
  lines = [];
  listening = jest.spyOn(Logger.prototype, 'log').mockImplementation((line: unknown) => {
    if (typeof line === 'object' && line !== null && 'event' in line) lines.push(line);
  });
});
afterEach(() => listening.mockRestore());

/** Told of a moment after the answer, which does not wait for it. */
async function told(count = 1): Promise<Record<string, unknown>[]> {
  const giveUpAt = performance.now() + 5_000;
  while (lines.length < count && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 10));
  return lines;
}

const counted = async (code: string): Promise<number> => {
  const { values } = await app.app.get(Metrics, { strict: false }).refused.get();
  return values.find(({ labels }) => labels.code === code)?.value ?? 0;
};

const notes = (tenantId: string): Promise<{ after: { field: string; count: number }; actor: string }[]> =>
  asAdmin(app.database.adminUrl, async (client) => {
    const { rows } = await client.query<{ after: string; actor: string }>(
      `SELECT after, actor_name AS actor FROM mothball.audit_entries
       WHERE tenant_id = $1 AND action = 'request.refused' ORDER BY seq`,
      [tenantId],
    );
    return rows.map(({ after, actor }) => ({ after: JSON.parse(after) as { field: string; count: number }, actor }));
  });

describe('a refused request', () => {
  it('of somebody who may not is a line with who, what, where from and when asked, and is counted', async () => {
    const token = await build.token(ours.id, 'viewer', 'looks only');
    const before = await counted('FORBIDDEN');
    await app.ask(token, '{ accounts { nodes { setup { roleArn } } } }');
    expect(await told()).toEqual([
      {
        event: 'request.refused',
        code: 'FORBIDDEN',
        operation: 'Account.setup',
        principal: { kind: 'token', id: expect.any(String) as string, name: 'looks only', role: 'viewer' },
        tenant: ours.id,
        foreign: undefined,
        requestId: expect.any(String) as string,
        sourceAddress: '127.0.0.1',
      },
    ]);
    expect(await counted('FORBIDDEN')).toBe(before + 1);
  });

  it('of nobody in particular says so', async () => {
    await app.ask(null, '{ findings { totalCount } }');
    expect(await told()).toMatchObject([
      { code: 'UNAUTHENTICATED', operation: 'Query.findings', principal: undefined },
    ]);
  });

  it('that asks for too much says who asked, though nobody had to know yet', async () => {
    await app.ask(
      ours.token,
      `query Greedy { ${Array.from({ length: 50 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
    );
    expect(await told()).toMatchObject([{ code: 'QUERY_TOO_LARGE', tenant: ours.id, principal: { role: 'admin' } }]);
  });

  it('for another tenant’s thing names that tenant; for what does not exist it is none', async () => {
    const query = 'query ($id: ID!) { account(id: $id) { name } }';
    await app.ask(ours.token, query, { id: encodeId('Account', ours.id, newId()) });
    await app.ask(ours.token, query, { id: theirAccount.apiId });
    expect(await told()).toMatchObject([{ code: 'NOT_FOUND', operation: 'account', foreign: theirAccount.tenantId }]);
  });

  it('that is too large is a line, too, and counted', async () => {
    const before = await counted('REQUEST_TOO_LARGE');
    await app.ask(ours.token, `{ __typename } # ${'x'.repeat(1_100_000)}`);
    expect(await told()).toEqual([
      {
        ...{ event: 'request.refused', code: 'REQUEST_TOO_LARGE', sourceAddress: '127.0.0.1' },
        requestId: expect.any(String) as string,
      },
    ]);
    expect(await counted('REQUEST_TOO_LARGE')).toBe(before + 1);
  });

  it('is nothing when it only was wrong', async () => {
    await app.ask(ours.token, '{ account(id: "x") { name } }');
    await app.ask(ours.token, '{ nothing }');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lines).toEqual([]);
  });
});

describe('the audit log of a tenant', () => {
  it('has what its people were refused, at once and then with a count, however often they try', async () => {
    const tenant = await build.tenant();
    const token = await build.token(tenant.id, 'viewer', 'tries');
    for (let n = 0; n < 20; n += 1) await app.ask(token, 'mutation { startSweep { id } }');
    await app.ask(token, '{ apiTokens { totalCount } }');
    await told(21);
    // As when the minute is over, or the process ends.
    await app.app.get(RefusalNotes, { strict: false }).onModuleDestroy();
    const found = await notes(tenant.id);
    expect(found.every(({ actor }) => actor === 'tries')).toBe(true);
    expect(found.map(({ after }) => after)).toEqual(
      expect.arrayContaining([
        { field: 'Mutation.startSweep', count: 1 },
        { field: 'Mutation.startSweep', count: 19 },
        { field: 'Query.apiTokens', count: 1 },
      ]),
    );
    expect(found).toHaveLength(3);
  });
});
