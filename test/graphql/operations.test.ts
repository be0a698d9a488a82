import { encodeId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
let build: Builders;
let platform: string;
let tenant: BuiltTenant;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  platform = await build.platformToken();
});
beforeEach(async () => void (tenant = await build.tenant()));
afterAll(() => app.stop());

const rows = <T>(tenantId: string, statement: string): Promise<T[]> =>
  build.database.inTenant(tenantId, (manager) => manager.query<T[]>(statement));

describe('a transfer request', () => {
  const RESOLVE =
    'mutation ($id: ID!, $accept: Boolean!) { resolveTransfer(id: $id, accept: $accept) { state from { name } to { name } } }';

  async function asked(): Promise<{ holder: BuiltTenant; id: string }> {
    const holder = await build.tenant();
    const held = await build.account(holder.id);
    const wanted = await build.account(tenant.id, { awsAccountId: held.awsAccountId, status: 'pending' });
    const id = newId();
    await build.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query(
        `INSERT INTO transfer_requests (tenant_id, id, partition, aws_account_id, from_tenant_id, to_tenant_id, to_account_id)
         VALUES ($1, $2, 'aws', $3, $4, $5, $6)`,
        [PLATFORM_TENANT_ID, id, held.awsAccountId, holder.id, tenant.id, wanted.id],
      ),
    );
    return { holder, id: encodeId('TransferRequest', PLATFORM_TENANT_ID, id) };
  }

  const coverageOf = async ({ token }: BuiltTenant): Promise<string | undefined> =>
    (await app.get<{ accounts: { nodes: { coverage: string }[] } }>(token, '{ accounts { nodes { coverage } } }'))
      .accounts.nodes[0]?.coverage;

  it('that is accepted moves the account, which is then scanned', async () => {
    const { holder, id } = await asked();
    const { transferRequests } = await app.get<{ transferRequests: { nodes: object[] } }>(
      platform,
      '{ transferRequests { nodes { id state } } }',
    );
    expect(transferRequests.nodes).toContainEqual({ id, state: 'OPEN' });
    expect(await app.get(platform, RESOLVE, { id, accept: true })).toEqual({
      resolveTransfer: { state: 'ACCEPTED', from: { name: holder.name }, to: { name: tenant.name } },
    });
    expect(await coverageOf(holder)).toBe('LEFT');
    expect(await rows(tenant.id, "SELECT kind FROM tasks WHERE kind = 'start-sweep'")).toHaveLength(1);
    expect(await rows(tenant.id, "SELECT id FROM accounts WHERE status = 'owned'")).toHaveLength(1);
  });

  it('that is refused changes nothing, and cannot be accepted afterwards', async () => {
    const { holder, id } = await asked();
    await app.get(platform, RESOLVE, { id, accept: false });
    expect(await app.get(platform, RESOLVE, { id, accept: true })).toMatchObject({
      resolveTransfer: { state: 'REFUSED' },
    });
    expect(await coverageOf(holder)).toBe('PENDING');
    expect(await rows(tenant.id, "SELECT id FROM accounts WHERE status = 'owned'")).toEqual([]);
    expect(await rows(tenant.id, 'SELECT id FROM tasks')).toEqual([]);
  });
});

describe('a task', () => {
  const task = async (): Promise<{ id: string; state: string; kind: string }> => {
    const { tasks } = await app.get<{ tasks: { nodes: { id: string; state: string; kind: string }[] } }>(
      tenant.token,
      '{ tasks(filter: { kind: "scan-account" }) { nodes { id state kind } } }',
    );
    if (!tasks.nodes[0]) throw new Error('There is no task.');
    return tasks.nodes[0];
  };

  it('is seen, called off, and not tried again unless it has failed', async () => {
    await build.account(tenant.id);
    await app.get(tenant.token, 'mutation { startSweep { id } }');
    const { id, state } = await task();
    expect(state).toBe('WAITING');
    expect(
      (await app.ask(tenant.token, 'mutation ($id: ID!) { retryTask(id: $id) { id } }', { id })).errors[0],
    ).toMatchObject({
      message: expect.stringContaining('waiting') as string,
      extensions: { code: 'BAD_INPUT' },
    });
    await app.get(tenant.token, 'mutation ($id: ID!) { cancelTask(id: $id) { state } }', { id });
    expect((await task()).state).toBe('CANCELLED');
  });

  it('that has failed shows its error and may be tried again', async () => {
    await build.account(tenant.id);
    await app.get(tenant.token, 'mutation { startSweep { id } }');
    await rows(
      tenant.id,
      "UPDATE tasks SET state = 'failed', finished_at = now(), error_code = 'X', error_message = 'It broke.'",
    );
    const { tasks } = await app.get<{ tasks: { nodes: { id: string }[] } }>(
      tenant.token,
      '{ tasks(filter: { state: FAILED }) { nodes { id errorCode errorMessage } } }',
    );
    expect(tasks.nodes).toEqual([{ id: expect.any(String) as string, errorCode: 'X', errorMessage: 'It broke.' }]);
    expect(
      await app.get(tenant.token, 'mutation ($id: ID!) { retryTask(id: $id) { state } }', { id: tasks.nodes[0]?.id }),
    ).toEqual({ retryTask: { state: 'WAITING' } });
  });
});

describe('a tenant’s settings', () => {
  it('are a policy in versions', async () => {
    const settings = { checks: { 'unused-role': { idleDays: 60 } } };
    const saved = await app.get<{ setPolicy: { version: number; settings: typeof settings } }>(
      tenant.token,
      'mutation ($settings: JSON!) { setPolicy(settings: $settings) { version settings } }',
      { settings },
    );
    expect(saved.setPolicy).toMatchObject({ version: 1, settings });
    expect(await app.get(platform, 'query ($t: ID) { policy(tenant: $t) { version } }', { t: tenant.apiId })).toEqual({
      policy: { version: 1 },
    });
  });

  it('are a schedule in its time zone', async () => {
    const { setSchedule } = await app.get<{ setSchedule: { nextDueAt: string } }>(
      tenant.token,
      'mutation { setSchedule(cron: "30 3 * * *", timezone: "Asia/Tokyo") { cron timezone enabled nextDueAt } }',
    );
    expect(setSchedule).toMatchObject({ cron: '30 3 * * *', timezone: 'Asia/Tokyo', enabled: true });
    expect(setSchedule.nextDueAt).toMatch(/T18:30:00/);
  });
});

describe('node', () => {
  it('answers with whatever has the id', async () => {
    const account = await build.account(tenant.id, { name: 'one' });
    const { startSweep } = await app.get<{ startSweep: { id: string } }>(
      tenant.token,
      'mutation { startSweep { id } }',
    );
    const node = 'query ($id: ID!) { node(id: $id) { __typename id ... on Account { name } } }';
    expect(await app.get(tenant.token, node, { id: account.apiId })).toEqual({
      node: { __typename: 'Account', id: account.apiId, name: 'one' },
    });
    expect(await app.get(tenant.token, node, { id: startSweep.id })).toMatchObject({ node: { __typename: 'Sweep' } });
    expect(await app.get(tenant.token, node, { id: tenant.apiId })).toMatchObject({ node: { __typename: 'Tenant' } });
  });
});
