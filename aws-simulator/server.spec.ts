import { GetUserCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { codeOf, iamAs, makeCaller, organizationsAs, queryCall, startSmall, stsAs } from './callers';
import type { CallerCredentials, SmallSimulator } from './callers';

describe('the front door', () => {
  let simulator: SmallSimulator;
  let admin: CallerCredentials;

  beforeAll(async () => {
    simulator = await startSmall();
    admin = makeCaller(simulator, simulator.memberId);
  });
  afterAll(() => simulator.close());

  test('all services answer at one address', async () => {
    const manager = makeCaller(simulator, simulator.managementId);
    const { Account } = await stsAs(simulator, manager).send(new GetCallerIdentityCommand({}));
    expect(Account).toBe(simulator.managementId);
    expect((await organizationsAs(simulator, manager).send(new ListAccountsCommand({}))).Accounts).toHaveLength(3);
    expect((await iamAs(simulator, manager).send(new ListUsersCommand({}))).Users?.length).toBeGreaterThanOrEqual(5);
  });

  test('a wrong secret, an unknown key and an inactive key are told apart as AWS does', async () => {
    const wrong = iamAs(simulator, { ...admin, secretAccessKey: 'x'.repeat(40) });
    await expect(wrong.send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    const unknown = iamAs(simulator, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' });
    await expect(unknown.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    const own = makeCaller(simulator, simulator.memberId);
    simulator.control.setAccessKeyActive(own.accessKeyId, false);
    await expect(iamAs(simulator, own).send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    simulator.control.setAccessKeyActive(own.accessKeyId, true);
    await expect(iamAs(simulator, own).send(new ListUsersCommand({}))).resolves.toBeDefined();
  });

  test('Organizations says the same in its own words', async () => {
    const wrong = organizationsAs(simulator, { ...admin, secretAccessKey: 'x' });
    await expect(wrong.send(new ListAccountsCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a body that was changed after signing is refused', async () => {
    const tampered = await queryCall(
      simulator,
      admin,
      'ListUsers',
      {},
      { tamperedBody: 'Action=ListRoles&Version=2010-05-08' },
    );
    expect([tampered.status, codeOf(tampered)]).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('a signature holds for 15 minutes, and time travel does not age it', async () => {
    const minutes = (count: number): { signedAt: Date } => ({ signedAt: new Date(Date.now() - count * 60_000) });
    expect((await queryCall(simulator, admin, 'ListUsers', {}, minutes(14))).status).toBe(200);
    const old = await queryCall(simulator, admin, 'ListUsers', {}, minutes(16));
    expect([old.status, codeOf(old)]).toEqual([403, 'SignatureDoesNotMatch']);
    simulator.control.travel(30 * 86_400_000);
    expect((await queryCall(simulator, admin, 'ListUsers')).status).toBe(200);
  });

  test('a signature for another service, no signature and no action are refused', async () => {
    expect(codeOf(await queryCall(simulator, admin, 'ListUsers', {}, { service: 'sts' }))).toBe(
      'SignatureDoesNotMatch',
    );
    const unsigned = await fetch(simulator.url, { method: 'POST', body: 'Action=ListUsers&Version=2010-05-08' });
    expect([unsigned.status, /<Code>(\w+)</.exec(await unsigned.text())?.[1]]).toEqual([
      403,
      'MissingAuthenticationToken',
    ]);
  });

  test('an unknown action or version is InvalidAction, with a request id', async () => {
    const action = await queryCall(simulator, admin, 'ListUnicorns');
    expect([action.status, codeOf(action)]).toEqual([400, 'InvalidAction']);
    expect(action.text).toContain(`<RequestId>${action.requestId}</RequestId>`);
    expect(codeOf(await queryCall(simulator, admin, 'ListUsers', {}, { version: '1999-01-01' }))).toBe('InvalidAction');
  });

  test('a missing or malformed parameter is a ValidationError that names it', async () => {
    const missing = await queryCall(simulator, admin, 'GetRole');
    expect([missing.status, codeOf(missing)]).toEqual([400, 'ValidationError']);
    expect(missing.text).toContain('roleName');
    const tooMany = await queryCall(simulator, admin, 'ListUsers', { MaxItems: '1001' });
    expect(codeOf(tooMany)).toBe('ValidationError');
    expect(codeOf(await queryCall(simulator, admin, 'ListUsers', { Marker: 'nonsense' }))).toBe('ValidationError');
  });

  test('text that XML gives a meaning to arrives as it was', async () => {
    const name = 'a+b=c,d.e@f';
    const path = '/<&">/';
    simulator.control.createUser(simulator.memberId, { name, path });
    const { User } = await iamAs(simulator, admin).send(new GetUserCommand({ UserName: name }));
    expect(User).toMatchObject({ UserName: name, Path: path });
  });
});
