import { setTimeout as pause } from 'node:timers/promises';
import type { AccountAccess } from '../../src/aws/account-access';
import { AwsService } from '../../src/aws/aws.service';
import { collectAccount, type AccountReading, type CollectOptions } from '../../src/scans/collectors/account.collector';
import type { InventoryRole, InventoryUser } from '../../src/scans/inventory';
import { assumeRoleResult, role, ScriptedEndpoint, user, type Script } from '../aws/scripted-endpoint';

const at = new Date('2026-11-22T00:00:00Z');
const CREATED = '2020-01-02T03:04:05+00:00';
const HEADER =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,' +
  'access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,' +
  'access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,cert_1_active,cert_2_active';
const line = (name: string, arn: string): string =>
  `${name},${arn},${CREATED},true,no_information,${CREATED},false,false,N/A,N/A,false,N/A,N/A,false,false`;
const REPORT = [
  HEADER,
  line('<root_account>', 'arn:aws:iam::123456789012:root'),
  line('alice', 'arn:aws:iam::123456789012:user/alice'),
  line('bob', 'arn:aws:iam::123456789012:user/bob'),
].join('\n');
const USED = '<RoleLastUsed><LastUsedDate>2026-10-01T00:00:00Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed>';

const last = '<IsTruncated>false</IsTruncated>';
const more = (marker: string): string => `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`;
const details = (users: string, roles: string, end: string): string =>
  `<UserDetailList>${users}</UserDetailList><RoleDetailList>${roles}</RoleDetailList>${end}`;
const reportOf = (csv: string): string =>
  `<Content>${Buffer.from(csv).toString('base64')}</Content><ReportFormat>text/csv</ReportFormat>` +
  '<GeneratedTime>2026-11-21T20:00:00Z</GeneratedTime>';
const denied: Script = (call) => ({
  error: 'AccessDenied',
  status: 403,
  message: `User: x is not authorized to perform: iam:${call.action} on resource: *`,
});

/** Two users and three roles on three pages, one of them empty. */
const WHOLE: Record<string, Script> = {
  AssumeRole: () => assumeRoleResult('ASIAONE', new Date(Date.now() + 3_600_000)),
  GenerateCredentialReport: () => '<State>STARTED</State>',
  GetCredentialReport: () => reportOf(REPORT),
  GetAccountAuthorizationDetails: (call) => {
    const marker = call.parameters.get('Marker');
    if (marker === null) return details(user('alice'), role('used', USED), more('a'));
    if (marker === 'a') return details('', '', more('b'));
    return details(user('bob'), role('empty', '<RoleLastUsed/>') + role('absent'), last);
  },
  ListUsers: () =>
    `<Users>${user('alice', '<PasswordLastUsed>2026-11-20T00:00:00Z</PasswordLastUsed>')}${user('bob')}</Users>${last}`,
};

interface Collected extends AccountReading {
  users: InventoryUser[];
  roles: InventoryRole[];
}

let endpoint: ScriptedEndpoint;
let aws: AwsService;
let access: AccountAccess;
const environment = { ...process.env };

async function start(scripts: Record<string, Script> = {}): Promise<void> {
  process.env = { ...environment, AWS_ACCESS_KEY_ID: 'AKIAAMBIENT', AWS_SECRET_ACCESS_KEY: 'secret' };
  endpoint = await ScriptedEndpoint.start({ ...WHOLE, ...scripts });
  aws = new AwsService({ endpoint: endpoint.url });
  access = aws.openAccount({
    partition: 'aws',
    accountId: '123456789012',
    roleArn: 'arn:aws:iam::123456789012:role/Scan',
    sessionName: 'scan-1',
  });
}

async function collect(options: Partial<CollectOptions> = {}): Promise<Collected> {
  const users: InventoryUser[] = [];
  const roles: InventoryRole[] = [];
  const reading = await collectAccount(access, {
    at,
    onUsers: (page) => void users.push(...page),
    onRoles: (page) => void roles.push(...page),
    reportWaits: { firstMs: 10, longestMs: 40, totalMs: 1_000 },
    ...options,
  });
  return { ...reading, users, roles };
}

const iamCalls = (): number => endpoint.seen.filter((call) => call.action !== 'AssumeRole').length;

afterEach(async () => {
  process.env = environment;
  aws.close();
  await endpoint.stop();
});

describe('a whole account', () => {
  it('is read over all pages, empty ones too, with users joined and root apart', async () => {
    await start();
    const { outcome, notRead, users, roles, reportGeneratedAt } = await collect();
    expect({ outcome, notRead }).toEqual({ outcome: 'complete', notRead: [] });
    expect(users.map((one) => one.name)).toEqual(['<root_account>', 'alice', 'bob']);
    expect(roles.map((one) => one.name)).toEqual(['used', 'empty', 'absent']);
    expect(reportGeneratedAt).toEqual(new Date('2026-11-21T20:00:00Z'));
    const signIns = users
      .slice(1)
      .map((one) => one.credentials.state === 'known' && one.credentials.value.password?.lastUsed);
    expect(signIns).toEqual([
      { state: 'at', at: new Date('2026-11-20T00:00:00Z'), region: null, service: null },
      { state: 'never' },
    ]);
  });

  it('takes an empty RoleLastUsed for never and a missing one for unknown', async () => {
    await start();
    const { roles } = await collect();
    expect(roles.map((one) => one.lastUsed.state)).toEqual(['at', 'never', 'unknown']);
    expect(roles[0]?.trustedPrincipals).toEqual(['ec2.amazonaws.com']);
  });

  it('costs one call for each page, two for the report, and one AssumeRole', async () => {
    await start({ GetAccountAuthorizationDetails: () => details(user('alice'), role('used', USED), last) });
    await collect();
    expect(iamCalls()).toBe(4);
    expect(endpoint.count('AssumeRole')).toBe(1);
    const asked = endpoint.seen.find((call) => call.action === 'GetAccountAuthorizationDetails')?.parameters;
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      'Filter.member.1': 'User',
      'Filter.member.2': 'Role',
      MaxItems: '1000',
    });
  });

  it('lacks root where the endpoint leaves it out, and is complete all the same', async () => {
    await start({ GetCredentialReport: () => reportOf(REPORT.split('\n').toSpliced(1, 1).join('\n')) });
    expect(await collect()).toMatchObject({ outcome: 'complete', users: [{ name: 'alice' }, { name: 'bob' }] });
  });
});

describe('the credential report', () => {
  it('is fetched at once when it is ready', async () => {
    await start({ GenerateCredentialReport: () => '<State>COMPLETE</State>' });
    const startedAt = performance.now();
    await collect({ reportWaits: { firstMs: 5_000, longestMs: 5_000, totalMs: 10_000 } });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('is waited for while AWS makes it', async () => {
    await start({
      GetCredentialReport: (_, nth) => (nth < 3 ? { error: 'ReportInProgress', status: 404 } : reportOf(REPORT)),
    });
    expect(await collect()).toMatchObject({ outcome: 'complete' });
    expect([endpoint.count('GenerateCredentialReport'), endpoint.count('GetCredentialReport')]).toEqual([1, 3]);
  });

  it.each(['ReportNotPresent', 'ReportExpired'])('is asked for again after %s', async (error) => {
    await start({ GetCredentialReport: (_, nth) => (nth === 1 ? { error, status: 410 } : reportOf(REPORT)) });
    expect(await collect()).toMatchObject({ outcome: 'complete' });
    expect(endpoint.count('GenerateCredentialReport')).toBe(2);
  });

  it('that never comes leaves credentials unknown, in bounded time', async () => {
    await start({ GetCredentialReport: () => ({ error: 'ReportInProgress', status: 404 }) });
    const { outcome, notRead, users } = await collect({ reportWaits: { firstMs: 5, longestMs: 20, totalMs: 100 } });
    expect(outcome).toBe('partial');
    expect(notRead).toMatchObject([{ what: 'the credential report', code: 'AWS_REPORT_NOT_READY', retryable: true }]);
    expect(users.map((one) => one.credentials.state)).toEqual(['unknown', 'unknown']);
  });

  it('is still read where only asking for it is denied', async () => {
    await start({ GenerateCredentialReport: denied });
    expect(await collect()).toMatchObject({ outcome: 'complete' });
  });

  it('that is none makes the scan partial', async () => {
    await start({ GetCredentialReport: () => reportOf('<html>') });
    expect(await collect()).toMatchObject({ outcome: 'partial', notRead: [{ code: 'AWS_BAD_REPORT' }] });
  });
});

describe('a denied read', () => {
  it('of the report: partial, every credential unknown, never "never used"; the remedy names permission and role', async () => {
    await start({ GenerateCredentialReport: denied, GetCredentialReport: denied });
    const { outcome, notRead, users, roles } = await collect();
    expect(outcome).toBe('partial');
    expect(notRead).toMatchObject([
      {
        what: 'the credential report',
        remedy: 'Allow iam:GenerateCredentialReport in a policy of the role arn:aws:iam::123456789012:role/Scan.',
      },
    ]);
    expect(users.map((one) => one.credentials.state)).toEqual(['unknown', 'unknown']);
    expect(roles).toHaveLength(3);
  });

  it('of the list of users: partial, sign-ins as the report has them', async () => {
    await start({ ListUsers: denied });
    const { outcome, notRead, users } = await collect();
    expect({ outcome, what: notRead.map((one) => one.what) }).toEqual({
      outcome: 'partial',
      what: ['the last sign-in of users'],
    });
    expect(users[1]?.credentials).toMatchObject({
      state: 'known',
      value: { password: { lastUsed: { state: 'never' } } },
    });
  });

  it('of authorization details: partial, no user made up', async () => {
    await start({ GetAccountAuthorizationDetails: denied });
    const { outcome, users, roles } = await collect();
    expect({ outcome, users: users.map((one) => one.name), roles }).toEqual({
      outcome: 'partial',
      users: ['<root_account>'],
      roles: [],
    });
  });

  it('in the middle of the pages: partial, with what came before', async () => {
    await start({
      GetAccountAuthorizationDetails: (call, nth) =>
        nth === 1 ? details(user('alice'), role('used', USED), more('a')) : denied(call, nth),
    });
    const { outcome, users, roles } = await collect();
    expect(outcome).toBe('partial');
    expect([users.map((one) => one.name), roles.map((one) => one.name)]).toEqual([
      ['<root_account>', 'alice'],
      ['used'],
    ]);
  });

  it('of everything: failed', async () => {
    await start({
      GetAccountAuthorizationDetails: denied,
      ListUsers: denied,
      GenerateCredentialReport: denied,
      GetCredentialReport: denied,
    });
    const { outcome, notRead, users } = await collect();
    expect({ outcome, users, count: notRead.length }).toEqual({ outcome: 'failed', users: [], count: 3 });
  });

  it('of the role: failed after one call, with one reason', async () => {
    await start({ AssumeRole: () => ({ error: 'AccessDenied', status: 403 }) });
    expect(await collect()).toMatchObject({ outcome: 'failed', notRead: [{ code: 'AWS_ROLE_NOT_ASSUMABLE' }] });
    expect(endpoint.seen).toHaveLength(1);
  });
});

describe('gaps in an answer', () => {
  it('such as a truncated page without a marker make the scan partial', async () => {
    await start({
      GetAccountAuthorizationDetails: () => details(user('alice'), '', '<IsTruncated>true</IsTruncated>'),
    });
    expect(await collect()).toMatchObject({ outcome: 'partial', notRead: [{ what: 'users and roles' }] });
  });

  it('such as a trust policy that cannot be read make the scan partial', async () => {
    await start({ GetAccountAuthorizationDetails: () => details('', role('odd', USED, 'nonsense'), last) });
    expect(await collect()).toMatchObject({ outcome: 'partial', notRead: [{ code: 'AWS_INCOMPLETE' }] });
  });
});

describe('what ends a collection', () => {
  it('an error of the receiver: it is thrown, not taken for a failed read, and no more is asked', async () => {
    await start({ GetCredentialReport: () => ({ error: 'ReportInProgress', status: 404 }) });
    const failing = collect({
      onRoles: () => Promise.reject(new Error('database')),
      reportWaits: { firstMs: 50, longestMs: 50, totalMs: 60_000 },
    });
    await expect(failing).rejects.toThrow('database');
    // What was on its way arrives; nothing is sent after.
    await pause(40);
    const calls = iamCalls();
    await pause(150);
    expect(iamCalls()).toBe(calls);
  });

  it('the signal of the job', async () => {
    await start({ GetCredentialReport: () => ({ error: 'ReportInProgress', status: 404 }) });
    const stop = new AbortController();
    const stopped = collect({ signal: stop.signal, reportWaits: { firstMs: 50, longestMs: 50, totalMs: 60_000 } });
    setTimeout(() => stop.abort(new Error('shutting down')), 100);
    await expect(stopped).rejects.toThrow('shutting down');
  });
});
