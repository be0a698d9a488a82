import { DomainError } from '../../errors';
import type { LastUsed, ReportedCredentials } from '../inventory';
import { parseCredentialReport, ROOT_NAME } from './credential-report';
import { KEY_TRACKING_SINCE, PASSWORD_TRACKING_SINCE } from './tracking';

const COLUMNS = [
  ...['user', 'arn', 'user_creation_time', 'password_enabled', 'password_last_used', 'password_last_changed'],
  ...['password_next_rotation', 'mfa_active', 'access_key_1_active', 'access_key_1_last_rotated'],
  ...['access_key_1_last_used_date', 'access_key_1_last_used_region', 'access_key_1_last_used_service'],
  ...['access_key_2_active', 'access_key_2_last_rotated', 'access_key_2_last_used_date'],
  ...['access_key_2_last_used_region', 'access_key_2_last_used_service'],
  ...['cert_1_active', 'cert_1_last_rotated', 'cert_2_active', 'cert_2_last_rotated'],
];
const ARN = 'arn:aws:iam::123456789012:user/alice';

/** A user with nothing, as AWS writes it. */
const BARE: Record<string, string> = {
  user: 'alice',
  arn: ARN,
  user_creation_time: '2020-01-02T03:04:05+00:00',
  password_enabled: 'false',
  password_last_used: 'N/A',
  password_last_changed: 'N/A',
  password_next_rotation: 'N/A',
  mfa_active: 'false',
  access_key_1_active: 'false',
  access_key_1_last_rotated: 'N/A',
  access_key_1_last_used_date: 'N/A',
  access_key_1_last_used_region: 'N/A',
  access_key_1_last_used_service: 'N/A',
  access_key_2_active: 'false',
  access_key_2_last_rotated: 'N/A',
  access_key_2_last_used_date: 'N/A',
  access_key_2_last_used_region: 'N/A',
  access_key_2_last_used_service: 'N/A',
  cert_1_active: 'false',
  cert_1_last_rotated: 'N/A',
  cert_2_active: 'false',
  cert_2_last_rotated: 'N/A',
};
const PASSWORD = {
  password_enabled: 'true',
  password_last_used: '2024-05-06T07:08:09+00:00',
  password_last_changed: '2021-01-01T00:00:00+00:00',
};
const KEY = {
  access_key_1_active: 'true',
  access_key_1_last_rotated: '2021-02-03T04:05:06+00:00',
  access_key_1_last_used_date: '2024-05-06T07:08:00+00:00',
  access_key_1_last_used_region: 'eu-central-1',
  access_key_1_last_used_service: 's3',
};

const csvOf = (rows: Record<string, string>[], columns = COLUMNS): string =>
  [columns.join(','), ...rows.map((row) => columns.map((column) => row[column] ?? '').join(','))].join('\n');

function lineOf(values: Record<string, string>, columns = COLUMNS) {
  const line = parseCredentialReport(csvOf([{ ...BARE, ...values }], columns)).users.get(ARN);
  if (!line) throw new Error('no line');
  return line;
}

function credentialsOf(values: Record<string, string>, columns = COLUMNS): ReportedCredentials {
  const { credentials } = lineOf(values, columns);
  if (credentials.state === 'unknown') throw new Error(credentials.reason);
  return credentials.value;
}

const reasonOf = (values: Record<string, string>, columns = COLUMNS): string => {
  const { credentials } = lineOf(values, columns);
  return credentials.state === 'unknown' ? credentials.reason : 'known';
};

const passwordUse = (values: Record<string, string>): LastUsed | undefined =>
  credentialsOf({ ...PASSWORD, ...values }).password?.lastUsed;
const keyUse = (values: Record<string, string>): LastUsed | undefined =>
  credentialsOf({ ...KEY, ...values }).accessKeys[0]?.lastUsed;
const without = (...names: string[]): string[] => COLUMNS.filter((column) => !names.includes(column));

describe('a user without credentials', () => {
  it('has no password and no keys, and that is known', () => {
    expect(credentialsOf({})).toEqual({ password: null, accessKeys: [], activeCertificates: 0 });
  });
});

describe('passwords', () => {
  it('has the date of last use at whole seconds', () => {
    expect(
      credentialsOf({ ...PASSWORD, mfa_active: 'true', password_last_used: '2024-05-06T07:08:09.987Z' }).password,
    ).toEqual({
      kind: 'password',
      lastChangedAt: new Date('2021-01-01T00:00:00Z'),
      lastUsed: { state: 'at', at: new Date('2024-05-06T07:08:09Z'), region: null, service: null },
      mfaActive: true,
    });
  });

  it('takes no_information for never where tracking covers the time since its last change', () => {
    expect(passwordUse({ password_last_used: 'no_information' })).toEqual({ state: 'never' });
    expect(
      passwordUse({ password_last_used: 'no_information', password_last_changed: '2018-05-23T21:08:00+00:00' }),
    ).toEqual({ state: 'never' });
  });

  it.each([
    '2018-05-23T21:07:59+00:00',
    '2018-05-10T00:00:00+00:00',
    '2018-01-01T00:00:00+00:00',
    '2013-01-01T00:00:00+00:00',
  ])(
    'takes no_information for before-tracking where it was last changed before the gap of May 2018 ended: %s',
    (password_last_changed) => {
      expect(passwordUse({ password_last_used: 'no_information', password_last_changed })).toEqual({
        state: 'before-tracking',
        since: PASSWORD_TRACKING_SINCE,
      });
    },
  );

  it('measures from the creation of the user where the last change is not told', () => {
    const told = { password_last_used: 'no_information', password_last_changed: 'N/A' };
    expect(passwordUse(told)).toEqual({ state: 'never' });
    expect(passwordUse({ ...told, user_creation_time: '2012-01-01T00:00:00+00:00' })?.state).toBe('before-tracking');
    expect(passwordUse({ ...told, user_creation_time: 'N/A' })?.state).toBe('unknown');
  });

  it.each(['N/A', 'not_supported', '', 'garbage', '2024-02-30T00:00:00Z', 'true'])(
    'takes "%s" as last use of an enabled password for unknown, never for never',
    (password_last_used) => {
      expect(passwordUse({ password_last_used })?.state).toBe('unknown');
    },
  );

  it.each(['', 'N/A', 'not_supported', 'no_information', 'maybe'])(
    'cannot say whether there is a password where password_enabled is "%s"',
    (password_enabled) => {
      expect(reasonOf({ password_enabled })).toMatch(/password_enabled/);
    },
  );

  it('reads TRUE and FALSE in any case', () => {
    expect(credentialsOf({ ...PASSWORD, password_enabled: 'TRUE' }).password).not.toBeNull();
    expect(credentialsOf({ ...PASSWORD, password_enabled: 'FALSE' }).password).toBeNull();
  });

  it('does not claim to know about MFA from an odd value', () => {
    expect(credentialsOf({ ...PASSWORD, mfa_active: 'N/A' }).password?.mfaActive).toBeNull();
  });
});

describe('access keys', () => {
  it('reads a used key with region and service', () => {
    expect(credentialsOf(KEY).accessKeys).toEqual([
      {
        kind: 'access-key',
        slot: 1,
        accessKeyId: null,
        active: true,
        createdAt: new Date('2021-02-03T04:05:06Z'),
        lastUsed: { state: 'at', at: new Date('2024-05-06T07:08:00Z'), region: 'eu-central-1', service: 's3' },
      },
    ]);
  });

  it('has no region where AWS says N/A (global services)', () => {
    expect(keyUse({ access_key_1_last_used_region: 'N/A', access_key_1_last_used_service: 'iam' })).toMatchObject({
      region: null,
      service: 'iam',
    });
  });

  it('takes N/A for never on a key that exists', () => {
    expect(keyUse({ access_key_1_last_used_date: 'N/A' })).toEqual({ state: 'never' });
  });

  it('takes N/A for before-tracking on a key older than 2015-04-22', () => {
    const old = { access_key_1_last_used_date: 'N/A', access_key_1_last_rotated: '2015-04-21T23:59:59+00:00' };
    expect(keyUse(old)).toEqual({ state: 'before-tracking', since: KEY_TRACKING_SINCE });
    expect(keyUse({ ...old, access_key_1_last_rotated: '2015-04-22T00:00:00+00:00' })).toEqual({ state: 'never' });
  });

  it.each(['', 'no_information', 'not_supported', 'garbage'])(
    'takes "%s" as last use for unknown, never for never',
    (access_key_1_last_used_date) => {
      expect(keyUse({ access_key_1_last_used_date })?.state).toBe('unknown');
    },
  );

  it('exists while inactive when it has a date, and when active without one', () => {
    expect(credentialsOf({ ...KEY, access_key_1_active: 'false' }).accessKeys[0]).toMatchObject({ active: false });
    const undated = credentialsOf({ ...KEY, access_key_1_last_rotated: 'N/A' }).accessKeys[0];
    expect(undated).toMatchObject({ active: true, createdAt: null });
  });

  it('keeps the slot: a single key may be the second', () => {
    const second = { access_key_2_active: 'true', access_key_2_last_rotated: '2021-02-03T04:05:06+00:00' };
    expect(credentialsOf(second).accessKeys.map((key) => key.slot)).toEqual([2]);
  });

  it.each([
    { access_key_2_active: '' },
    { access_key_2_active: 'maybe' },
    { access_key_2_active: 'N/A', access_key_2_last_rotated: '2021-02-03T04:05:06+00:00' },
    { access_key_2_active: 'false', access_key_2_last_rotated: '' },
    { access_key_2_active: 'false', access_key_2_last_rotated: 'garbage' },
  ])('does not know how many keys there are where a slot cannot be read: %j', (values) => {
    expect(reasonOf({ ...KEY, ...values })).toMatch(/access_key_2/);
  });
});

describe('columns', () => {
  it('are found by name, in any order, among others that are new', () => {
    const shuffled = ['new_column', ...[...COLUMNS].reverse(), 'another'];
    expect(credentialsOf({ ...PASSWORD, ...KEY }, shuffled)).toEqual(credentialsOf({ ...PASSWORD, ...KEY }));
  });

  it.each(['password_enabled', 'access_key_1_active', 'access_key_2_active', 'cert_1_active', 'cert_2_active'])(
    'make the credentials unknown when %s is missing',
    (column) => {
      expect(reasonOf({ ...PASSWORD, ...KEY }, without(column))).toBe(`The credential report has no ${column}.`);
    },
  );

  it('make last use unknown when its column is missing', () => {
    const columns = without('password_last_used', 'access_key_1_last_used_date');
    const { password, accessKeys } = credentialsOf({ ...PASSWORD, ...KEY }, columns);
    expect([password?.lastUsed.state, accessKeys[0]?.lastUsed.state]).toEqual(['unknown', 'unknown']);
  });

  it('that a short line does not reach are missing', () => {
    const csv = csvOf([{ ...BARE, ...PASSWORD }]).split('\n');
    const short = [csv[0], csv[1]?.split(',').slice(0, 8).join(',')].join('\n');
    expect(parseCredentialReport(short).users.get(ARN)?.credentials).toEqual({
      state: 'unknown',
      reason: 'The credential report has no access_key_1_active.',
    });
  });
});

describe('the report as a whole', () => {
  const root = { ...BARE, user: ROOT_NAME, arn: 'arn:aws:iam::123456789012:root', password_enabled: 'not_supported' };

  it('keeps root apart from users, without its password', () => {
    const report = parseCredentialReport(csvOf([{ ...root, ...KEY }, BARE]));
    expect([...report.users.keys()]).toEqual([ARN]);
    expect(report.root?.credentials).toMatchObject({
      state: 'known',
      value: { password: null, accessKeys: [{ slot: 1 }] },
    });
  });

  it.each(['not_supported', 'FALSE', 'true', ''])(
    'reads root whatever its password_enabled says: "%s"',
    (password_enabled) => {
      const report = parseCredentialReport(csvOf([{ ...root, password_enabled }]));
      expect(report.root?.credentials.state).toBe('known');
    },
  );

  it('may lack root', () => {
    expect(parseCredentialReport(csvOf([BARE])).root).toBeNull();
  });

  it('may have quotes, carriage returns and a byte order mark', () => {
    const quoted = `\uFEFF${csvOf([{ ...BARE, user: '"a,b"' }]).replaceAll('\n', '\r\n')}\r\n`;
    expect(parseCredentialReport(quoted).users.get(ARN)?.userName).toBe('a,b');
  });

  it('is not trusted about a user that it shows twice', () => {
    const report = parseCredentialReport(csvOf([BARE, { ...BARE, ...KEY }]));
    expect(report.users.get(ARN)?.credentials.state).toBe('unknown');
  });

  it.each(['', '<html><body>Sorry</body></html>', 'user,password_enabled\nalice,true', '"user'])(
    'is refused when it is not one: %j',
    (text) => {
      expect(() => parseCredentialReport(text)).toThrow(DomainError);
    },
  );
});
