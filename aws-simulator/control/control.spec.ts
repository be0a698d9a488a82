import { GetAccessKeyLastUsedCommand, GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam';
import { assume, aws, iamAs, makeCaller, startSmall } from '../callers';
import type { SmallSimulator } from '../callers';

describe('the control API', () => {
  let simulator: SmallSimulator;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
  });
  afterAll(() => simulator.close());

  async function control(path: string, body?: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${simulator.url}/_control${path}`, init);
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  test('it lists its endpoints, and every GET among them answers', async () => {
    const { answer } = await control('');
    const listed = answer.endpoints as { method: string; path: string }[];
    expect(listed.length).toBeGreaterThan(25);
    for (const { path } of listed.filter(({ method }) => method === 'GET')) {
      expect([
        path,
        (
          await fetch(
            `${simulator.url}${path}?accountId=${/account$|describe$/.test(path) ? accountId : ''}`.replace(
              /\?accountId=$/,
              '',
            ),
          )
        ).status,
      ]).toEqual([path, 200]);
    }
  });

  test('what does not fit is refused with a sentence, and changes nothing', async () => {
    expect((await control('/nothing')).status).toBe(404);
    expect((await control('/travel', { weeks: 3 })).status).toBe(400);
    expect((await control('/travel', { days: -1 })).status).toBe(400);
    const misspelt = await control('/switches', { services: { iamPagelimit: 1 } });
    expect([misspelt.status, misspelt.answer.error]).toEqual([400, expect.stringContaining('iamPagelimit')]);
    expect((await control('/delete-user', { accountId, userName: 'no-such' })).status).toBe(404);
    expect(simulator.world.offsetMs).toBe(0);
    expect(() => simulator.control.setSwitches({ services: { iamPagelimit: 1 } as object })).toThrow(/iamPagelimit/);
  });

  test('dates are those that callers see: a user made and aged over HTTP', async () => {
    const created = await control('/create-user', {
      accountId,
      user: {
        name: 'remote',
        createdAt: '2024-01-02T03:04:05Z',
        keys: [{ lastUse: { at: '2024-02-03T04:15:00Z', region: 'eu-west-1', service: 'ec2' } }],
      },
    });
    expect(created.status).toBe(200);
    const iam = iamAs(simulator, makeCaller(simulator, accountId));
    const createDate = async () =>
      (await iam.send(new GetUserCommand({ UserName: 'remote' }))).User?.CreateDate?.toISOString();
    expect(await createDate()).toBe('2024-01-02T03:04:05.000Z');
    await control('/travel', { days: 1 });
    expect(await createDate()).toBe('2024-01-01T03:04:05.000Z');
    await control('/dates', { accountId, userName: 'remote', createdAt: '2024-06-01T00:00:00Z' });
    expect(await createDate()).toBe('2024-06-01T00:00:00.000Z');
  });

  test('use shows: through the control API, and by the caller’s own requests', async () => {
    const iam = iamAs(simulator, makeCaller(simulator, accountId));
    const idle = makeCaller(simulator, accountId, { name: 'idle' });
    const lastUsed = async (AccessKeyId: string) =>
      (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed;
    expect((await lastUsed(idle.accessKeyId))?.LastUsedDate).toBeUndefined();
    await control('/use', { accountId, accessKeyId: idle.accessKeyId, service: 's3' });
    expect(await lastUsed(idle.accessKeyId)).toMatchObject({
      ServiceName: 's3',
      LastUsedDate: expect.any(Date) as Date,
    });

    const role = { RoleName: 'reader' };
    simulator.control.deployRole({
      roleName: 'reader',
      trustedPrincipalArn: simulator.credentials.userArn,
      managedPolicyArns: [aws('IAMReadOnlyAccess')],
      accounts: [accountId],
    });
    expect((await iam.send(new GetRoleCommand(role))).Role?.RoleLastUsed).toEqual({});
    const session = await assume(simulator, simulator.credentials, {
      RoleArn: `arn:aws:iam::${accountId}:role/reader`,
    });
    expect((await iam.send(new GetRoleCommand(role))).Role?.RoleLastUsed).toEqual({});
    await iamAs(simulator, session).send(new GetRoleCommand(role));
    expect((await iam.send(new GetRoleCommand(role))).Role?.RoleLastUsed?.LastUsedDate).toBeInstanceOf(Date);
  });

  test('the truth changes when somebody uses an identity', async () => {
    const created = Math.floor(simulator.world.now() / 1000) * 1000 - 200 * 86_400_000;
    const user = simulator.control.createUser(accountId, { name: 'forgotten', createdAt: created, keys: [{}] });
    const accessKeyId = user.accessKeys[0]?.accessKeyId;
    const flagged = (): boolean =>
      simulator.control
        .truth(90, accountId)
        .some(({ items }) =>
          items.some((item) => item.check === 'unused-access-key' && item.accessKeyId === accessKeyId),
        );
    expect(flagged()).toBe(true);
    simulator.control.use({ accountId, userName: 'forgotten' });
    expect(flagged()).toBe(false);
    const { status, answer } = await control(`/truth?days=90&accountId=${accountId}`);
    expect(status).toBe(200);
    expect(answer).toHaveLength(1);
  });

  test('an account added by hand lives outside the organization', async () => {
    await control('/add-account', { accountId: '444455556666', name: 'standalone' });
    expect(simulator.world.organization.accounts.has('444455556666')).toBe(false);
    const outsider = makeCaller(simulator, '444455556666');
    await expect(iamAs(simulator, outsider).send(new GetUserCommand({}))).resolves.toMatchObject({
      User: { UserName: outsider.name },
    });
  });
});
