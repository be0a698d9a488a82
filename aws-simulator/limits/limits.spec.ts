import { CreateUserCommand, GetUserCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { iamAs, makeCaller, organizationsAs, startSmall } from '../callers';
import type { CallerCredentials, SmallSimulator } from '../callers';

describe('pacing, latency, faults and counts', () => {
  let simulator: SmallSimulator;
  let admin: CallerCredentials;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    admin = makeCaller(simulator, accountId);
  });
  afterAll(() => simulator.close());
  beforeEach(() => {
    simulator.control.removePacing();
    simulator.control.resetCounters();
    simulator.control.clearFaults();
    simulator.control.setLatency({ ms: 0, byAction: {} });
  });

  const list = (maxAttempts = 1) => iamAs(simulator, admin, maxAttempts).send(new ListUsersCommand({}));

  test('above the rate IAM answers Throttling, 400, and the SDK gets through by retrying', async () => {
    simulator.control.setIamRate({ rate: 1, burst: 1 });
    await list();
    await expect(list()).rejects.toMatchObject({
      name: 'Throttling',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    const { $metadata } = await list(5);
    expect($metadata.attempts).toBeGreaterThan(1);
    const { throttled, byAction } = simulator.control.counters();
    expect(throttled).toBeGreaterThanOrEqual(2);
    expect(byAction['iam:ListUsers']).toMatchObject({ throttled, errors: 0 });
  });

  test('Organizations says TooManyRequestsException', async () => {
    simulator.control.setPacing({ byAction: { 'organizations:ListAccounts': { rate: 1, burst: 1 } } });
    const client = organizationsAs(simulator, makeCaller(simulator, simulator.managementId));
    await client.send(new ListAccountsCommand({}));
    await expect(client.send(new ListAccountsCommand({}))).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  });

  test('an error before the effect leaves nothing behind, and happens as often as told', async () => {
    simulator.control.addFault({ action: 'CreateUser', kind: 'error-before-effect', times: 2 });
    const create = () => iamAs(simulator, admin).send(new CreateUserCommand({ UserName: 'faulty' }));
    await expect(create()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await expect(create()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(simulator.world.account(accountId)?.users.has('faulty')).toBe(false);
    await expect(create()).resolves.toBeDefined();
  });

  test('a lost response had its effect', async () => {
    simulator.control.addFault({ service: 'iam', action: 'CreateUser', kind: 'effect-then-lost-response' });
    await expect(iamAs(simulator, admin).send(new CreateUserCommand({ UserName: 'lost' }))).rejects.toMatchObject({
      message: expect.stringContaining('ECONNRESET') as string,
    });
    expect(simulator.world.account(accountId)?.users.has('lost')).toBe(true);
    expect(simulator.control.log({ action: 'CreateUser' }).at(-1)).toMatchObject({ lost: true, status: 0 });
  });

  test('a reset connection had none', async () => {
    simulator.control.addFault({ action: 'CreateUser', kind: 'reset' });
    await expect(iamAs(simulator, admin).send(new CreateUserCommand({ UserName: 'reset' }))).rejects.toMatchObject({
      message: expect.stringContaining('ECONNRESET') as string,
    });
    expect(simulator.world.account(accountId)?.users.has('reset')).toBe(false);
  });

  test('a fault can be aimed at one account and one parameter', async () => {
    simulator.control.createUser(accountId, { name: 'aimed' });
    simulator.control.addFault({
      accountId,
      parameters: { UserName: 'aimed' },
      kind: 'error-before-effect',
      code: 'ConcurrentModification',
      status: 409,
    });
    await expect(list()).resolves.toBeDefined();
    const aimed = () => iamAs(simulator, admin).send(new GetUserCommand({ UserName: 'aimed' }));
    await expect(aimed()).rejects.toMatchObject({ $metadata: { httpStatusCode: 409 } });
    await expect(aimed()).resolves.toBeDefined();
  });

  test('latency and slow faults delay the answer', async () => {
    const took = async (): Promise<number> => {
      const started = performance.now();
      await list();
      return performance.now() - started;
    };
    simulator.control.setLatency({ ms: 60 });
    expect(await took()).toBeGreaterThanOrEqual(59);
    simulator.control.setLatency({ byAction: { 'iam:ListUsers': 0 } });
    simulator.control.addFault({ kind: 'slow', ms: 120 });
    expect(await took()).toBeGreaterThanOrEqual(119);
  });

  test('calls are counted by account and action', async () => {
    await list();
    await list();
    await expect(iamAs(simulator, admin).send(new GetUserCommand({ UserName: 'no-such' }))).rejects.toBeDefined();
    const { total, byAccount } = simulator.control.counters();
    expect(total).toBe(3);
    expect(byAccount[accountId]?.byAction).toEqual({
      'iam:ListUsers': { calls: 2, throttled: 0, errors: 0 },
      'iam:GetUser': { calls: 1, throttled: 0, errors: 1 },
    });
  });
});
