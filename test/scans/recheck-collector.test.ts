import type { AccountAccess } from '../../src/aws/account-access';
import { AwsService } from '../../src/aws/aws.service';
import { scanPermissions } from '../../src/scans/collectors/permissions';
import { recheckRole, recheckUser } from '../../src/scans/collectors/recheck.collector';
import type { InventoryUser } from '../../src/scans/inventory';
import {
  accessKey,
  accessKeys,
  accessKeyUse,
  assumeRoleResult,
  denied,
  lastPage,
  missing,
  NEVER_USED,
  role,
  ScriptedEndpoint,
  user,
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

describe('recheckUser', () => {
  const target = { name: 'alice', uniqueId: 'AIDAalice' };
  const userOnly = (extra = ''): string =>
    user('alice', extra).replace('<member>', '<User>').replace('</member>', '</User>');
  const whole: Record<string, Script> = {
    GetUser: () => userOnly('<PasswordLastUsed>2026-01-01T00:00:00Z</PasswordLastUsed>'),
    ListGroupsForUser: () => `<Groups><member><GroupName>ops</GroupName></member></Groups>${lastPage}`,
    ListAttachedUserPolicies: () =>
      `<AttachedPolicies><member><PolicyName>P</PolicyName><PolicyArn>arn:aws:iam::aws:policy/P</PolicyArn></member></AttachedPolicies>${lastPage}`,
    ListUserPolicies: () => `<PolicyNames><member>inline</member></PolicyNames>${lastPage}`,
    GetLoginProfile: () =>
      '<LoginProfile><UserName>alice</UserName><CreateDate>2021-01-01T00:00:00Z</CreateDate></LoginProfile>',
    ListAccessKeys: () =>
      accessKeys(
        accessKey('AKIANEW', '2022-01-01T00:00:00Z') + accessKey('AKIAOLD', '2014-01-01T00:00:00Z', 'Inactive'),
      ),
    GetAccessKeyLastUsed: () => accessKeyUse(NEVER_USED),
    ListSigningCertificates: () =>
      `<Certificates><member><UserName>alice</UserName><CertificateId>C</CertificateId><Status>Active</Status></member></Certificates>${lastPage}`,
    ListSSHPublicKeys: () => `<SSHPublicKeys></SSHPublicKeys>${lastPage}`,
    ListServiceSpecificCredentials: () => `<ServiceSpecificCredentials></ServiceSpecificCredentials>${lastPage}`,
  };
  const previous = (lastChangedAt: string): InventoryUser => ({
    kind: 'user',
    isRoot: false,
    ...{
      arn: 'a',
      uniqueId: 'AIDAalice',
      name: 'alice',
      path: '/',
      createdAt: new Date(0),
      tags: {},
      boundaryArn: null,
    },
    ...{ attachedPolicyArns: [], inlinePolicyNames: [], groups: [] },
    otherCredentials: { state: 'unknown', reason: 'not asked' },
    credentials: {
      state: 'known',
      value: {
        password: {
          kind: 'password',
          lastChangedAt: new Date(lastChangedAt),
          lastUsed: { state: 'never' },
          mfaActive: true,
        },
        accessKeys: [
          {
            ...{ kind: 'access-key', slot: 1, accessKeyId: 'AKIAOLD', active: true },
            ...{ createdAt: new Date('2014-01-01T00:00:00Z'), lastUsed: { state: 'never' } },
          },
        ],
        activeCertificates: 0,
      },
    },
  });

  it('reads the user and all its credentials at this moment', async () => {
    await start(whole);
    const found = await recheckUser(access, target, { previous: previous('2023-01-01T00:00:00Z') });
    expect(found).toMatchObject({
      state: 'there',
      identity: {
        ...{ groups: ['ops'], attachedPolicyArns: ['arn:aws:iam::aws:policy/P'], inlinePolicyNames: ['inline'] },
        credentials: {
          value: {
            password: {
              lastChangedAt: new Date('2023-01-01T00:00:00Z'),
              lastUsed: { at: new Date('2026-01-01T00:00:00Z') },
            },
            accessKeys: [
              { slot: 2, accessKeyId: 'AKIANEW', active: true, lastUsed: { state: 'never' } },
              { slot: 1, accessKeyId: 'AKIAOLD', active: false, lastUsed: { state: 'before-tracking' } },
            ],
            activeCertificates: 1,
          },
        },
        otherCredentials: { state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 0 } },
      },
    });
  });

  it('does not claim to know when the password was changed from the age of its profile alone', async () => {
    await start(whole);
    const found = await recheckUser(access, target);
    expect(found).toMatchObject({ identity: { credentials: { value: { password: { lastChangedAt: null } } } } });
  });

  it('knows no password where there is no login profile', async () => {
    await start({ ...whole, GetLoginProfile: missing });
    expect(await recheckUser(access, target)).toMatchObject({
      identity: { credentials: { value: { password: null } } },
    });
  });

  it('tells gone from re-created', async () => {
    await start({ ...whole, GetUser: missing });
    expect(await recheckUser(access, target)).toEqual({ state: 'gone' });
    endpoint.on('GetUser', () => userOnly());
    expect(await recheckUser(access, { ...target, uniqueId: 'AIDAEARLIER' })).toEqual({
      state: 'recreated',
      uniqueId: 'AIDAalice',
    });
  });

  it('fails when a read is denied, instead of showing less', async () => {
    await start({ ...whole, ListAccessKeys: denied });
    await expect(recheckUser(access, target)).rejects.toMatchObject({
      code: 'AWS_ACCESS_DENIED',
      remedy: expect.stringContaining('Allow iam:ListAccessKeys') as string,
    });
  });

  it('does not take the vanishing of something else for the vanishing of the user', async () => {
    await start({ ...whole, ListSSHPublicKeys: missing });
    await expect(recheckUser(access, target)).rejects.toMatchObject({ code: 'AWS_NOT_FOUND' });
  });

  it('refuses root', async () => {
    await start({});
    await expect(recheckUser(access, { ...target, name: '<root_account>' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });
});

describe('recheckRole', () => {
  const at = new Date('2026-11-22T00:00:00Z');
  const target = { name: 'app', uniqueId: 'AROAapp' };
  const roleOnly = (extra: string): string =>
    role('app', extra).replace('<member>', '<Role>').replace('</member>', '</Role>');
  const whole: Record<string, Script> = {
    GetRole: () => roleOnly('<RoleLastUsed/>'),
    ListAttachedRolePolicies: () => `<AttachedPolicies></AttachedPolicies>${lastPage}`,
    ListRolePolicies: () => `<PolicyNames></PolicyNames>${lastPage}`,
    ListInstanceProfilesForRole: () =>
      `<InstanceProfiles><member><Arn>arn:aws:iam::123456789012:instance-profile/p</Arn></member></InstanceProfiles>${lastPage}`,
  };

  it('reads the role at this moment', async () => {
    await start(whole);
    expect(await recheckRole(access, target, { at })).toMatchObject({
      state: 'there',
      identity: {
        lastUsed: { state: 'never' },
        instanceProfileArns: ['arn:aws:iam::123456789012:instance-profile/p'],
        trustedPrincipals: ['ec2.amazonaws.com'],
      },
    });
  });

  it('tells gone from re-created', async () => {
    await start({ ...whole, GetRole: missing });
    expect(await recheckRole(access, target, { at })).toEqual({ state: 'gone' });
    endpoint.on('GetRole', () => roleOnly(''));
    expect(await recheckRole(access, { ...target, uniqueId: 'AROAEARLIER' }, { at })).toMatchObject({
      state: 'recreated',
    });
  });
});
