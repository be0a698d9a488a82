import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '../../aws-simulator/server';
import { auditPermissions } from '../../src/cli/audit-permissions';
import type { AuditReport } from '../../src/cli/audit-report';
import { auditor, foundLines, memberOf, mothball, startMothball, trueLines } from './simulated-audit';

jest.setTimeout(60_000);

/** Ready at once, to save the seconds that AWS takes to make one. */
const readyReport = { pendingPolls: 0 };

let simulator: RunningSimulator | undefined;

async function start(options: SimulatorOptions = {}): Promise<{ simulator: RunningSimulator; accountId: string }> {
  simulator = await startSimulator({
    seed: 11,
    accounts: 2,
    usersPerAccount: 12,
    rolesPerAccount: 12,
    pacing: 'unlimited',
    switches: { report: readyReport },
    ...options,
  });
  return { simulator, accountId: memberOf(simulator) };
}

afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
});

const reportIn = (stdout: string): AuditReport => JSON.parse(stdout) as AuditReport;

describe('an audit of an account', () => {
  it.each([
    { seed: 1, shape: { ages: 'typical' as const } },
    { seed: 2, shape: { ages: 'neglected' as const } },
    { seed: 3, shape: { ages: 'edges' as const } },
    { seed: 4, shape: { ages: 'young' as const } },
    { seed: 5, shape: { ages: 'edges' as const }, keysPerUser: 2 },
    { seed: 6, shape: { ages: 'typical' as const }, partition: 'aws-us-gov' as const },
  ])('finds exactly what is unused: $seed $shape.ages', async (options) => {
    const { simulator: running, accountId } = await start({ usersPerAccount: 30, rolesPerAccount: 60, ...options });
    const env = auditor(running, accountId);
    const before = Date.now();
    const { status, stdout, stderr } = await mothball(['audit', '--format', 'json'], env);
    expect(stderr).toBe('');
    const report = reportIn(stdout);
    expect(report).toMatchObject({ outcome: 'complete', notRead: [], unknown: [] });
    expect(report.account).toEqual({ id: accountId, partition: options.partition ?? 'aws' });

    const truth = running.control.truth(90, accountId)[0]?.items ?? [];
    // What a threshold was passed for, or a use surfaced for, while the audit looked.
    const open = running.world.indistinguishable(accountId, 90, { from: before, to: Date.now() });
    const openIds = new Set(open.map(({ uniqueId }) => uniqueId));
    const decided = (lines: string[]): string[] => lines.filter((text) => !openIds.has(text.split(' ')[1] ?? ''));
    expect(decided(foundLines(report))).toEqual(decided(trueLines(truth)));
    expect(openIds.size).toBeLessThan(truth.length / 10);

    expect(truth.length).toBeGreaterThan(0);
    expect(status).toBe(1);
    expect(report.summary.findings).toBe(report.findings.length);
  });

  it('judges time without use at the threshold asked for, and rotation at its own', async () => {
    const { simulator: running, accountId } = await start({ usersPerAccount: 25, rolesPerAccount: 40 });
    const { stdout } = await mothball(['audit', '-f', 'json', '--idle-days', '30'], auditor(running, accountId));
    const at30 = running.control.truth(30, accountId)[0]?.items ?? [];
    const at90 = running.control.truth(90, accountId)[0]?.items ?? [];
    const rotation = (item: { check: string }): boolean => item.check === 'access-key-not-rotated';
    const expected = [...at30.filter((item) => !rotation(item)), ...at90.filter(rotation)];
    expect(foundLines(reportIn(stdout))).toEqual(trueLines(expected));
    expect(at30.length).toBeGreaterThan(at90.length);
  });

  it('costs a handful of calls, one a user with a flagged key, and only reads', async () => {
    const { simulator: running, accountId } = await start({ usersPerAccount: 100, rolesPerAccount: 300 });
    const { stdout } = await mothball(['audit', '-f', 'json', '-c', 'unused-access-key'], auditor(running, accountId));
    const { findings, awsCalls } = reportIn(stdout);
    const flaggedUsers = new Set(findings.map(({ identity }) => identity.uniqueId)).size;
    const twins = awsCalls.byAction['iam:GetAccessKeyLastUsed'] ?? 0;
    expect(awsCalls.byAction['iam:ListAccessKeys']).toBe(flaggedUsers);
    expect(awsCalls.total).toBeLessThanOrEqual(7 + flaggedUsers + twins);
    const actions = new Set(running.control.log({ accountId }).map(({ action }) => action));
    for (const action of actions) expect(action).toMatch(/:?(Get|List|Generate)\w+$/);
    expect(actions.size).toBeGreaterThan(3);
  });

  it('leaves out the roles that a pattern spares, and says how many', async () => {
    const { simulator: running, accountId } = await start();
    const env = auditor(running, accountId);
    const { stdout } = await mothball(['audit', '-f', 'json', '-c', 'unused-role', '-x', '/none|*'], env);
    const report = reportIn(stdout);
    expect(report.findings).toEqual([]);
    expect(report.summary.exempt).toBeGreaterThan(0);
  });
});

describe('an account whose every read is allowed but one', () => {
  it.each(auditPermissions.filter((action) => action !== 'iam:GetAccessKeyLastUsed'))(
    'is partial, exits with 3, and says what to allow: %s',
    async (missing) => {
      const { simulator: running, accountId } = await start({ shape: { ages: 'neglected' } });
      const env = auditor(
        running,
        accountId,
        auditPermissions.filter((action) => action !== missing),
      );
      const { status, stdout, stderr } = await mothball(['audit', '-f', 'json'], env);
      const report = reportIn(stdout);
      expect(status).toBe(3);
      expect(report.outcome).toBe('partial');
      expect(report.notRead.map(({ remedy }) => remedy).join()).toContain(missing);
      expect(stderr).toContain('not everything could be read');
      const truth = new Set(trueLines(running.control.truth(90, accountId)[0]?.items ?? []));
      const wrong = foundLines(report).filter((text) => !truth.has(text) && !text.endsWith(' -'));
      expect(wrong).toEqual([]);
    },
  );

  it('exits with 2 when nothing at all may be read, and still writes the report', async () => {
    const { simulator: running, accountId } = await start();
    const { status, stdout, stderr } = await mothball(
      ['audit', '-f', 'json'],
      auditor(running, accountId, ['s3:Get*']),
    );
    expect(status).toBe(2);
    expect(reportIn(stdout).outcome).toBe('failed');
    expect(stderr).toMatch(/^mothball: nothing could be read: .*Allow iam:\w+ in a policy/);
  });

  it('takes a report without root for a gap, not for a root without keys', async () => {
    const { simulator: running, accountId } = await start({ switches: { report: { ...readyReport, rootRow: false } } });
    const { status, stdout } = await mothball(['audit', '-f', 'json'], auditor(running, accountId));
    expect(status).toBe(3);
    expect(reportIn(stdout).notRead).toMatchObject([{ what: 'the root user' }]);
  });
});

describe('formats', () => {
  it('the table names every finding, has no colours outside a terminal, and stays within its width', async () => {
    const { simulator: running, accountId } = await start();
    const env = auditor(running, accountId);
    const json = reportIn((await mothball(['audit', '-f', 'json'], env)).stdout);
    const { status, stdout } = await mothball(['audit'], { ...env, COLUMNS: '90' });
    expect(status).toBe(1);
    expect(stdout).not.toContain('\u001b');
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .slice(1)
          .map((text) => text.length),
      ),
    ).toBeLessThanOrEqual(90);
    for (const { identity } of json.findings) {
      if (identity.accessKeyId) expect(stdout).toContain(identity.accessKeyId);
    }
    expect(stdout).toContain(`${json.findings.length} findings · `);
  });

  it('tsv has every role that is judged, as the truth has it, and nothing else decides the exit status', async () => {
    const { simulator: running, accountId } = await start({ rolesPerAccount: 40 });
    const { status, stdout } = await mothball(['audit', '-f', 'tsv'], auditor(running, accountId));
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((text) => text.split('\t'));
    const judged = [...(running.world.account(accountId)?.roles.values() ?? [])].filter(
      ({ path }) => !/^\/aws-(service-role|reserved)\//.test(path),
    );
    expect(lines.map(([name]) => name).sort()).toEqual(judged.map(({ name }) => name).sort());
    const unused = (running.control.truth(90, accountId)[0]?.items ?? []).filter(
      ({ check }) => check === 'unused-role',
    );
    expect(
      lines
        .filter(([, state]) => state === 'NON_COMPLIANT')
        .map(([name]) => name)
        .sort(),
    ).toEqual(unused.map(({ name }) => name).sort());
    expect(status).toBe(unused.length > 0 ? 1 : 0);
  });

  it('writes to a file instead, and says so on stderr only', async () => {
    const { simulator: running, accountId } = await start();
    const folder = await mkdtemp(join(tmpdir(), 'mothball-'));
    try {
      const file = join(folder, 'report.json');
      const env = auditor(running, accountId);
      const { stdout, stderr } = await mothball(['audit', '-f', 'json', '-o', file], env);
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: `mothball: the report is in ${file}\n` });
      expect(reportIn(await readFile(file, 'utf8')).account.id).toBe(accountId);
      const quiet = await mothball(['audit', '-f', 'json', '-q', '-o', file], env);
      expect(quiet.stderr).toBe('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('as a process of its own', () => {
  it('prints the report and nothing else on stdout, and ends with its status', async () => {
    const { simulator: running, accountId } = await start();
    const { status, stdout, stderr } = await startMothball(['audit', '-f', 'json'], auditor(running, accountId)).ended;
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(foundLines(reportIn(stdout))).toEqual(trueLines(running.control.truth(90, accountId)[0]?.items ?? []));
  });

  it('without credentials ends with 2 and one sentence', async () => {
    const { status, stdout, stderr } = await startMothball(['audit']).ended;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^mothball: .*no usable AWS credentials.*Set AWS_PROFILE.*\n$/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it at once with 130: nothing was changed', async (signal) => {
    const { simulator: running, accountId } = await start({ switches: { report: { pendingPolls: 1_000 } } });
    const { child, ended } = startMothball(['audit'], auditor(running, accountId));
    while (running.control.log({ action: 'ListUsers' }).length === 0) await pause(20);
    const stoppedAt = performance.now();
    child.kill(signal);
    expect(await ended).toEqual({
      status: 130,
      stdout: '',
      stderr: 'mothball: interrupted; nothing was changed.\n',
    });
    expect(performance.now() - stoppedAt).toBeLessThan(3_000);
  });
});
