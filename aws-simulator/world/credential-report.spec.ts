import { parse } from 'csv-parse/sync';
import { START, smallWorld, type SmallWorld } from './small-world';
import { DAY_MS, HOUR_MS } from './time-line';

const read = ({ world, accountId }: SmallWorld): Record<string, string>[] => {
  const report = world.credentialReport(accountId);
  report.generate();
  return parse(report.get().content, { columns: true });
};

const atOnce = (): SmallWorld => smallWorld({ switches: { report: { pendingPolls: 0 } } });

const row = (rows: Record<string, string>[], user: string): Record<string, string> => {
  const found = rows.find((candidate) => candidate.user === user);
  if (found === undefined) throw new Error(`No row for ${user}`);
  return found;
};

describe('the credential report', () => {
  it('has the columns of the documentation, in order', () => {
    const small = atOnce();
    small.world.credentialReport(small.accountId).generate();
    const [header] = small.world.credentialReport(small.accountId).get().content.split('\n');
    expect(header).toBe(
      'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,' +
        'mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,' +
        'access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,' +
        'access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,' +
        'cert_1_last_rotated,cert_2_active,cert_2_last_rotated',
    );
  });

  it('begins with root, whose password columns are not supported', () => {
    const small = atOnce();
    const [root] = read(small);
    expect(root).toMatchObject({
      user: '<root_account>',
      arn: `arn:aws:iam::${small.accountId}:root`,
      password_enabled: 'not_supported',
      password_last_changed: 'not_supported',
      password_next_rotation: 'not_supported',
      access_key_1_active: 'false',
    });
    small.world.switches.report.rootPasswordEnabled = 'FALSE';
    expect(read(small)[0]?.password_enabled).toBe('FALSE');
  });

  it('tells absent, never used and used apart', () => {
    const small = atOnce();
    const { world, accountId } = small;
    const lastUse = { at: START - DAY_MS, service: 's3', region: 'N/A' };
    world.createUser(accountId, { name: 'bare', passwordLastUsedAt: START - DAY_MS });
    world.createUser(accountId, { name: 'fresh', password: {}, mfa: true, keys: [{ active: false }] });
    world.createUser(accountId, { name: 'busy', password: {}, passwordLastUsedAt: START - 1, keys: [{ lastUse }] });
    const rows = read(small);
    // A deleted password's last use is not in the report; only ListUsers shows it.
    expect(row(rows, 'bare')).toMatchObject({
      password_enabled: 'false',
      password_last_used: 'N/A',
      password_last_changed: 'N/A',
      access_key_1_active: 'false',
      access_key_1_last_rotated: 'N/A',
    });
    expect(row(rows, 'fresh')).toMatchObject({
      password_enabled: 'true',
      password_last_used: 'no_information',
      password_last_changed: '2026-11-22T12:00:00+00:00',
      mfa_active: 'true',
      access_key_1_active: 'false',
      access_key_1_last_rotated: '2026-11-22T12:00:00+00:00',
      access_key_1_last_used_date: 'N/A',
      access_key_1_last_used_region: 'N/A',
    });
    expect(row(rows, 'busy')).toMatchObject({
      password_last_used: '2026-11-22T11:55:00+00:00',
      access_key_1_last_used_date: '2026-11-21T12:00:00+00:00',
      access_key_1_last_used_region: 'N/A',
      access_key_1_last_used_service: 's3',
    });
  });

  it('puts the keys of some users in another order than they were listed in', () => {
    const small = atOnce();
    const names = Array.from({ length: 40 }, (_, index) => `u${index}`);
    const keys = [{ createdAt: START - 2 * DAY_MS }, { createdAt: START - DAY_MS }];
    for (const name of names) small.world.createUser(small.accountId, { name, keys });
    const firsts = names.map((name) => row(read(small), name).access_key_1_last_rotated);
    expect(new Set(firsts)).toEqual(new Set(['2026-11-20T12:00:00+00:00', '2026-11-21T12:00:00+00:00']));
  });

  it('can leave out root and regions and add columns that nobody knows', () => {
    const small = smallWorld({
      switches: { report: { pendingPolls: 0, rootRow: false, regions: false, extraColumns: ['passkey_active'] } },
    });
    small.world.createUser(small.accountId, { name: 'a', keys: [{}] });
    const rows = read(small);
    expect(rows.map(({ user }) => user)).toEqual(['a']);
    expect(rows[0]).toMatchObject({ passkey_active: 'N/A', access_key_1_active: 'true' });
    expect(Object.keys(rows[0] ?? {}).filter((name) => name.endsWith('_region'))).toEqual([]);
  });
});

describe('making a report', () => {
  const code = (work: () => unknown): unknown => {
    try {
      work();
      return 'no error';
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };

  it('goes from not present over in progress to there', () => {
    const { world, accountId } = smallWorld();
    const report = world.credentialReport(accountId);
    expect(code(() => report.get())).toBe('ReportNotPresent');
    expect(report.generate().state).toBe('STARTED');
    expect(code(() => report.get())).toBe('ReportInProgress');
    expect(report.get().generatedAt).toBe(START);
    expect(report.generate().state).toBe('COMPLETE');
  });

  it('answers INPROGRESS while asked for again too early, and can be polled that way', () => {
    const report = (({ world, accountId }) => world.credentialReport(accountId))(
      smallWorld({ switches: { report: { pendingPolls: 2 } } }),
    );
    const states = [report.generate(), report.generate(), report.generate(), report.generate()];
    expect(states.map(({ state }) => state)).toEqual(['STARTED', 'INPROGRESS', 'INPROGRESS', 'COMPLETE']);
  });

  it('takes real time when told so', async () => {
    const { world, accountId } = smallWorld({ switches: { report: { pendingPolls: 0, generationMs: 30 } } });
    const report = world.credentialReport(accountId);
    report.generate();
    expect(code(() => report.get())).toBe('ReportInProgress');
    await new Promise((resolve) => setTimeout(resolve, 45));
    expect(report.get().generatedAt).toBe(START);
  });

  it('is a snapshot that is handed out again for four hours, then expires and is made anew', () => {
    const small = atOnce();
    const { world, accountId } = small;
    read(small);
    world.createUser(accountId, { name: 'late' });
    world.travel(4 * HOUR_MS - 1_000);
    expect(read(small).map(({ user }) => user)).not.toContain('late');
    world.travel(1_000);
    const report = world.credentialReport(accountId);
    expect(code(() => report.get())).toBe('ReportExpired');
    expect(report.generate().state).toBe('STARTED');
    expect(read(small).map(({ user }) => user)).toContain('late');
  });

  it('shows the moment of generation, not of the first poll', () => {
    const { world, accountId } = smallWorld();
    world.createUser(accountId, { name: 'a' });
    const report = world.credentialReport(accountId);
    report.generate();
    world.createUser(accountId, { name: 'b' });
    expect(code(() => report.get())).toBe('ReportInProgress');
    expect(report.get().content).toContain('\na,');
    expect(report.get().content).not.toContain('\nb,');
  });

  it('ages with time travel while it is kept', () => {
    const small = atOnce();
    small.world.createUser(small.accountId, { name: 'a' });
    read(small);
    small.world.travel(HOUR_MS);
    expect(row(read(small), 'a').user_creation_time).toBe('2026-11-22T11:00:00+00:00');
  });

  it('can be out of service', () => {
    const { world, accountId } = smallWorld({ switches: { report: { available: false } } });
    expect(code(() => world.credentialReport(accountId).generate())).toBe('ServiceFailure');
    expect(code(() => world.credentialReport(accountId).get())).toBe('ServiceFailure');
  });
});
