import { aRole, used } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltAccount, type BuiltTenant } from '../builders';
import { type Answer, startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;
let account: BuiltAccount;
let viewer: string;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  tenant = await build.tenant();
  account = await build.account(tenant.id);
  await build.inventory(account, { roles: [aRole({ lastUsed: used(150) })] });
  viewer = await build.token(tenant.id, 'viewer');
});
afterAll(() => app.stop());

const refusalOf = ({ errors: [error] }: Answer): object | undefined =>
  error && { code: error.extensions?.['code'], field: error.extensions?.['field'], path: error.path };

const SETUP = { code: 'FORBIDDEN', field: 'Account.setup' };

describe('a field that is not for everybody', () => {
  it.each([
    ['in a list', '{ accounts { nodes { setup { roleArn } } } }', ['accounts', 'nodes', 'setup']],
    [
      'under another name',
      '{ mine: accounts { edges { node { x: setup { roleArn } } } } }',
      ['mine', 'edges', 'node', 'x'],
    ],
    [
      'in a fragment',
      '{ accounts { nodes { ...F } } } fragment F on Account { setup { roleArn } }',
      ['accounts', 'nodes', 'setup'],
    ],
    [
      'in a fragment of a fragment',
      '{ accounts { ...L } } fragment L on AccountConnection { nodes { ...F } } fragment F on Account { setup { roleArn } }',
      ['accounts', 'nodes', 'setup'],
    ],
    [
      'of one kind of an interface',
      `{ node(id: "ID") { id ... on Account { setup { roleArn } } } }`,
      ['node', 'setup'],
    ],
    [
      'of something that hangs on something',
      '{ findings { nodes { identity { account { setup { roleArn } } } } } }',
      ['findings', 'nodes', 'identity', 'account', 'setup'],
    ],
    [
      'in one of several operations',
      'query A { viewer { name } } query B { accounts { nodes { setup { roleArn } } } }',
      ['accounts', 'nodes', 'setup'],
      'B',
    ],
    [
      'that a variable includes',
      'query ($yes: Boolean = true) { accounts { nodes { setup @include(if: $yes) { roleArn } } } }',
      ['accounts', 'nodes', 'setup'],
    ],
  ])(
    'is refused before anything runs: %s',
    async (...[, query, path, operationName]: readonly [string, string, string[], string?]) => {
      const response = await fetch(app.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${viewer}` },
        body: JSON.stringify({ query: query.replace('"ID"', `"${account.apiId}"`), operationName }),
      });
      const answer = (await response.json()) as Answer;
      expect(refusalOf(answer)).toEqual({ ...SETUP, path });
      expect(answer.data ?? null).toBeNull();
    },
  );

  it('is refused without a statement for the data', async () => {
    const { counter } = build.database;
    const statements = await counter.during(() => app.ask(viewer, '{ accounts { nodes { name setup { roleArn } } } }'));
    expect(statements.filter((text) => /FROM accounts/.test(text))).toEqual([]);
  });

  it('keeps a mutation from changing anything', async () => {
    const count = async (): Promise<number> =>
      (await app.get<{ tasks: { totalCount: number } }>(viewer, '{ tasks { totalCount } }')).tasks.totalCount;
    const before = await count();
    const approver = await build.token(tenant.id, 'approver');
    const query = `mutation { scanAccount(id: "${account.apiId}") { id scans { nodes { account { setup { roleArn } } } } } }`;
    expect(refusalOf(await app.ask(approver, query))).toMatchObject(SETUP);
    expect(await count()).toBe(before);
  });

  it('does not stand in the way where it is not asked for', async () => {
    const left = 'query ($no: Boolean!) { accounts { nodes { name setup @include(if: $no) { roleArn } } } }';
    expect((await app.ask(viewer, left, { no: false })).errors).toEqual([]);
    expect(refusalOf(await app.ask(viewer, left, { no: true }))).toMatchObject(SETUP);
    // In a different order, too: what is remembered of a query must not depend on who asked first.
    expect((await app.ask(viewer, left, { no: false })).errors).toEqual([]);
  });

  it('is there for those who may, with the very same query', async () => {
    const query = '{ accounts { nodes { setup { roleArn } } } }';
    expect(refusalOf(await app.ask(viewer, query))).toMatchObject(SETUP);
    expect((await app.ask(tenant.token, query)).errors).toEqual([]);
    expect(refusalOf(await app.ask(viewer, query))).toMatchObject(SETUP);
  });
});

describe('what an answer may hold', () => {
  const page = (n: number | string): string =>
    `identities(first: ${n}) { nodes { id name tags { key value } findings { id why history { at what } } } }`;

  it('is a large page, and not two of them', async () => {
    expect((await app.ask(viewer, `{ ${page(150)} }`)).errors).toEqual([]);
    const { errors } = await app.ask(viewer, `{ a: ${page(150)} b: ${page(150)} }`);
    expect(errors[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COSTLY' });
  });

  it('is counted with the size of pages that variables say', async () => {
    const query = `query ($n: Int) { a: ${page('$n')} b: ${page('$n')} }`;
    expect((await app.ask(viewer, query, { n: 10 })).errors).toEqual([]);
    expect((await app.ask(viewer, query, { n: 150 })).errors[0]?.extensions?.['code']).toBe('QUERY_TOO_COSTLY');
  });
});

describe('what waits for somebody', () => {
  const ASK = '{ viewer { waitingForMe { kind count url } } }';
  const waiting = async (token: string): Promise<unknown> =>
    (await app.get<{ viewer: { waitingForMe: unknown } }>(token, ASK)).viewer.waitingForMe;

  it('is what that role can do, in its own tenant, in one statement', async () => {
    const own = await build.tenant();
    await build.account(own.id, { status: 'pending' });
    await build.account(own.id, { status: 'pending' });
    await build.account((await build.tenant()).id, { status: 'pending' });
    expect(await waiting(own.token)).toEqual([{ kind: 'ACCOUNTS_TO_VERIFY', count: 2, url: null }]);
    expect(await waiting(await build.token(own.id, 'viewer'))).toEqual([]);
    const statements = await build.database.counter.during(() => waiting(own.token));
    expect(statements.filter((text) => /count\(\*\)/.test(text))).toHaveLength(1);
  });

  it('is nothing of a tenant’s for platform people, who have their own', async () => {
    expect(await waiting(await build.platformToken())).toEqual([]);
  });

  it('has a link where the service knows its address', async () => {
    const other = await startTestApp({ database: app.database, config: { publicUrl: 'https://mothball.example' } });
    const own = await build.tenant();
    await build.account(own.id, { status: 'pending' });
    const { viewer: asking } = await other.get<{ viewer: { waitingForMe: object[] } }>(own.token, ASK);
    expect(asking.waitingForMe).toMatchObject([{ url: 'https://mothball.example/' }]);
    await other.stop();
  });
});
