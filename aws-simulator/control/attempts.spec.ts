import {
  DeleteUserPermissionsBoundaryCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccessKeyLastUsedCommand,
  GetServiceLastAccessedDetailsCommand,
  GetUserCommand,
  PutUserPermissionsBoundaryCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { allow, aws, iamAs, makeCaller, policy, startSmall } from '../callers';
import type { SmallSimulator } from '../callers';
import { DAY_MS } from '../world/time-line';

describe('attempts of an identity, and its description', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;
  let made = 0;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  afterEach(() => {
    simulator.control.setSwitches({ world: { deniedMovesLastUse: false, inactiveKeyMovesLastUse: false } });
    simulator.control.setServiceControlPolicy(accountId, null);
  });
  afterAll(() => simulator.close());

  const newUser = () =>
    simulator.control.createUser(accountId, {
      name: `subject-${++made}`,
      createdAt: simulator.world.now() - 300 * DAY_MS,
      keys: [{}],
      password: {},
      inlinePolicies: { s3: allow('s3:*') },
    });

  async function servicesTried(arn: string): Promise<(string | undefined)[]> {
    const { JobId } = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn }));
    for (;;) {
      const { JobStatus, ServicesLastAccessed = [] } = await iam.send(
        new GetServiceLastAccessedDetailsCommand({ JobId }),
      );
      if (JobStatus === 'COMPLETED')
        return ServicesLastAccessed.filter(({ LastAuthenticated }) => LastAuthenticated).map(
          ({ ServiceNamespace }) => ServiceNamespace,
        );
    }
  }

  test.each([false, true])(
    'under AWSDenyAll an attempt is denied and listed; whether it moves the key’s last use (%s) is a switch',
    async (deniedMovesLastUse) => {
      simulator.control.setSwitches({ world: { deniedMovesLastUse } });
      const { name } = newUser();
      const AccessKeyId = simulator.world.account(accountId)?.users.get(name)?.accessKeys[0]?.accessKeyId;
      const tried = { accountId, userName: name, action: 's3:GetObject' };
      await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary: aws('AWSDenyAll') }));
      expect(simulator.control.attempt(tried)).toEqual({
        allowed: false,
        refusedBy: 'boundary',
        explicit: true,
        moved: true,
      });
      expect(await servicesTried(`arn:aws:iam::${accountId}:user/${name}`)).toEqual(['s3']);
      const { AccessKeyLastUsed } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
      expect(AccessKeyLastUsed?.LastUsedDate !== undefined).toBe(deniedMovesLastUse);
      await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: name }));
      expect(simulator.control.attempt(tried)).toMatchObject({ allowed: true, refusedBy: null });
    },
  );

  test.each([false, true])(
    'whether an inactive key moves anything (%s) is a switch',
    async (inactiveKeyMovesLastUse) => {
      simulator.control.setSwitches({ world: { inactiveKeyMovesLastUse } });
      const { name, accessKeys } = newUser();
      await iam.send(
        new UpdateAccessKeyCommand({ UserName: name, AccessKeyId: accessKeys[0]?.accessKeyId, Status: 'Inactive' }),
      );
      expect(simulator.control.attempt({ accountId, userName: name, action: 's3:GetObject' })).toMatchObject({
        allowed: false,
        refusedBy: 'authentication',
        moved: inactiveKeyMovesLastUse,
      });
      const tried = await servicesTried(`arn:aws:iam::${accountId}:user/${name}`);
      expect(tried).toEqual(inactiveKeyMovesLastUse ? ['s3'] : []);
    },
  );

  test('signing in works under a deny-all, and shows', async () => {
    const { name } = newUser();
    simulator.control.setBoundary({ accountId, userName: name }, aws('AWSDenyAll'));
    const tried = { accountId, userName: name, password: true, action: 's3:ListAllMyBuckets' };
    expect(simulator.control.attempt(tried)).toMatchObject({ allowed: false, refusedBy: 'boundary' });
    expect((await iam.send(new GetUserCommand({ UserName: name }))).User?.PasswordLastUsed).toBeInstanceOf(Date);
  });

  test('roles, service control policies and what nobody allows', () => {
    simulator.control.createRole(accountId, { name: 'worker', inlinePolicies: { p: allow('sqs:*') } });
    const tried = { accountId, roleName: 'worker' };
    expect(simulator.control.attempt({ ...tried, action: 'sqs:SendMessage' })).toMatchObject({ allowed: true });
    expect(simulator.control.attempt({ ...tried, action: 's3:GetObject' })).toMatchObject({
      allowed: false,
      refusedBy: 'identity',
      explicit: false,
    });
    simulator.control.setServiceControlPolicy(
      accountId,
      policy({ Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }),
    );
    expect(simulator.control.attempt({ ...tried, action: 'sqs:SendMessage' })).toMatchObject({
      allowed: false,
      refusedBy: 'serviceControl',
    });
  });

  test('an attempt may be dated back; a later date stays, and none lies ahead', () => {
    const user = newUser();
    const at = simulator.world.time.second() - 3 * DAY_MS;
    const tried = { accountId, userName: user.name, action: 's3:GetObject' };
    simulator.control.attempt({ ...tried, at });
    expect(user.accessKeys[0]?.lastUse?.at).toBe(at);
    simulator.control.attempt({ ...tried, at: at - DAY_MS });
    expect(user.accessKeys[0]?.lastUse?.at).toBe(at);
    expect(user.serviceAttempts.get('s3')).toBe(at);
    expect(() => simulator.control.attempt({ ...tried, at: at + 9 * DAY_MS })).toThrow(/future/);
  });

  test('the description is the same text after a change and its undoing, whatever was used meanwhile', async () => {
    const { name, uniqueId } = newUser();
    const before = simulator.control.describe({ accountId, userName: name });
    expect(simulator.control.describe({ accountId, uniqueId })).toBe(before);
    simulator.control.attempt({ accountId, userName: name, action: 's3:GetObject' });
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary: aws('AWSDenyAll') }));
    expect(simulator.control.describe({ accountId, userName: name })).not.toBe(before);
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: name }));
    expect(simulator.control.describe({ accountId, userName: name })).toBe(before);
    expect(simulator.control.describeAll(accountId)[uniqueId]).toBe(before);
    expect(() => simulator.control.describe({ accountId, userName: 'nobody' })).toThrow(/no such identity/);
  });

  test.each([
    ['tags', (user: ReturnType<typeof newUser>) => user.tags.set('a', 'b')],
    ['groups', (user: ReturnType<typeof newUser>) => user.groups.push('ci')],
    ['a key', (user: ReturnType<typeof newUser>) => user.accessKeys.pop()],
    ['policies', (user: ReturnType<typeof newUser>) => user.attachedPolicyArns.push(aws('SecurityAudit'))],
    ['a document', (user: ReturnType<typeof newUser>) => user.inlinePolicies.set('s3', allow('s3:Get*'))],
    ['the password', (user: ReturnType<typeof newUser>) => (user.password = null)],
    ['a device', (user: ReturnType<typeof newUser>) => user.mfaDevices.push('GAHT00000001')],
  ])('the description tells a difference in %s', (_what, change) => {
    const user = newUser();
    const before = simulator.control.describe({ accountId, userName: user.name });
    change(user);
    expect(simulator.control.describe({ accountId, userName: user.name })).not.toBe(before);
  });

  test('over HTTP', async () => {
    const { name, uniqueId } = newUser();
    const attempted = await fetch(`${simulator.url}/_control/attempt`, {
      method: 'POST',
      body: JSON.stringify({ accountId, userName: name, action: 's3:GetObject' }),
    });
    expect(await attempted.json()).toMatchObject({ allowed: true, moved: true });
    const described = await fetch(`${simulator.url}/_control/describe?accountId=${accountId}&uniqueId=${uniqueId}`);
    expect(await described.json()).toEqual({ description: simulator.control.describe({ accountId, uniqueId }) });
    const writes = await fetch(`${simulator.url}/_control/writes?identityId=${uniqueId}`);
    expect(await writes.json()).toEqual([]);
  });
});
