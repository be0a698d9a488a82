import { encodeId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { aRole, AT, used } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltAccount, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
let build: Builders;
let ours: BuiltTenant;
let theirs: BuiltTenant;
let theirAccount: BuiltAccount;
let platform: string;

const idle = aRole({ name: 'old', uniqueId: 'AROAOLD', lastUsed: used(150) });

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  platform = await build.platformToken();
  [ours, theirs] = [await build.tenant('ours'), await build.tenant('theirs')];
  await build.inventory(await build.account(ours.id), { at: AT, roles: [idle] });
  theirAccount = await build.account(theirs.id);
  await build.inventory(theirAccount, { at: AT, roles: [idle] });
});
afterAll(() => app.stop());

const codes = async (token: string | null, query: string, variables?: object): Promise<unknown[]> =>
  (await app.ask(token, query, variables)).errors.map(({ extensions }) => extensions?.['code']);

describe('who is asking', () => {
  it.each([
    ['no token', null],
    ['an unknown token', 'mothball_0000000000000000000000000000000000000000000'],
    ['something else', 'x'],
  ])('is found out first: %s is UNAUTHENTICATED, with status 401', async (_what, token) => {
    const { status, errors } = await app.ask(token, '{ findings { totalCount } }');
    expect([status, errors[0]?.extensions?.['code']]).toEqual([401, 'UNAUTHENTICATED']);
    expect(errors[0]?.message).toMatch(/token/);
  });

  it('need not be said to read the schema', async () => {
    expect(await codes(null, '{ __schema { queryType { name } } }')).toEqual([]);
  });

  it('is no longer anybody once a token is revoked or has expired', async () => {
    const made = await app.get<{ createToken: { token: { id: string }; secret: string } }>(
      ours.token,
      'mutation { createToken(name: "ci", role: VIEWER) { token { id } secret } }',
    );
    const { secret, token } = made.createToken;
    expect(await codes(secret, '{ viewer { name role } }')).toEqual([]);
    await app.get(ours.token, 'mutation ($id: ID!) { revokeToken(id: $id) { revokedAt } }', { id: token.id });
    expect(await codes(secret, '{ viewer { name } }')).toEqual(['UNAUTHENTICATED']);
    expect(
      await codes(ours.token, 'mutation { createToken(name: "ci", role: VIEWER, expiresAt: "2020-01-01") { secret } }'),
    ).toEqual(['BAD_INPUT']);
  });
});

describe('a tenant', () => {
  it('sees its own only, however it asks', async () => {
    const { findings, accounts, lookup } = await app.get<{
      findings: { totalCount: number };
      accounts: { totalCount: number; nodes: { tenant: { name: string } }[] };
      lookup: object[];
    }>(
      ours.token,
      '{ findings { totalCount } accounts { totalCount nodes { tenant { name } } } lookup(text: "old") { id } }',
    );
    expect([findings.totalCount, accounts.totalCount, lookup.length]).toEqual([1, 1, 1]);
    expect(accounts.nodes[0]?.tenant.name).toBe('ours');
  });

  it.each([
    ['account', (id: string) => `{ account(id: "${id}") { name } }`],
    ['node', (id: string) => `{ node(id: "${id}") { id } }`],
    ['scanAccount', (id: string) => `mutation { scanAccount(id: "${id}") { id } }`],
    ['verifyAccount', (id: string) => `mutation { verifyAccount(id: "${id}") { pending } }`],
  ])('is told that a foreign id does not exist: %s', async (_field, query) => {
    expect(await codes(ours.token, query(theirAccount.apiId))).toEqual(['NOT_FOUND']);
    // Nor does it help to claim that a foreign thing is one's own.
    expect(await codes(ours.token, query(encodeId('Account', ours.id, theirAccount.id)))).toEqual(['NOT_FOUND']);
    expect(await codes(ours.token, query(encodeId('Account', ours.id, newId())))).toEqual(['NOT_FOUND']);
  });

  it('may not name another tenant', async () => {
    expect(
      await codes(ours.token, 'query ($t: ID) { accounts(tenant: $t) { totalCount } }', { t: theirs.apiId }),
    ).toEqual(['NOT_FOUND']);
    const register =
      'mutation ($t: ID) { registerAccount(awsAccountId: "222222222222", name: "x", tenant: $t) { id } }';
    expect(await codes(ours.token, register, { t: theirs.apiId })).toEqual(['NOT_FOUND']);
  });

  it('has no part in what is the platform’s', async () => {
    expect(await codes(ours.token, '{ tenants { totalCount } }')).toEqual(['FORBIDDEN']);
    expect(await codes(ours.token, 'mutation { createTenant(name: "x") { id } }')).toEqual(['FORBIDDEN']);
  });

  it.each(['viewer', 'auditor'] as const)('lets its %s read and change nothing', async (role) => {
    const token = await build.token(ours.id, role);
    expect(await codes(token, '{ findings { totalCount } policy { version } }')).toEqual([]);
    const { errors } = await app.ask(token, 'mutation { startSweep { id } }');
    expect(errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect(errors[0]?.message).toContain(role.toUpperCase());
    expect(await codes(token, '{ apiTokens { totalCount } }')).toEqual(['FORBIDDEN']);
  });

  it('lets its approver have things looked at, and settle nothing alone', async () => {
    const token = await build.token(ours.id, 'approver');
    expect(await codes(token, 'mutation { startSweep { id } }')).toEqual([]);
    expect(await codes(token, 'mutation { setPolicy(settings: {}) { version } }')).toEqual(['FORBIDDEN']);
    expect(await codes(token, '{ apiTokens { totalCount } }')).toEqual(['FORBIDDEN']);
  });
});

describe('the platform', () => {
  it('reads across tenants, or in the one it names', async () => {
    const count = async (tenant: string | null): Promise<number> =>
      (
        await app.get<{ findings: { totalCount: number } }>(
          platform,
          'query ($tenant: ID) { findings(tenant: $tenant) { totalCount } }',
          { tenant },
        )
      ).findings.totalCount;
    expect([await count(null), await count(ours.apiId), await count(theirs.apiId)]).toEqual([2, 1, 1]);
    const { findingGroups } = await app.get<{ findingGroups: { nodes: object[] } }>(
      platform,
      '{ findingGroups(by: TENANT) { nodes { key label count } } }',
    );
    expect(findingGroups.nodes).toEqual([
      { key: ours.apiId, label: 'ours', count: 1 },
      { key: theirs.apiId, label: 'theirs', count: 1 },
    ]);
  });

  it('reads what hangs on a finding across tenants, too', async () => {
    const { findings } = await app.get<{ findings: { nodes: { account: { tenant: { name: string } } }[] } }>(
      platform,
      '{ findings { nodes { account { tenant { name } } identity { name } remediation { cli } } } }',
    );
    expect(findings.nodes.map((node) => node.account.tenant.name).sort()).toEqual(['ours', 'theirs']);
  });

  it('names the tenant that it changes something in', async () => {
    const register =
      'mutation ($t: ID) { registerAccount(awsAccountId: "333333333333", name: "x", tenant: $t) { tenant { name } } }';
    expect(await codes(platform, register)).toEqual(['BAD_INPUT']);
    expect(await codes(platform, register, { t: encodeId('Tenant', newId(), newId()) })).toEqual(['NOT_FOUND']);
    expect(await app.get(platform, register, { t: ours.apiId })).toEqual({
      registerAccount: { tenant: { name: 'ours' } },
    });
  });

  it('lets its viewers change nothing', async () => {
    const viewer = await build.platformToken('viewer');
    expect(await codes(viewer, '{ tenants { totalCount } findings { totalCount } }')).toEqual([]);
    expect(await codes(viewer, 'mutation { createTenant(name: "x") { id } }')).toEqual(['FORBIDDEN']);
    expect(await codes(viewer, 'mutation ($t: ID) { startSweep(tenant: $t) { id } }', { t: ours.apiId })).toEqual([
      'FORBIDDEN',
    ]);
  });
});
