import { parseCredentialReport } from './credential-report';
import type { UserWithoutCredentials } from './principals';
import type { ReportReading } from './report.collector';
import { rootUser, withCredentials } from './users';

const HEADER =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,' +
  'access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,' +
  'access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,cert_1_active,cert_2_active';
const CREATED = '2020-01-02T03:04:05+00:00';
const GENERATED = new Date('2026-11-21T10:00:00Z');
const tail = 'true,2021-01-01T00:00:00+00:00,N/A,false,N/A,N/A,false,false';

const readingOf = (createdAt: string, passwordLastUsed: string, enabled = 'true'): ReportReading => ({
  generatedAt: GENERATED,
  report: parseCredentialReport(
    [
      HEADER,
      `<root_account>,arn:aws:iam::123456789012:root,${CREATED},not_supported,N/A,not_supported,true,${tail}`,
      `alice,arn:aws:iam::123456789012:user/alice,${createdAt},${enabled},${passwordLastUsed},2020-01-02T03:04:05+00:00,false,${tail}`,
    ].join('\n'),
  ),
});

const alice = (createdAt = new Date(CREATED)): UserWithoutCredentials => ({
  kind: 'user',
  isRoot: false,
  arn: 'arn:aws:iam::123456789012:user/alice',
  uniqueId: 'AIDAALICE',
  name: 'alice',
  path: '/',
  createdAt,
  tags: {},
  boundaryArn: null,
  attachedPolicyArns: [],
  inlinePolicyNames: [],
  groups: [],
});

const lastSignIn = (report: string, fresh: string | null) => {
  const passwordsUsedAt = new Map(fresh ? [['AIDAALICE', new Date(fresh)]] : []);
  const { credentials } = withCredentials(alice(), { report: readingOf(CREATED, report), passwordsUsedAt });
  return credentials.state === 'known' ? credentials.value.password?.lastUsed : credentials;
};

describe('a user joined with the credential report', () => {
  it('has the later of the two last sign-ins', () => {
    const early = '2026-01-01T00:00:00Z';
    const late = '2026-02-02T00:00:00Z';
    expect(lastSignIn(early, late)).toMatchObject({ state: 'at', at: new Date(late) });
    expect(lastSignIn(late, early)).toMatchObject({ state: 'at', at: new Date(late) });
    expect(lastSignIn('no_information', late)).toMatchObject({ state: 'at', at: new Date(late) });
    expect(lastSignIn(late, null)).toMatchObject({ state: 'at', at: new Date(late) });
    expect(lastSignIn('no_information', null)).toEqual({ state: 'never' });
  });

  it('has no password for having signed in once: the date survives the deletion of the password', () => {
    const passwordsUsedAt = new Map([['AIDAALICE', new Date()]]);
    const { credentials } = withCredentials(alice(), { report: readingOf(CREATED, 'N/A', 'false'), passwordsUsedAt });
    expect(credentials).toMatchObject({ state: 'known', value: { password: null } });
  });

  it.each([
    ['without a report', alice(), null, /could not be read/],
    ['created after the report', alice(new Date('2026-11-21T11:00:00Z')), 'other-arn', /created after/],
    ['missing in the report', alice(), 'other-arn', /does not show this user\.$/],
    ['of another creation time', alice(new Date('2020-01-02T03:04:06Z')), CREATED, /another user of this name/],
    ['whose line has no creation time', alice(), 'N/A', /does not say when/],
  ])('is unknown %s', (_, user, createdAt, reason) => {
    const report =
      createdAt === null ? null : readingOf(createdAt === 'other-arn' ? CREATED : createdAt, 'no_information');
    const asked = createdAt === 'other-arn' ? { ...user, arn: `${user.arn}-2` } : user;
    const { credentials } = withCredentials(asked, { report, passwordsUsedAt: new Map() });
    expect(credentials).toEqual({ state: 'unknown', reason: expect.stringMatching(reason) as string });
  });

  it('has other credentials that were not asked for: unknown, not none', () => {
    const user = withCredentials(alice(), { report: readingOf(CREATED, 'N/A'), passwordsUsedAt: null });
    expect(user.otherCredentials.state).toBe('unknown');
  });
});

describe('root', () => {
  it('is a user with keys, without a password, known by the account id', () => {
    const { root } = readingOf(CREATED, 'N/A').report;
    if (!root) throw new Error('no root line');
    expect(rootUser(root, '123456789012')).toMatchObject({
      isRoot: true,
      name: '<root_account>',
      uniqueId: '123456789012',
      arn: 'arn:aws:iam::123456789012:root',
      credentials: { state: 'known', value: { password: null, accessKeys: [{ active: true, accessKeyId: null }] } },
    });
  });
});
