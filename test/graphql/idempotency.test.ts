import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
});
beforeEach(async () => void (tenant = await build.tenant()));
afterAll(() => app.stop());

const REGISTER = `mutation ($name: String!, $key: String) {
  registerAccount(awsAccountId: "444455556666", name: $name, idempotencyKey: $key) { id setup { externalId } }
}`;
const SWEEP = 'mutation ($key: String) { startSweep(idempotencyKey: $key) { id } }';
const codeOf = async (query: string, variables: object): Promise<unknown> =>
  (await app.ask(tenant.token, query, variables)).errors[0]?.extensions?.['code'];

describe('a mutation with an idempotency key', () => {
  it('answers the same again and does nothing twice', async () => {
    await build.account(tenant.id);
    const once = await app.get(tenant.token, SWEEP, { key: 'k' });
    expect(await app.get(tenant.token, SWEEP, { key: 'k' })).toEqual(once);
    expect(await app.get(tenant.token, SWEEP, { key: 'l' })).not.toEqual(once);
    const sweeps = await build.database.inTenant(tenant.id, (manager) =>
      manager.query<object[]>('SELECT id FROM sweeps'),
    );
    expect(sweeps).toHaveLength(2);
  });

  it('does it once even when it is sent many times at once', async () => {
    await build.account(tenant.id);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => app.get(tenant.token, SWEEP, { key: 'k' })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('is a conflict with other arguments, or for another mutation', async () => {
    await app.get(tenant.token, REGISTER, { name: 'one', key: 'k' });
    expect(await codeOf(REGISTER, { name: 'two', key: 'k' })).toBe('IDEMPOTENCY_CONFLICT');
    expect(await codeOf(SWEEP, { key: 'k' })).toBe('IDEMPOTENCY_CONFLICT');
  });

  it('may be tried again after it was refused', async () => {
    expect(await codeOf(SWEEP, { key: 'k' })).toBe('BAD_INPUT');
    await build.account(tenant.id);
    expect(await codeOf(SWEEP, { key: 'k' })).toBeUndefined();
  });

  it('is one tenant’s own: the same key of another is another request', async () => {
    const other = await build.tenant();
    const [one, two] = await Promise.all(
      [tenant, other].map(({ token }) =>
        app.get<{ registerAccount: { id: string } }>(token, REGISTER, { name: 'x', key: 'k' }),
      ),
    );
    expect(one?.registerAccount.id).not.toBe(two?.registerAccount.id);
  });

  it('shows a new token’s secret once only', async () => {
    const create = 'mutation { createToken(name: "ci", role: VIEWER, idempotencyKey: "k") { secret token { id } } }';
    const first = await app.get<{ createToken: { secret: string | null; token: { id: string } } }>(
      tenant.token,
      create,
    );
    const again = await app.get<{ createToken: { secret: string | null; token: { id: string } } }>(
      tenant.token,
      create,
    );
    expect(first.createToken.secret).toMatch(/^mothball_/);
    expect(again.createToken).toEqual({ secret: null, token: first.createToken.token });
    const kept = await build.database.inTenant(tenant.id, (manager) =>
      manager.query<object[]>('SELECT result FROM idempotency_keys'),
    );
    expect(JSON.stringify(kept)).not.toContain('mothball_');
  });
});

describe('assignAccounts, which is more than one transaction,', () => {
  it('answers the same again, too', async () => {
    const platform = await build.platformToken();
    const account = await build.account((await build.tenant()).id);
    const assign = `mutation ($t: ID!, $a: [ID!]) { assignAccounts(tenant: $t, accountIds: $a, idempotencyKey: "k") { moved accounts { awsAccountId } } }`;
    const variables = { t: tenant.apiId, a: [account.apiId] };
    const expected = { assignAccounts: { moved: 1, accounts: [{ awsAccountId: account.awsAccountId }] } };
    expect(await app.get(platform, assign, variables)).toEqual(expected);
    expect(await app.get(platform, assign, variables)).toEqual(expected);
    const { errors } = await app.ask(platform, assign, { ...variables, a: [] });
    expect(errors[0]?.extensions?.['code']).toBe('IDEMPOTENCY_CONFLICT');
  });
});
