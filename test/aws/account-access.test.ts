import { setTimeout as pause } from 'node:timers/promises';
import { DeleteUserCommand, GetUserCommand, IAMClient, ListUsersCommand, paginateListUsers } from '@aws-sdk/client-iam';
import { AwsService, type OpenAccount } from '../../src/aws/aws.service';
import type { AwsOptions } from '../../src/aws/aws-options';
import { LeaseLost } from '../../src/aws/middleware';
import { assumeRoleResult, ScriptedEndpoint, user, type Script } from './scripted-endpoint';

const ACCOUNT: OpenAccount = {
  partition: 'aws',
  accountId: '123456789012',
  roleArn: 'arn:aws:iam::123456789012:role/Scan',
  externalId: 'prefix-123456789012',
  sessionName: 'scan-1',
};
const inAnHour = (): Date => new Date(Date.now() + 3_600_000);
const EMPTY = '<Users></Users><IsTruncated>false</IsTruncated>';

let endpoint: ScriptedEndpoint;
let aws: AwsService;
const environment = { ...process.env };

async function start(scripts: Record<string, Script>, options: AwsOptions = {}): Promise<void> {
  endpoint = await ScriptedEndpoint.start({ AssumeRole: () => assumeRoleResult('ASIAONE', inAnHour()), ...scripts });
  aws = new AwsService({ endpoint: endpoint.url, ...options });
}

beforeEach(() => {
  process.env = { ...environment, AWS_ACCESS_KEY_ID: 'AKIAAMBIENT', AWS_SECRET_ACCESS_KEY: 'secret' };
});
afterEach(async () => {
  process.env = environment;
  aws.close();
  await endpoint.stop();
});

describe('credentials of an assumed role', () => {
  it('come from one AssumeRole with all that was asked, however many requests start at once', async () => {
    await start({ ListUsers: () => EMPTY });
    const access = aws.openAccount({ ...ACCOUNT, sourceIdentity: 'exec-1', sessionPolicy: '{}', durationSeconds: 900 });
    await Promise.all([1, 2, 3].map(() => access.iam.send(new ListUsersCommand({}))));
    expect(endpoint.count('AssumeRole')).toBe(1);
    const asked = Object.fromEntries(endpoint.seen[0]?.parameters ?? []);
    expect(asked).toMatchObject({
      RoleArn: ACCOUNT.roleArn,
      ExternalId: ACCOUNT.externalId,
      RoleSessionName: 'scan-1',
      SourceIdentity: 'exec-1',
      Policy: '{}',
      DurationSeconds: '900',
    });
    expect(endpoint.seen.map((call) => call.accessKeyId)).toEqual(['AKIAAMBIENT', 'ASIAONE', 'ASIAONE', 'ASIAONE']);
    expect(access.calls.summary()).toMatchObject({
      calls: 4,
      byAction: { 'sts:AssumeRole': { calls: 1 }, 'iam:ListUsers': { calls: 3 } },
    });
  });

  it('are renewed before they expire', async () => {
    const soon = new Date(Date.now() + 60_000);
    await start({
      ListUsers: () => EMPTY,
      AssumeRole: (_, nth) => assumeRoleResult(`ASIA${nth}`, nth === 1 ? soon : inAnHour()),
    });
    const { iam } = aws.openAccount(ACCOUNT);
    for (let n = 0; n < 3; n += 1) await iam.send(new ListUsersCommand({}));
    const used = endpoint.seen.filter((call) => call.action === 'ListUsers').map((call) => call.accessKeyId);
    expect(used[2]).toBe('ASIA2');
    expect(endpoint.count('AssumeRole')).toBe(2);
  });

  it('that AWS refuses are one call and one sentence that says what to fix', async () => {
    await start({ AssumeRole: () => ({ error: 'AccessDenied', status: 403, message: 'not authorized' }) });
    const access = aws.openAccount(ACCOUNT);
    await expect(access.connect()).rejects.toMatchObject({
      code: 'AWS_ROLE_NOT_ASSUMABLE',
      retryable: false,
      remedy: expect.stringContaining('external id') as string,
    });
    expect(endpoint.count('AssumeRole')).toBe(1);
  });

  it('are not asked for when the role is of another account or partition', async () => {
    await start({});
    expect(() => aws.openAccount({ ...ACCOUNT, accountId: '999999999999' })).toThrow(/belongs to the account/);
    expect(() => aws.openAccount({ ...ACCOUNT, partition: 'aws-cn' })).toThrow(/across partitions/);
  });
});

describe('requests', () => {
  it('are retried after throttling, each attempt counted and paced', async () => {
    await start({ ListUsers: (_, nth) => (nth === 1 ? { error: 'Throttling', status: 400 } : EMPTY) });
    const access = aws.openAccount(ACCOUNT);
    await access.iam.send(new ListUsersCommand({}));
    expect(access.calls.summary().byAction['iam:ListUsers']).toMatchObject({ calls: 2, throttled: 1, retried: 1 });
  });

  it('that change something are repeated by nobody but their sender, whose repetitions count as such', async () => {
    await start({ DeleteUser: (_, nth) => (nth === 1 ? { error: 'Throttling', status: 400 } : '') });
    const access = aws.openAccount(ACCOUNT);
    const send = (isRepeat: boolean) =>
      access.sendOnce(new DeleteUserCommand({ UserName: 'a' }), { isRepeat, ready: () => Promise.resolve() });
    await expect(send(false)).rejects.toMatchObject({ name: 'Throttling' });
    expect(endpoint.count('DeleteUser')).toBe(1);
    await send(true);
    expect(access.calls.summary().byAction['iam:DeleteUser']).toMatchObject({ calls: 2, throttled: 1, retried: 1 });
    expect(endpoint.count('AssumeRole')).toBe(1);
  });

  it('are held back by their sender at the last moment, when the wait for their turn is over', async () => {
    await start({ DeleteUser: () => '', GetUser: () => user('a') });
    const pacing = { maxInFlight: 1, paces: { 'iam:DeleteUser': { perSecond: 5, burst: 1 } } };
    const access = aws.openAccount({ ...ACCOUNT, pacing });
    const remove = (ready: () => Promise<void>) =>
      access.sendOnce(new DeleteUserCommand({ UserName: 'a' }), { isRepeat: false, ready });
    await remove(() => Promise.resolve());
    const startedAt = performance.now();
    const heldBack = remove(async () => {
      expect(performance.now() - startedAt).toBeGreaterThan(150);
      await access.iam.send(new GetUserCommand({ UserName: 'a' }));
      throw new Error('Somebody else.');
    });
    await expect(heldBack).rejects.toThrow('Somebody else.');
    expect(endpoint.count('DeleteUser')).toBe(1);
  });

  it('keep to the pace through a paginator', async () => {
    await start({
      ListUsers: (_, nth) =>
        `<Users>${user(`u${nth}`)}</Users>` +
        (nth < 6 ? `<IsTruncated>true</IsTruncated><Marker>m${nth}</Marker>` : ''),
    });
    const access = aws.openAccount({ ...ACCOUNT, pacing: { paces: { 'iam:ListUsers': { perSecond: 20, burst: 1 } } } });
    await access.connect();
    const startedAt = performance.now();
    let users = 0;
    for await (const page of paginateListUsers({ client: access.iam }, {})) users += page.Users?.length ?? 0;
    expect(users).toBe(6);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(245);
  });

  it('do not leave once the lease has passed, not even as a retry', async () => {
    let deadline = Number.POSITIVE_INFINITY;
    await start({
      ListUsers: () => {
        deadline = performance.now();
        return { error: 'Throttling', status: 400 };
      },
    });
    const access = aws.openAccount({ ...ACCOUNT, leaseDeadline: () => deadline });
    await expect(access.iam.send(new ListUsersCommand({}))).rejects.toBeInstanceOf(LeaseLost);
    expect(endpoint.count('ListUsers')).toBe(1);
    await expect(access.iam.send(new GetUserCommand({}))).rejects.toMatchObject({
      code: 'LEASE_LOST',
      retryable: true,
    });
    expect(endpoint.count('GetUser')).toBe(0);
  });

  it.each([
    [-3 * 3_600_000, '180 minutes ahead of'],
    [6 * 60_000, '6 minutes behind'],
  ])('are none any more when AWS’s clock is %i ms ahead of ours', async (aheadMs, off) => {
    await start({ ListUsers: () => EMPTY, DeleteUser: () => '' });
    const { iam } = aws.openAccount(ACCOUNT);
    await iam.send(new ListUsersCommand({}));
    endpoint.aheadMs = aheadMs;
    await iam.send(new ListUsersCommand({}));
    await expect(iam.send(new DeleteUserCommand({ UserName: 'alice' }))).rejects.toMatchObject({
      code: 'CLOCK_OFF',
      retryable: true,
      message: expect.stringContaining(`clock is ${off} AWS’s`) as string,
    });
    expect(endpoint.count('DeleteUser')).toBe(0);
  });

  it('end with the job, in flight and between retries', async () => {
    await start({
      ListUsers: () => pause(5_000, EMPTY, { ref: false }),
      GetUser: () => ({ error: 'Throttling', status: 400 }),
    });
    const stop = new AbortController();
    const { iam } = aws.openAccount({ ...ACCOUNT, signal: stop.signal });
    const inFlight = iam.send(new ListUsersCommand({}));
    const retrying = iam.send(new GetUserCommand({}));
    const both = Promise.allSettled([inFlight, retrying]);
    await pause(100);
    const stoppedAt = performance.now();
    stop.abort(new Error('the worker shuts down'));
    const [first, second] = await both;
    expect(performance.now() - stoppedAt).toBeLessThan(300);
    expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
  });

  it('that nobody answers say where to look', async () => {
    await start({});
    const unreachable = new AwsService({ endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
    await expect(unreachable.callerIdentity()).rejects.toMatchObject({
      code: 'AWS_UNREACHABLE',
      remedy: expect.stringContaining('AWS_ENDPOINT_URL') as string,
    });
  });
});

describe('the stack', () => {
  it('paces inside the retry and before signing, and guards the lease last', async () => {
    await start({});
    const names = aws
      .openAccount(ACCOUNT)
      .iam.middlewareStack.identify()
      .map((line) => line.split(' ')[0]?.split(':')[0]);
    const at = (name: string): number => names.indexOf(name);
    expect(at('retryMiddleware')).toBeGreaterThan(-1);
    expect(at('mothballPace')).toBe(at('retryMiddleware') + 1);
    expect(at('httpSigningMiddleware')).toBeGreaterThan(at('mothballPace'));
    expect(at('mothballGate')).toBe(names.length - 1);
  });

  it('pins the retry mode', async () => {
    await start({});
    process.env['AWS_RETRY_MODE'] = 'adaptive';
    const { iam } = aws.openAccount(ACCOUNT);
    expect(iam).toBeInstanceOf(IAMClient);
    expect(await iam.config.retryStrategy()).toMatchObject({ mode: 'standard' });
    expect(await iam.config.maxAttempts()).toBe(6);
  });
});

describe('ambient credentials', () => {
  const identity = (): string =>
    '<Arn>arn:aws-cn:iam::123456789012:user/me</Arn><Account>123456789012</Account><UserId>AIDA</UserId>';

  it('open their own account, in their own partition', async () => {
    await start({ GetCallerIdentity: identity, ListUsers: () => EMPTY });
    const access = await aws.ambientAccount();
    await access.connect();
    await access.iam.send(new ListUsersCommand({}));
    expect(access).toMatchObject({ partition: 'aws-cn', accountId: '123456789012', roleArn: null });
    expect(await access.iam.config.region()).toBe('cn-north-1');
    expect(access.calls.summary().byAction['sts:GetCallerIdentity']).toMatchObject({ calls: 1 });
  });

  it('may come by AWS_ENDPOINT_URL and its form for one service, without any option', async () => {
    await start({ GetCallerIdentity: identity });
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    process.env['AWS_ENDPOINT_URL_STS'] = endpoint.url;
    await expect(new AwsService().callerIdentity()).resolves.toMatchObject({ partition: 'aws-cn' });
  });

  it('are on loopback, or not, wherever that is said', async () => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_ENDPOINT_URL'];
    expect(await new AwsService().onLoopback()).toBe(false);
    expect(await new AwsService({ endpoint: 'http://[::1]:9' }).onLoopback()).toBe(true);
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    expect(await new AwsService().onLoopback()).toBe(true);
    process.env['AWS_ENDPOINT_URL_STS'] = 'https://sts.example.com';
    expect(await new AwsService().onLoopback()).toBe(false);
  });

  it('that are missing are said to be missing', async () => {
    await start({ GetCallerIdentity: identity });
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    Object.assign(process.env, {
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    });
    await expect(aws.ambientAccount()).rejects.toMatchObject({
      code: 'AWS_NO_CREDENTIALS',
      remedy: expect.stringContaining('AWS_PROFILE') as string,
    });
  });
});

describe('proveRole', () => {
  const roleArn = ACCOUNT.roleArn;
  const externalId = 'prefix-123456789012';
  const trusting = (accepts: (given: string | null) => boolean): Script => {
    return (call) =>
      accepts(call.parameters.get('ExternalId'))
        ? assumeRoleResult('ASIA', inAnHour())
        : { error: 'AccessDenied', status: 403 };
  };

  it.each([
    ['ok', (given: string | null) => given === externalId],
    ['not-assumable', () => false],
    ['assumable-without-external-id', () => true],
    ['assumable-with-wrong-external-id', (given: string | null) => given !== null],
  ])('answers %s', async (outcome, accepts) => {
    await start({ AssumeRole: trusting(accepts) });
    const proof = await aws.proveRole({ roleArn, externalId });
    expect(proof.outcome).toBe(outcome);
    if (proof.outcome !== 'ok') expect(proof.remedy).toMatch(/trust policy/);
  });

  it('does not take a failure for a denial', async () => {
    await start({
      AssumeRole: (call) =>
        call.parameters.has('ExternalId')
          ? assumeRoleResult('ASIA', inAnHour())
          : { error: 'ValidationError', status: 400 },
    });
    await expect(aws.proveRole({ roleArn, externalId })).rejects.toMatchObject({ code: 'AWS_INVALID_REQUEST' });
  });

  it('leaves the external id unchecked on loopback only', async () => {
    await start({ AssumeRole: trusting(() => true) });
    const asked = { roleArn, externalId, withoutExternalIdChecks: true };
    await expect(aws.proveRole(asked)).resolves.toMatchObject({ outcome: 'ok' });
    await expect(new AwsService().proveRole(asked)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(endpoint.count('AssumeRole')).toBe(1);
  });
});
