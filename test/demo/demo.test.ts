import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppliedWrite } from '../../aws-simulator/limits/write-ledger';
import type { AccountTruth } from '../../aws-simulator/world/truth';
import { processTree, remaining, runDemo, type RunningDemo } from './running-demo';

interface Summary {
  accounts: Record<'listed' | 'scanned' | 'partial' | 'failed' | 'skipped', number>;
  identities: number;
  findings: { open: number; byCheck: Record<string, number>; byAccount: Record<string, number> };
  unknown: number;
  awsCalls: { total: number; throttled: number; byAction: Record<string, number> };
  wallMs: number;
  scans: { awsCalls: number; rowsWritten: number; wallMs: number }[];
  cleanup: Record<
    'plans' | 'items' | 'refused' | 'quarantined' | 'signsOfLife' | 'restored' | 'deleted' | 'outsideManifest',
    number
  >;
  notifications: Record<'events' | 'delivered' | 'failed' | 'pending', number> & {
    tickets: Record<'opened' | 'closed', number>;
  };
}

interface Ready {
  graphqlUrl: string;
  wsUrl: string;
  simulatorUrl: string;
  tokens: { platform: string; tenants: { id: string; name: string; token: string }[] };
}

const SMALL = ['--users', '12', '--roles', '12'];
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, one) => total + one, 0);

jest.setTimeout(240_000);

describe('npm run demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mothball-demo-test-'));
  const readyFile = join(folder, 'ready.json');
  let staying: RunningDemo;
  let once: RunningDemo;
  let summary: Summary;
  let ready: Ready;

  // Both at the same time: two demos must not meet.
  beforeAll(async () => {
    staying = runDemo('--json', '--rescan', '--accounts', '4', ...SMALL, '--seed', '7', '--ready-file', readyFile);
    once = runDemo('--once', '--accounts', '10', ...SMALL);
    await staying.said('stdout', /\n$/);
    summary = JSON.parse(staying.stdout().trim().split('\n').at(-1) ?? '') as Summary;
    ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready;
  });

  afterAll(async () => {
    for (const { child } of [staying, once]) child.kill('SIGTERM');
    await Promise.all([staying.ended, once.ended]);
    rmSync(folder, { recursive: true });
  });

  test('--json prints one line on standard output, whose numbers add up', () => {
    expect(staying.stdout().trim().split('\n')).toHaveLength(1);
    const { accounts, findings, awsCalls } = summary;
    expect(accounts).toEqual({ listed: 4, scanned: 4, partial: 0, failed: 0, skipped: 0 });
    expect(sum(findings.byCheck)).toBe(findings.open);
    expect(sum(findings.byAccount)).toBe(findings.open);
    expect(sum(awsCalls.byAction)).toBe(awsCalls.total);
    expect(awsCalls.throttled).toBeLessThanOrEqual(awsCalls.total / 100);
    expect(summary.identities).toBeGreaterThan(4 * 24);
    expect(summary.unknown).toBe(0);
  });

  test('what it reports is what the simulator knows to be unused', async () => {
    const answer = await fetch(`${ready.simulatorUrl}/_control/truth?days=90`);
    const truths = ((await answer.json()) as AccountTruth[]).filter(({ observable }) => observable);
    const items = truths.flatMap((truth) => truth.items);
    expect(summary.findings.byCheck).toEqual(tally(items.map(({ check }) => check)));
    expect(summary.findings.byAccount).toEqual(tally(items.map(({ accountId }) => accountId)));
    expect(items.length).toBeGreaterThan(20);
  });

  test('a clean-up goes from a plan to a restore, and touches nothing that is not in its manifest', async () => {
    const { cleanup } = summary;
    expect(cleanup).toMatchObject({ plans: 1, signsOfLife: 1, restored: 2, outsideManifest: 0 });
    expect(cleanup.deleted).toBeGreaterThan(1);
    expect(cleanup.quarantined).toBe(cleanup.deleted + cleanup.signsOfLife);
    expect(cleanup.items).toBe(cleanup.quarantined + cleanup.refused);
    const answer = await fetch(`${ready.simulatorUrl}/_control/writes`);
    const writes = (await answer.json()) as AppliedWrite[];
    const touched = new Set(writes.flatMap(({ identityIds }) => identityIds));
    // A user has a new unique id when it is made again; several keys can be one user's.
    expect(touched.size).toBeLessThanOrEqual(cleanup.quarantined + 1);
    const roles = new Set(writes.map(({ principalArn }) => principalArn.split('/')[1]));
    expect([...roles].sort()).toEqual(['mothball-cleanup', 'mothball-restore']);
    expect(writes.filter(({ sourceIdentity }) => sourceIdentity === null)).toEqual([]);
  });

  test('whoever asked is told of it, with a signature that holds, and tickets are opened and closed', () => {
    const { events, delivered, failed, pending, tickets } = summary.notifications;
    // Of each act of the clean-up, of each finding and of each scan.
    expect(events).toBeGreaterThan(summary.findings.open + summary.cleanup.quarantined + summary.cleanup.deleted);
    expect(delivered).toBeGreaterThan(summary.cleanup.quarantined + summary.cleanup.deleted);
    expect({ failed, pending }).toEqual({ failed: 0, pending: 0 });
    expect(tickets.closed).toBeGreaterThan(0);
    expect(tickets.opened).toBeGreaterThan(tickets.closed);
    const [, made, keys] = /counts (\d+) keys in (\d+) tickets/.exec(staying.stderr()) ?? [];
    expect(made).toBe(keys);
    expect(staying.stderr()).toContain('verified the signature of each');
  });

  test('each of its steps is told', () => {
    const steps = [
      'previews a plan',
      'proposes it',
      'a second person, approves',
      'are in quarantine',
      'something tries to work with the role',
      'gives the role back',
      'The plan halts',
      'resumes it',
      'announced, two days ahead',
      'the plan is completed',
      'is missed',
      '0 of them outside of the manifest',
    ];
    const told = staying.stderr();
    const places = steps.map((step) => told.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(once.stdout()).toContain('outside of the manifest');
  });

  test('--rescan: a second scan costs at most six calls an account, and writes only roles that were used meanwhile', () => {
    const [first, second] = summary.scans;
    expect(summary.scans).toHaveLength(2);
    // Later came the clean-up's two roles, in three accounts at most, and the user that was made again.
    expect(first?.rowsWritten).toBeGreaterThanOrEqual(summary.identities - 3 * 2 - 1);
    expect(second?.awsCalls).toBeLessThanOrEqual(4 * 6);
    // The service's own: a scan role in each account, and the role that lists accounts.
    expect(second?.rowsWritten).toBeLessThanOrEqual(4 + 1);
  });

  test('--ready-file is for its owner only, and its tokens open the API', async () => {
    expect(statSync(readyFile).mode & 0o777).toBe(0o600);
    expect(ready.wsUrl).toBe(ready.graphqlUrl.replace('http:', 'ws:'));
    const counts = await Promise.all(ready.tokens.tenants.map(({ token }) => openFindings(ready.graphqlUrl, token)));
    expect(counts).toHaveLength(2);
    expect(counts.reduce((total, one) => total + one, 0)).toBe(summary.findings.open);
    expect(await openFindings(ready.graphqlUrl, ready.tokens.platform)).toBe(summary.findings.open);
  });

  test('the three queries to paste work as they are printed', async () => {
    const commands = staying.stderr().match(/^curl .*$/gm) ?? [];
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      // What a shell would make of it: the quoted texts, as they are.
      const [, address = '', headers = '', body = ''] =
        /^curl -s (\S+) ((?:-H '[^']*' )*)-d '([^']*)'$/.exec(command) ?? [];
      const sent = [...headers.matchAll(/-H '([^:]*): ([^']*)'/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      );
      const answer = await fetch(address, { method: 'POST', headers: Object.fromEntries(sent), body });
      expect(await answer.json()).toEqual({ data: expect.any(Object) as unknown });
    }
  });

  test('--once prints the table and ends, and names an account that is not seen with the remedy', async () => {
    expect(await once.ended).toBe(0);
    expect(once.stdout()).toContain('Findings by check and account');
    expect(once.stdout()).toMatch(/10 accounts: 8 scanned, 1 failed, 1 skipped\./);
    expect(once.stdout()).toMatch(/cannot be assumed[\s\S]*Check that arn:aws:iam::\d{12}:role\/mothball-scan exists/);
    expect(once.stdout()).toContain('AWS says SUSPENDED');
    expect(once.stderr()).toContain('First findings after');
  });

  test('SIGTERM ends all of its processes within seconds', async () => {
    const pids = processTree(staying.child.pid ?? 0);
    expect(pids.length).toBeGreaterThan(5);
    staying.child.kill('SIGTERM');
    expect(await staying.ended).toBe(0);
    expect(await remaining(pids, 3_000)).toEqual([]);
  });

  test('SIGKILL in the middle leaves no process behind', async () => {
    const killed = runDemo('--accounts', '3', ...SMALL);
    await killed.said('stderr', 'Listing the accounts');
    const pids = processTree(killed.child.pid ?? 0);
    expect(pids.length).toBeGreaterThan(5);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await remaining(pids, 8_000)).toEqual([]);
  });

  test.each([
    [['--users', 'many'], /--users is a whole number from 0 to 5000; "many" is not/],
    [['--accounts', '0'], /--accounts is a whole number from 1 to 50000/],
    [['--acounts', '3'], /Unknown option '--acounts'/],
    [['--ready-file', '/no/such/folder/file'], /--ready-file: .* cannot be written \(ENOENT\)/],
  ])('%j is refused with a sentence', (args, sentence) => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/demo.mjs', ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

async function openFindings(url: string, token: string): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ findings(filter: { status: OPEN }) { totalCount } }' }),
  });
  const { data } = (await answer.json()) as { data: { findings: { totalCount: number } } };
  return data.findings.totalCount;
}
