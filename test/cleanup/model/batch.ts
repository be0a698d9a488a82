import { setTimeout as sleep } from 'node:timers/promises';
import { PlanApprovals } from '../../../src/cleanup/decisions/plan-approvals.service';
import { defaultRules } from '../../../src/cleanup/rules/cleanup-rules';
import { DomainError } from '../../../src/errors';
import { type CleanUpAccount, CLEANUP_ROLE, RESTORE_ROLE } from '../aws-account';
import { type CleanUpWorld, platformRules, someone } from '../clean-up-world';
import { happen, type Scene } from './happen';
import { type Made, populate } from './population';
import type { Circumstances, Happening, RandomWorld, Round } from './random-world';
import { Watch } from './watch';

const HOUR_MS = 3_600_000;

export interface Running extends Scene {
  readonly spec: RandomWorld;
  readonly watch: Watch;
  readonly tenantId: string;
}

export interface BatchResult {
  /** One line for each broken promise, with the number of its world. */
  readonly violations: string[];
  /** How many items ended in each stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly deletions: number;
}

const SHORT = { accessKey: 1, password: 1, user: 1, role: 1 };

/** Several random worlds, side by side on one time line: each a tenant with an account of its own. */
export async function runBatch(
  world: CleanUpWorld,
  circumstances: Circumstances,
  specs: readonly RandomWorld[],
): Promise<BatchResult> {
  await set(world, circumstances);
  const graces = circumstances.shortGrace ? SHORT : defaultRules.graceDays;
  const begun = await Promise.all(specs.map((spec) => begin(world, spec, graces)));
  await world.scan(...begun.map(({ tenantId }) => tenantId));
  const running = (await Promise.all(begun.map((one) => plan(world, one)))).filter((one) => one !== null);
  for (let number = 0; number < longest(running); number += 1) await playRound(world, running, number);
  await playEnd(world, running);
  return result(world, running);
}

async function set({ control, pipeline }: CleanUpWorld, circumstances: Circumstances): Promise<void> {
  const { shortGrace, lagHours, deniedMovesLastUse, inactiveKeyMovesLastUse, ...services } = circumstances;
  const lagMs = lagHours * HOUR_MS;
  control.clearFaults();
  control.setSwitches({
    world: { deniedMovesLastUse, inactiveKeyMovesLastUse, lastUseLagMs: lagMs },
    services: { ...services, serviceLastAccessedLagMs: lagMs },
  });
  await platformRules(pipeline, shortGrace ? { ...defaultRules, graceDays: SHORT } : defaultRules);
}

interface Begun {
  readonly spec: RandomWorld;
  readonly tenantId: string;
  readonly account: CleanUpAccount;
  readonly made: Made[];
  readonly watch: Watch;
}

async function begin(world: CleanUpWorld, spec: RandomWorld, graces: typeof SHORT): Promise<Begun> {
  const { idleDays, observableQuarantine } = spec;
  const checks = ['unused-access-key', 'unused-password', 'unused-user', 'unused-role', 'access-key-not-rotated'];
  const tenantId = await world.newTenant({
    checks: Object.fromEntries(checks.map((check) => [check, { idleDays }])),
    action: { mode: 'report', observableQuarantine },
  });
  const account = await world.newAccount(tenantId);
  const made = populate(world.control, account.awsAccountId, spec.identities, world.clock.now().getTime());
  const { silenceHours } = defaultRules;
  return { spec, tenantId, account, made, watch: new Watch(world, { account, made, idleDays, graces, silenceHours }) };
}

/** Null: there is nothing to plan. */
async function plan(world: CleanUpWorld, begun: Begun): Promise<Running | null> {
  const { spec, tenantId } = begun;
  try {
    const { planId, manifestHash } = await world.propose(tenantId, { goal: spec.goal, dryRun: spec.dryRun });
    await decide(world, begun, planId, manifestHash);
    return { ...begun, world, planId };
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

async function decide(world: CleanUpWorld, { spec, tenantId }: Begun, planId: string, hash: string): Promise<void> {
  const { tenants, get, rows } = world.pipeline;
  if (spec.dryRun || spec.approval === 'not given') return;
  const [row] = await rows<{ stands_for: string }>('SELECT stands_for FROM plans WHERE id = $1', [planId]);
  const by = someone(tenantId, 'Bob', 'approver');
  const approver = spec.approval === 'by the proposer' ? { ...by, standsFor: row?.stands_for ?? '' } : by;
  const given = spec.approval === 'of another manifest' ? 'f'.repeat(64) : hash;
  try {
    await tenants.inTenant(tenantId, (manager) =>
      get(PlanApprovals).approve(manager, tenantId, planId, given, approver),
    );
  } catch (error) {
    if (!(error instanceof DomainError) || spec.approval === 'given') throw error;
  }
}

const longest = (running: readonly Running[]): number => Math.max(0, ...running.map(({ spec }) => spec.rounds.length));

const roundOf = ({ spec }: Running, number: number): Round => spec.rounds[number] ?? { hours: 0, happenings: [] };

const isDuring = (happening: Happening): boolean => 'during' in happening && happening.during;

/** Time is one for all: as long as most of them want. */
async function playRound(world: CleanUpWorld, running: readonly Running[], number: number): Promise<void> {
  const hours = running.map((one) => roundOf(one, number).hours).sort((a, b) => a - b);
  world.pass({ hours: hours[Math.floor(hours.length / 2)] ?? 0 });
  await Promise.all(
    running.map(async (one) => {
      for (const happening of roundOf(one, number).happenings) if (!isDuring(happening)) await happen(one, happening);
    }),
  );
  await Promise.all(running.map(({ watch }) => watch.look()));
  const turn = world.turn(...running.map(({ tenantId }) => tenantId));
  await Promise.all([
    turn,
    ...running.map(async (one, index) => {
      await sleep((index * 7) % 90);
      for (const happening of roundOf(one, number).happenings) if (isDuring(happening)) await happen(one, happening);
    }),
  ]);
  await world.settle();
  await Promise.all(running.map(({ watch }) => watch.check()));
}

/** Nothing stands in the way any longer, so whatever was interrupted comes to an end. */
async function playEnd(world: CleanUpWorld, running: readonly Running[]): Promise<void> {
  world.control.clearFaults();
  const calm: Happening[] = [{ kind: 'allow-all' }, { kind: 'go-on', during: false }];
  await Promise.all(
    running.map(async (one) => {
      for (const happening of calm) await happen(one, happening);
    }),
  );
  world.pass({ hours: 30 });
  await Promise.all(running.map(({ watch }) => watch.look()));
  await world.turn(...running.map(({ tenantId }) => tenantId));
  await Promise.all(running.map(({ watch }) => watch.check()));
}

async function result(world: CleanUpWorld, running: readonly Running[]): Promise<BatchResult> {
  const violations: string[] = [];
  const stages: Record<string, number> = {};
  let deletions = 0;
  for (const [number, one] of running.entries()) {
    const found = [...one.watch.violations, ...(await unaccounted(world, one))];
    violations.push(...found.map((text) => `world ${number} (${one.account.awsAccountId}): ${text}`));
    deletions += one.watch.deletions;
    const rows = await world.pipeline.rows<{ stage: string; items: number }>(
      'SELECT stage, count(*)::int AS items FROM plan_items WHERE tenant_id = $1 GROUP BY stage',
      [one.tenantId],
    );
    for (const { stage, items } of rows) stages[stage] = (stages[stage] ?? 0) + items;
  }
  return { violations: [...violations, ...(await lostTasks(world))], stages, deletions };
}

interface StepRow {
  readonly action: string;
  readonly principal_id: string;
  readonly outcome: string | null;
  readonly aws_request_id: string | null;
}

/** Each effect has its intent, each intent its outcome; a plan that nobody agreed to has neither. */
async function unaccounted(world: CleanUpWorld, { tenantId, account, spec }: Running): Promise<string[]> {
  const steps = await world.pipeline.rows<StepRow>(
    `SELECT s.action, i.principal_id, s.outcome, s.aws_request_id
     FROM item_steps s JOIN plan_items i ON i.tenant_id = s.tenant_id AND i.id = s.item_id
     WHERE s.tenant_id = $1 AND NOT s.rehearsed`,
    [tenantId],
  );
  const effects = world.control
    .writes({ accountId: account.awsAccountId })
    .filter(({ principalArn }) => [CLEANUP_ROLE, RESTORE_ROLE].some((role) => principalArn.includes(`/${role}/`)));
  const lost = new Set(
    world.control
      .log({ accountId: account.awsAccountId, limit: 1e6 })
      .filter((request) => request.lost || request.status !== 200)
      .map(({ id }) => id),
  );
  const answered = new Set(steps.map((step) => step.aws_request_id));
  const intended = new Set(steps.map(({ action }) => action));
  const agreed = !spec.dryRun && spec.approval === 'given';
  return [
    ...steps.filter(({ outcome }) => outcome === null).map(({ action }) => `${action}: an intent without an outcome`),
    ...effects
      .filter(({ action }) => !intended.has(`iam:${action}`))
      .map(({ action }) => `${action}: an effect without an intent`),
    ...effects
      .filter(({ requestId }) => !lost.has(requestId) && !answered.has(requestId))
      .map(({ action, requestId }) => `${action}: the answer ${requestId} is not written down`),
    ...(agreed ? [] : effects.map(({ action }) => `${action}: nobody agreed to it`)),
  ];
}

async function lostTasks({ pipeline }: CleanUpWorld): Promise<string[]> {
  const [tasks] = await pipeline.rows<{
    created: number;
    done: number;
    failed: number;
    cancelled: number;
    open: number;
  }>(
    `SELECT count(*)::int AS created, count(*) FILTER (WHERE state = 'done')::int AS done,
       count(*) FILTER (WHERE state = 'failed')::int AS failed, count(*) FILTER (WHERE state = 'cancelled')::int AS cancelled,
       count(*) FILTER (WHERE state IN ('waiting', 'admitted', 'running'))::int AS open FROM tasks`,
  );
  if (!tasks) return ['tasks cannot be counted'];
  const { created, done, failed, cancelled, open } = tasks;
  return created === done + failed + cancelled + open ? [] : [`tasks were lost: ${JSON.stringify(tasks)}`];
}
