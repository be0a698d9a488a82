import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { Transfers } from '../../src/accounts/transfers.service';
import { PlanApprovals } from '../../src/cleanup/decisions/plan-approvals.service';
import { PlanStates } from '../../src/cleanup/decisions/plan-states.service';
import { PlanDrafts } from '../../src/cleanup/plans/plan-drafts.service';
import { PlanProposals } from '../../src/cleanup/plans/plan-proposals.service';
import { RulesService } from '../../src/cleanup/rules/rules.service';
import type { Principal } from '../../src/tenancy/principal';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { askFor, type CleanUpAccount, CLEANUP_ROLE } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, planStateOf, stagesOf } from './items';

/** Two who decide at the same moment, or about what somebody else has just changed: one of them, and in words. */
jest.setTimeout(120_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const aws = () => account.awsAccountId;
const addRoles = (...names: string[]): void => {
  for (const name of names) {
    world.control.createRole(aws(), {
      ...{ name, createdAt: daysAgo(world.clock.now(), 500), lastUse: usedAt(daysAgo(world.clock.now(), 200)) },
      attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'],
    });
  }
};
const inService = <T>(work: (manager: EntityManager) => Promise<T>, of = tenantId): Promise<T> =>
  world.pipeline.tenants.inTenant(of, work);
const get = <T>(type: new (...dependencies: never[]) => T): T => world.pipeline.get(type);
const approve = (planId: string, hash: string, name = 'Bob'): Promise<number> =>
  inService((manager) => get(PlanApprovals).approve(manager, tenantId, planId, hash, someone(tenantId, name)));
const saveRules = (rules: object): Promise<unknown> =>
  inService((manager) => get(RulesService).save(manager, tenantId, 'tenant', { rules, by: 'Eve' }));
const drafted = (by: Principal): Promise<string> => {
  const selection = { filter: { checkIds: ['unused-role'] as const } };
  const request = { goal: 'deletion' as const, dryRun: false, selection };
  return inService((manager) => get(PlanDrafts).draft(manager, tenantId, request, by));
};

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (let n = 0; n < 500; n += 1) {
    const seen = await look();
    if (seen !== null) return seen;
    await sleep(10);
  }
  throw new Error(`Waited in vain until ${what}.`);
}

/** Waits until so many of this database's transactions wait for another one. */
const untilBlocked = (count: number): Promise<true> =>
  until(`${count} are blocked`, async () => {
    const [row] = await world.pipeline.rows<{ waiting: number }>(
      `SELECT count(DISTINCT l.pid)::int AS waiting FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE NOT l.granted AND a.datname = current_database()`,
    );
    return (row?.waiting ?? 0) >= count || null;
  });

/** A transaction that holds something until it is told to end. */
async function holding(work: (manager: EntityManager) => Promise<unknown>, of = tenantId) {
  let letGo: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (letGo = resolve));
  let held: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => (held = resolve));
  const over = inService(async (manager) => {
    await work(manager);
    held();
    await told;
  }, of);
  await Promise.race([isHeld, over]);
  return async (): Promise<void> => {
    letGo();
    await over;
  };
}

const settled = <T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> =>
  Promise.allSettled([promise]).then(([one]) => one);

describe('one of two who decide about a plan at once is told so', () => {
  const DECISIONS = {
    approving: (planId: string, hash: string): Promise<unknown> => approve(planId, hash),
    refusing: (planId: string, hash: string): Promise<unknown> =>
      inService((manager) => get(PlanApprovals).refuse(manager, tenantId, planId, hash, someone(tenantId, 'Bob'))),
  } as const;
  const ENDS = {
    cancelled: (planId: string): Promise<unknown> =>
      inService((manager) => get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId, 'Eve'))),
    lapsed: (planId: string): Promise<unknown> =>
      inService((manager) =>
        get(PlanStates).lapse(manager, tenantId, planId, { code: 'LAPSED', reason: 'A test.', remedy: 'None.' }),
      ),
  } as const;

  test.each([
    ['approving', 'cancelled'],
    ['approving', 'lapsed'],
    ['refusing', 'cancelled'],
    ['refusing', 'lapsed'],
  ] as const)('%s one that is just being %s', async (decision, end) => {
    addRoles('a', 'b');
    await world.scan(tenantId);
    const { planId, manifestHash } = await world.propose(tenantId);
    const [, second] = await itemsOf(world, planId);
    // Whatever changes all items of a plan has come as far as the second one.
    const letGo = await holding((manager) =>
      manager.query('SELECT 1 FROM plan_items WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [tenantId, second?.id]),
    );
    const ending = settled(ENDS[end](planId));
    await untilBlocked(1);
    const deciding = settled(DECISIONS[decision](planId, manifestHash));
    await untilBlocked(2);
    await letGo();
    expect(await ending).toMatchObject({ status: 'fulfilled' });
    expect(await deciding).toMatchObject({
      status: 'rejected',
      reason: { code: 'BAD_INPUT', message: expect.stringContaining(`this plan is ${end}`) as string },
    });
    expect(await planStateOf(world, planId)).toBe(end);
    await world.settle();
    expect(world.control.writes({ accountId: aws(), by: CLEANUP_ROLE })).toEqual([]);
  });

  test('cancelling a draft that is just being proposed', async () => {
    addRoles('a', 'b');
    await world.scan(tenantId);
    const by = someone(tenantId, 'Alice');
    const planId = await drafted(by);
    const [, second] = await itemsOf(world, planId);
    const letGo = await holding((manager) =>
      manager.query('SELECT 1 FROM plan_items WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [tenantId, second?.id]),
    );
    const ending = settled(ENDS.cancelled(planId));
    await untilBlocked(1);
    const proposing = settled(inService((manager) => get(PlanProposals).propose(manager, tenantId, planId, by)));
    await untilBlocked(2);
    await letGo();
    expect(await ending).toMatchObject({ status: 'rejected', reason: { code: 'BAD_INPUT' } });
    expect(await proposing).toMatchObject({ status: 'fulfilled' });
    expect(await planStateOf(world, planId)).toBe('proposed');
  });
});

describe('rules that ask for more approvals since a plan was proposed', () => {
  test('hold for it, too', async () => {
    addRoles('job');
    await world.scan(tenantId);
    const { planId, manifestHash } = await world.propose(tenantId);
    await saveRules({ approvals: { needed: 3 } });
    expect(await approve(planId, manifestHash, 'Bob')).toBe(2);
    await saveRules({ approvals: { needed: 2 } });
    await world.settle();
    expect(await planStateOf(world, planId)).toBe('proposed');
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'waiting' });
    expect(await approve(planId, manifestHash, 'Carol')).toBe(0);
    expect(await planStateOf(world, planId)).toBe('approved');
  });

  test('are what is told of it', async () => {
    addRoles('job');
    await world.scan(tenantId);
    const by = someone(tenantId, 'Alice');
    const planId = await drafted(by);
    await inService(async (manager) => {
      await get(PlanProposals).propose(manager, tenantId, planId, by);
      const rules = { approvals: { needed: 3 } };
      await get(RulesService).save(manager, tenantId, 'tenant', { rules, by: 'Eve' });
    });
    const told = await until('it is published', async () => {
      const [row] = await world.pipeline.rows<{ needed: number }>(
        `SELECT (facts ->> 'approvalsNeeded')::int AS needed FROM published_events
         WHERE tenant_id = $1 AND type = 'plan.proposed'`,
        [tenantId],
      );
      return row ?? null;
    });
    expect(told).toEqual({ needed: 3 });
  });

  test('hold where it is large or production’s by them, and where its account has become so', async () => {
    addRoles('a', 'b');
    await world.scan(tenantId);
    const { planId, manifestHash } = await world.propose(tenantId);
    await saveRules({
      approvals: { largeFrom: 2, neededWhenLarge: 2, productionTags: ['env=prod'], neededForProduction: 3 },
    });
    expect(await approve(planId, manifestHash, 'Bob')).toBe(1);
    await world.pipeline.rows(`UPDATE accounts SET tags = '{"env": "prod"}' WHERE id = $1`, [account.id]);
    expect(await approve(planId, manifestHash, 'Carol')).toBe(1);
    expect(await approve(planId, manifestHash, 'Dan')).toBe(0);
  });

  test('change nothing where they ask for less', async () => {
    addRoles('job');
    await world.scan(tenantId);
    await saveRules({ approvals: { needed: 2 } });
    const { planId, manifestHash } = await world.propose(tenantId);
    await saveRules({});
    expect(await approve(planId, manifestHash, 'Bob')).toBe(1);
    expect(await planStateOf(world, planId)).toBe('proposed');
  });
});

describe('an account whose first item is just being begun', () => {
  const attempts = () => world.control.attempt({ accountId: aws(), roleName: 'job', action: 'iam:ListUsers' });
  const boundary = () =>
    (JSON.parse(world.control.describe({ accountId: aws(), roleName: 'job' })) as { boundaryArn: string | null })
      .boundaryArn;
  /** Another account of the same plan is being begun: the caps are asked for one after the other. */
  const holdCaps = (planId: string) =>
    holding((manager) =>
      manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('clean-up caps ' || $1::text, 0))`, [planId]),
    );
  const proposed = async () => {
    addRoles('job');
    await world.scan(tenantId);
    return world.propose(tenantId);
  };
  const WAYS = {
    'by assigning it': async () => {
      const elsewhere = await world.newTenant();
      return (): Promise<unknown> => world.pipeline.assign(elsewhere, [aws()]);
    },
    'by accepting a transfer': async () => {
      const request = await askFor(world.pipeline, account, await world.newTenant());
      return (): Promise<unknown> =>
        inService((manager) => get(Transfers).decide(manager, request, true), PLATFORM_TENANT_ID);
    },
  } as const;

  test.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('does not change hands %s', async (way) => {
    const { planId, manifestHash } = await proposed();
    const handOver = await WAYS[way]();
    const letGo = await holdCaps(planId);
    await approve(planId, manifestHash);
    await untilBlocked(1);
    const handing = settled(handOver());
    await untilBlocked(2);
    await letGo();
    expect(await handing).toMatchObject({
      status: 'rejected',
      reason: { code: 'CONFLICT', message: expect.stringContaining('in quarantine') as string },
    });
    await world.settle();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'quarantined' });
    attempts();
    await world.after({ hours: 12 }, tenantId);
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'restored SHOWED_LIFE' });
    expect(boundary()).toBeNull();
  });

  test('has nothing begun where it has just changed hands', async () => {
    const { planId, manifestHash } = await proposed();
    const elsewhere = await world.newTenant();
    const letGo = await holding(
      (manager) => manager.query('SELECT * FROM assign_accounts($1, $2)', [[account.id], elsewhere]),
      PLATFORM_TENANT_ID,
    );
    await approve(planId, manifestHash);
    await untilBlocked(1);
    await letGo();
    await world.settle();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'dropped NO_ACCOUNT' });
    expect(boundary()).toBeNull();
    expect(world.control.writes({ accountId: aws(), by: CLEANUP_ROLE })).toEqual([]);
  });
});
