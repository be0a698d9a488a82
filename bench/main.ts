import { parseArgs } from 'node:util';
import { defaultPacing } from '../aws-simulator/limits/token-buckets';
import { ExternalIds, type WithExternalId } from '../src/accounts/external-ids.service';
import { AwsService } from '../src/aws/aws.service';
import { textTable } from '../src/cli/text-table';
import { startPipeline, type Pipeline } from '../test/harness/pipeline';
import { naiveScan } from './naive-scan';
import { measureNotificationDelay } from './notification-delay';
import { measurePauseLatency } from './pause-latency';

/** Measurements are ratios within one run, on one machine, against one simulator; nothing is asserted. */
process.once('disconnect', () => process.exit(1));

/** Of the scan itself; the rest is asked of flagged users only, after their findings are there. */
const SCAN_ACTIONS = new Set([
  'GenerateCredentialReport',
  'GetCredentialReport',
  'GetAccountAuthorizationDetails',
  'ListUsers',
]);

interface Measured {
  readonly what: string;
  readonly iamCalls: number;
  readonly throttled: number;
  readonly seconds: number;
  readonly rowsWritten: number | null;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      users: { type: 'string', default: '200' },
      roles: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      accounts: { type: 'string', default: '40' },
      rounds: { type: 'string', default: '10' },
      events: { type: 'string', default: '100' },
      waiting: { type: 'string', default: '100000' },
      burst: { type: 'string', default: '1000' },
    },
  });
  const [what = 'scan', ...others] = positionals;
  if (!['scan', 'pause', 'notifications'].includes(what) || others.length > 0)
    throw new Error('Measure "scan" (the default), "pause" or "notifications".');
  if (what === 'pause') {
    const { accounts, roles, rounds } = values;
    return measurePauseLatency({
      accounts: whole('accounts', accounts),
      roles: whole('roles', roles),
      rounds: whole('rounds', rounds),
    });
  }
  if (what === 'notifications') {
    const { events, waiting, burst } = values;
    return measureNotificationDelay({
      events: whole('events', events),
      waiting: whole('waiting', waiting),
      burst: whole('burst', burst),
    });
  }
  const size = { users: whole('users', values.users), roles: whole('roles', values.roles) };
  const pipeline = await startPipeline({
    config: { leaseMs: 30_000 },
    simulator: {
      seed: whole('seed', values.seed),
      accounts: 1,
      usersPerAccount: size.users,
      rolesPerAccount: size.roles,
      latencyMs: 20,
      // IAM's limits as others have met them: 15 requests a second for each action.
      pacing: defaultPacing,
    },
  });
  try {
    console.log(
      `One account of ${size.users} users and ${size.roles} roles, 15 requests/s for each IAM action, 20 ms each.`,
    );
    print(await measureAll(pipeline));
  } finally {
    await pipeline.stop();
  }
}

async function measureAll(pipeline: Pipeline): Promise<Measured[]> {
  const { world } = pipeline.simulator;
  const awsAccountId = world.organization.managementAccountId;
  const tenantId = await pipeline.createTenant();
  await pipeline.connectOrganization();
  const first = await measure(pipeline, 'first scan, judged, keys named', async () => {
    await pipeline.assign(tenantId, [awsAccountId]);
    await pipeline.settle({ timeoutMs: 3_600_000 });
  });
  const visible = await untilJudged(pipeline);
  const again = await measure(pipeline, 'the same account again', async () => {
    await pipeline.sweep(tenantId);
    await pipeline.settle({ timeoutMs: 3_600_000 });
  });
  const naive = await measure(pipeline, 'one call for each user, key and role', async () => {
    const [account] = await pipeline.rows<WithExternalId & { role_arn: string }>('SELECT * FROM accounts');
    if (!account) throw new Error('There is no account.');
    const access = pipeline.get(AwsService).openAccount({
      partition: 'aws',
      accountId: awsAccountId,
      roleArn: account.role_arn,
      externalId: await pipeline.get(ExternalIds).of(account),
      sessionName: 'bench',
    });
    await naiveScan(access);
  });
  return [naive, first, visible, again];
}

/** The part of the first scan after which the findings are there, but for unused users and the ids of keys. */
async function untilJudged(pipeline: Pipeline): Promise<Measured> {
  const [judged] = await pipeline.rows<{ at: Date; seconds: number }>(
    `SELECT min(finished_at) AS at, extract(epoch FROM min(finished_at) - (SELECT min(created_at) FROM scans))::float8 AS seconds
     FROM tasks WHERE kind = 'judge-account'`,
  );
  const [scan] = await pipeline.rows<{ rows_written: number }>('SELECT rows_written FROM scans');
  if (!judged || !scan) throw new Error('The account was not judged.');
  const { control } = pipeline.simulator;
  const calls = control.log({ service: 'iam', limit: 1e6 }).filter(({ action }) => SCAN_ACTIONS.has(action));
  return {
    what: '… of that, until findings are there',
    iamCalls: calls.length,
    throttled: calls.filter(({ throttled }) => throttled).length,
    seconds: judged.seconds,
    rowsWritten: scan.rows_written,
  };
}

async function measure(pipeline: Pipeline, what: string, work: () => Promise<void>): Promise<Measured> {
  const { control } = pipeline.simulator;
  control.resetCounters();
  const [before] = await pipeline.rows<{ n: number }>('SELECT count(*)::int AS n FROM scans');
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const scans = await pipeline.rows<{ rows_written: number }>('SELECT rows_written FROM scans ORDER BY created_at');
  const own = scans.slice(before?.n ?? 0);
  const { byAction, throttled } = control.counters();
  const iam = Object.entries(byAction).filter(([action]) => action.startsWith('iam:'));
  return {
    what,
    iamCalls: iam.reduce((sum, [, { calls }]) => sum + calls, 0),
    throttled,
    seconds,
    rowsWritten: own.length === 0 ? null : own.reduce((sum, scan) => sum + scan.rows_written, 0),
  };
}

function print(measured: readonly Measured[]): void {
  const [naive] = measured;
  const share = (value: number, of: number | undefined): string => (of ? `${(value / of).toFixed(3)} ×` : '');
  const right = { least: 6, most: 14, align: 'right' } as const;
  const columns = [
    { title: '', least: 20 },
    { title: 'IAM calls', ...right },
    { title: 'ratio', ...right },
    { title: 'throttled', ...right },
    { title: 'seconds', ...right },
    { title: 'ratio', ...right },
    { title: 'rows written', ...right },
  ];
  const rows = measured.map(({ what, iamCalls, throttled, seconds, rowsWritten }) => [
    what,
    String(iamCalls),
    share(iamCalls, naive?.iamCalls),
    String(throttled),
    seconds.toFixed(1),
    share(seconds, naive?.seconds),
    rowsWritten === null ? '–' : String(rowsWritten),
  ]);
  console.log(textTable(columns, rows, 110));
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1, not "${text}".`);
  return value;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
