import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLEANUP_ROLE, type CleanUpAccount } from './aws-account';
import { type CleanUpWorld, startWorld } from './clean-up-world';
import { shortenGrace, waitOut } from './waiting-out';
import { addBystanders, addFullRole, addFullUser } from './full-identities';
import { type HeldAws, type Moment, startHeldAws } from './held-aws';
import { isAlive, kill, startWorkerProcess, WITHOUT_WORKER, withWorker } from './workers';

/**
 * A worker is killed (SIGKILL) before and after each request to AWS of the deletion of a user and of a role that
 * have one of everything. One process works on many accounts, each of which it finds stopped at another request; when it
 * has come to all of these it is killed, and another worker goes on.
 */
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const KINDS = ['user', 'role'] as const;
type Kind = (typeof KINDS)[number];
const MOMENTS: readonly Moment[] = ['before', 'after'];
const IS_WRITE = /^(Add|Attach|Create|Deactivate|Delete|Detach|Put|Remove|Tag|Update|Upload)/;

/** As many accounts as one worker is stopped in: the first ones are held for no longer than a request may take. */
const AT_ONCE = 24;

jest.setTimeout(SOAK ? 1_800_000 : 300_000);

interface Subject {
  readonly kind: Kind;
  readonly account: CleanUpAccount;
  /** Where it is interrupted; null: nowhere, what the others are compared with. */
  readonly point: { readonly number: number; readonly moment: Moment } | null;
}

type Point = Omit<Subject, 'account'>;

let world: CleanUpWorld;
let aws: HeldAws;
let victim: ChildProcess | undefined;

beforeAll(async () => {
  world = await startWorld(WITHOUT_WORKER);
  await shortenGrace(world);
  aws = await startHeldAws(world.pipeline.simulator.url);
});
afterAll(async () => {
  if (isAlive(victim)) await kill(victim);
  await aws.close();
  await world.stop();
});

/** Accounts with one full user or role each, which are as long in quarantine as they need to be. */
async function quarantined(points: readonly Point[]): Promise<{ tenantId: string; subjects: Subject[] }> {
  const { simulator } = world.pipeline;
  const tenantId = await world.newTenant();
  const subjects: Subject[] = [];
  for (const point of points) {
    const account = await world.newAccount(tenantId);
    const make = point.kind === 'user' ? addFullUser : addFullRole;
    make(simulator, account.awsAccountId, 'unused', world.clock.now());
    addBystanders(simulator, account.awsAccountId, world.clock.now());
    subjects.push({ ...point, account });
  }
  await withWorker(world, async () => {
    await world.scan(tenantId);
    await world.agree(tenantId);
    await world.turn(tenantId);
    await waitOut(world, tenantId);
  });
  world.pass({ hours: 50 });
  const stages = await stagesOf(tenantId);
  expect([...stages.keys()].sort()).toEqual(['quarantined', 'silenced'].filter((stage) => stages.has(stage)));
  return { tenantId, subjects };
}

async function stagesOf(tenantId: string): Promise<Map<string, number>> {
  const rows = await world.pipeline.rows<{ stage: string; items: number }>(
    'SELECT stage, count(*)::int AS items FROM plan_items WHERE tenant_id = $1 GROUP BY stage',
    [tenantId],
  );
  return new Map(rows.map(({ stage, items }) => [stage, items]));
}

/** Before and after every request; in the short form at each fifth request that writes, and at a few that read. */
function pointsOf(kind: Kind, requests: readonly string[]): Point[] {
  const both = requests.flatMap((action, number) =>
    MOMENTS.map((moment, index) => ({
      point: { kind, point: { number, moment } },
      isShort: (number + index) % 2 === 0 && number % (IS_WRITE.test(action) ? 5 : 24) === 0,
    })),
  );
  return both.filter(({ isShort }) => SOAK || isShort).map(({ point }) => point);
}

interface Uninterrupted {
  readonly requests: readonly string[];
  readonly left: object;
  readonly effects: readonly string[];
}

/** The requests of an uninterrupted deletion, in order, and what it leaves. */
async function uninterrupted(): Promise<Record<Kind, Uninterrupted>> {
  const { tenantId, subjects } = await quarantined(KINDS.map((kind) => ({ kind, point: null })));
  victim = await startWorkerProcess(world, { endpoint: aws.url });
  await world.turn(tenantId);
  await kill(victim);
  expect(await stagesOf(tenantId)).toEqual(new Map([['deleted', 2]]));
  const of = (kind: Kind): Uninterrupted => {
    const account = subjects.find((one) => one.kind === kind)?.account;
    if (!account) throw new Error('Nothing to compare with.');
    const requests = aws.requests(account.awsAccountId);
    return { requests, left: leftIn(account), effects: effectsIn(account).map(withoutNumbers).sort() };
  };
  return { user: of('user'), role: of('role') };
}

/** Everything but use that is left in an account, without what tells accounts apart. */
function leftIn({ awsAccountId }: CleanUpAccount): object {
  const account = world.pipeline.simulator.world.account(awsAccountId);
  if (!account) throw new Error('The account is gone.');
  return {
    users: [...account.users.keys()].sort(),
    roles: [...account.roles.keys()].sort(),
    groups: [...account.groups.keys()].sort(),
    profiles: [...account.instanceProfiles.keys()].sort(),
    devices: [...account.mfaDevices.keys()].length,
    atWork: [account.users.get('at-work'), account.roles.get('at-work')].map(
      (identity) => identity && [identity.boundaryArn, identity.attachedPolicyArns],
    ),
    keyAtWork: account.users.get('at-work')?.accessKeys.map(({ active }) => active),
  };
}

const effectsIn = ({ awsAccountId }: CleanUpAccount): string[] =>
  world.control
    .writes({ accountId: awsAccountId, by: CLEANUP_ROLE })
    .map(({ action, objectIds }) => `${action} ${objectIds.filter((id) => !id.includes(':role/')).join(' ')}`);

async function untilAllAreHeld(subjects: readonly Subject[]): Promise<void> {
  const waiting = subjects.filter(({ point }) => point !== null);
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) {
    if (waiting.every(({ account }) => aws.isHeld(account.awsAccountId))) return;
  }
  const free = waiting.filter(({ account }) => !aws.isHeld(account.awsAccountId));
  throw new Error(
    `Never got there: ${JSON.stringify(free.map(({ kind, point, account }) => [kind, point, aws.requests(account.awsAccountId)]))}`,
  );
}

test('whenever it is killed, another worker ends it as if nothing had been', async () => {
  const usual = await uninterrupted();
  expect(usual.user.requests).toEqual(expect.arrayContaining(['AssumeRole', 'DeleteUser', 'DeleteLoginProfile']));
  expect(usual.role.requests).toEqual(expect.arrayContaining(['AssumeRole', 'DeleteRole', 'DetachRolePolicy']));
  const points = KINDS.flatMap((kind) => pointsOf(kind, usual[kind].requests));
  expect(points.length).toBeGreaterThan(SOAK ? 150 : 8);
  for (let from = 0; from < points.length; from += AT_ONCE) {
    const { tenantId, subjects } = await killedAt(points.slice(from, from + AT_ONCE));
    for (const { kind, account, point } of subjects) {
      const effects = effectsIn(account);
      const { left, effects: expected } = usual[kind];
      // No effect twice, none missing.
      const found = { point, left: leftIn(account), effects: effects.map(withoutNumbers).sort() };
      expect(found).toEqual({ point, left, effects: expected });
      // Nothing gives access back before the end.
      expect(effects.filter((effect) => /^Delete\w+PermissionsBoundary/.test(effect))).toEqual([]);
    }
    await expectAllIsWrittenDown(tenantId);
  }
});

/** One worker comes to each of these points and is killed; another one goes on. */
async function killedAt(points: readonly Point[]): Promise<{ tenantId: string; subjects: Subject[] }> {
  const { tenantId, subjects } = await quarantined(points);
  for (const { account, point } of subjects) {
    if (point) aws.hold(account.awsAccountId, point.number, point.moment);
  }
  victim = await startWorkerProcess(world, { endpoint: aws.url, concurrency: subjects.length });
  await world.pipeline.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'clean-account'");
  await untilAllAreHeld(subjects);
  await kill(victim);

  await withWorker(world, async () => {
    for (let round = 0; round < 4; round += 1) {
      await sleep(round === 0 ? 2_500 : 0);
      await world.turn(tenantId);
      world.pass({ hours: 1 });
    }
  });
  expect(await stagesOf(tenantId)).toEqual(new Map([['deleted', subjects.length]]));
  return { tenantId, subjects };
}

/** Ids differ from account to account. */
const withoutNumbers = (effect: string): string =>
  effect.replace(/\b(A[A-Z]{3})[A-Z0-9]{12,}\b/g, '$1').replace(/\d{12}/g, '');

async function expectAllIsWrittenDown(tenantId: string): Promise<void> {
  const open = await world.pipeline.rows('SELECT * FROM item_steps WHERE tenant_id = $1 AND outcome IS NULL', [
    tenantId,
  ]);
  expect(open).toEqual([]);
  const steps = await world.pipeline.rows<{ aws_account_id: string; action: string; intents: number }>(
    `SELECT i.aws_account_id, s.action, count(*)::int AS intents
     FROM item_steps s JOIN plan_items i ON i.tenant_id = s.tenant_id AND i.id = s.item_id
     WHERE s.tenant_id = $1 GROUP BY 1, 2`,
    [tenantId],
  );
  const intents = new Map(steps.map((step) => [`${step.aws_account_id} ${step.action}`, step.intents]));
  const effects = new Map<string, number>();
  for (const { accountId, action } of world.control.writes({ by: CLEANUP_ROLE })) {
    const name = `${accountId} iam:${action}`;
    effects.set(name, (effects.get(name) ?? 0) + 1);
  }
  const ofTenant = [...effects].filter(([name]) => steps.some((step) => name.startsWith(step.aws_account_id)));
  expect(ofTenant.length).toBeGreaterThan(0);
  expect(ofTenant.filter(([name, count]) => (intents.get(name) ?? 0) < count)).toEqual([]);
  const [tasks] = await world.pipeline.rows<{ lost: number }>(
    `SELECT count(*) FILTER (WHERE state NOT IN ('done', 'failed', 'cancelled', 'waiting', 'admitted', 'running'))::int
       + count(*) FILTER (WHERE state = 'failed')::int AS lost FROM tasks`,
  );
  expect(tasks?.lost).toBe(0);
}
