import type { AccountAccess } from '../../src/aws/account-access';
import { AwsService } from '../../src/aws/aws.service';
import { collectAccessKeyIds } from '../../src/scans/collectors/key-ids.collector';
import { collectOtherCredentials } from '../../src/scans/collectors/other-credentials.collector';
import { scanPermissions } from '../../src/scans/collectors/permissions';
import {
  accessKey,
  accessKeys,
  accessKeyUse,
  assumeRoleResult,
  denied,
  lastPage,
  NEVER_USED,
  pageBefore,
  ScriptedEndpoint,
  type Script,
} from '../aws/scripted-endpoint';

let endpoint: ScriptedEndpoint;
let aws: AwsService;
let access: AccountAccess;
const environment = { ...process.env };

async function start(scripts: Record<string, Script>): Promise<void> {
  process.env = { ...environment, AWS_ACCESS_KEY_ID: 'AKIAAMBIENT', AWS_SECRET_ACCESS_KEY: 'secret' };
  endpoint = await ScriptedEndpoint.start({
    AssumeRole: () => assumeRoleResult('ASIAONE', new Date(Date.now() + 3_600_000)),
    ...scripts,
  });
  aws = new AwsService({ endpoint: endpoint.url });
  const roleArn = 'arn:aws:iam::123456789012:role/Scan';
  access = aws.openAccount({ partition: 'aws', accountId: '123456789012', roleArn, sessionName: 'scan-1' });
}

/** Every action that a collector was seen to call must be among those it says it needs. */
afterEach(async () => {
  process.env = environment;
  aws.close();
  await endpoint.stop();
  const called = endpoint.seen.map((call) => `iam:${call.action}`).filter((action) => action !== 'iam:AssumeRole');
  expect(called.filter((action) => !scanPermissions.includes(action))).toEqual([]);
});

describe('collectAccessKeyIds', () => {
  it('reads all pages of each user, once a user', async () => {
    await start({
      ListAccessKeys: (call) =>
        call.parameters.has('Marker')
          ? accessKeys(accessKey('AKIA2', '2022-01-01T00:00:00Z', 'Inactive'))
          : accessKeys(accessKey('AKIA1', '2021-01-01T00:00:00Z'), pageBefore('m')),
    });
    const found = await collectAccessKeyIds(access, ['alice', 'alice']);
    expect(found.get('alice')).toEqual({
      state: 'known',
      value: [
        { accessKeyId: 'AKIA1', active: true, createdAt: new Date('2021-01-01T00:00:00Z') },
        { accessKeyId: 'AKIA2', active: false, createdAt: new Date('2022-01-01T00:00:00Z') },
      ],
    });
    expect(endpoint.count('ListAccessKeys')).toBe(2);
    expect(endpoint.count('GetAccessKeyLastUsed')).toBe(0);
  });

  it('asks for lastPage use only where two keys were created in one second', async () => {
    await start({
      ListAccessKeys: () =>
        accessKeys(accessKey('AKIA1', '2021-01-01T00:00:00Z') + accessKey('AKIA2', '2021-01-01T00:00:00Z')),
      GetAccessKeyLastUsed: (call) =>
        accessKeyUse(
          call.parameters.get('AccessKeyId') === 'AKIA1'
            ? NEVER_USED
            : '<LastUsedDate>2024-01-01T00:00:00Z</LastUsedDate>',
        ),
    });
    expect((await collectAccessKeyIds(access, ['alice'])).get('alice')).toMatchObject({
      value: [{ lastUsedAt: null }, { lastUsedAt: new Date('2024-01-01T00:00:00Z') }],
    });
  });

  it('leaves a user whose keys it may not read unknown, and reads the others', async () => {
    await start({
      ListAccessKeys: (call, nth) => (call.parameters.get('UserName') === 'bob' ? denied(call, nth) : accessKeys('')),
    });
    const found = await collectAccessKeyIds(access, ['alice', 'bob']);
    expect(found.get('alice')).toEqual({ state: 'known', value: [] });
    expect(found.get('bob')).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('ListAccessKeys') as string,
    });
  });
});

describe('collectOtherCredentials', () => {
  const ssh = (status: string): string =>
    `<SSHPublicKeys><member><UserName>alice</UserName><SSHPublicKeyId>APKA</SSHPublicKeyId><Status>${status}</Status></member></SSHPublicKeys>${lastPage}`;
  const service = (userName: string, status: string): string =>
    `<member>${userName && `<UserName>${userName}</UserName>`}<Status>${status}</Status><ServiceName>codecommit.amazonaws.com</ServiceName></member>`;
  const services = (members: string, end = lastPage): string =>
    `<ServiceSpecificCredentials>${members}</ServiceSpecificCredentials>${end}`;

  it('lists service-specific credentials once for the account, over its pages, and SSH keys for each user', async () => {
    await start({
      ListServiceSpecificCredentials: (call) =>
        call.parameters.has('Marker')
          ? services(service('alice', 'Active') + service('bob', 'Inactive') + service('bob', 'Expired'))
          : services(service('alice', 'Active'), pageBefore('m')),
      ListSSHPublicKeys: (call) => ssh(call.parameters.get('UserName') === 'bob' ? 'Active' : 'Inactive'),
    });
    const found = await collectOtherCredentials(access, ['alice', 'bob']);
    expect(found.get('alice')).toEqual({ state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 2 } });
    expect(found.get('bob')).toEqual({ state: 'known', value: { activeSshKeys: 1, activeServiceSpecific: 0 } });
    expect(endpoint.count('ListServiceSpecificCredentials')).toBe(2);
  });

  it.each([
    ['refuses AllUsers', { error: 'ValidationError', status: 400 }],
    ['does not know AllUsers and answers for the caller', services(service('', 'Active'))],
  ])('asks each user where the endpoint %s', async (_, ofAll) => {
    await start({
      ListServiceSpecificCredentials: (call) =>
        call.parameters.has('AllUsers') ? ofAll : services(service('alice', 'Active')),
      ListSSHPublicKeys: () => ssh('Inactive'),
    });
    const found = await collectOtherCredentials(access, ['alice']);
    expect(found.get('alice')).toEqual({ state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 1 } });
  });

  it.each(['ListServiceSpecificCredentials', 'ListSSHPublicKeys'])(
    'leaves users unknown where %s is denied',
    async (action) => {
      await start({
        ListServiceSpecificCredentials: () => services(''),
        ListSSHPublicKeys: () => ssh('Active'),
        [action]: denied,
      });
      const found = await collectOtherCredentials(access, ['alice']);
      expect(found.get('alice')).toMatchObject({ state: 'unknown', reason: expect.stringContaining(action) as string });
    },
  );

  it('asks nothing for nobody', async () => {
    await start({});
    await collectOtherCredentials(access, []);
    expect(endpoint.seen).toEqual([]);
  });
});
