import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLEANUP_ROLE } from './aws-account';
import { type CleanUpWorld, startWorld } from './clean-up-world';
import { shortenGrace, waitOut } from './waiting-out';
import { addFullRole, addFullUser } from './full-identities';
import { type HeldAws, startHeldAws } from './held-aws';
import { isAlive, kill, LEASE_MS, startWorker, startWorkerProcess, WITHOUT_WORKER, withWorker } from './workers';

/**
 * A worker stops in the midst of a deletion (SIGSTOP: a virtual machine that is moved, a laptop that sleeps), its task is
 * taken over, and it wakes. It believes that no time has passed.
 */
const SOAK = process.env['MOTHBALL_TEST_SOAK'] === '1';
const STOPPED_MS = SOAK ? 60_000 : 3 * LEASE_MS;

jest.setTimeout(180_000);

let world: CleanUpWorld;
let aws: HeldAws;
let sleeper: ChildProcess | undefined;

beforeAll(async () => {
  world = await startWorld(WITHOUT_WORKER);
  await shortenGrace(world);
  aws = await startHeldAws(world.pipeline.simulator.url);
});
afterAll(async () => {
  if (isAlive(sleeper)) {
    sleeper.kill('SIGCONT');
    await kill(sleeper);
  }
  await aws.close();
  await world.stop();
});

/** All that a worker writes while it does clean-up. */
const written = (tenantId: string): Promise<object[]> =>
  world.pipeline.rows(
    `SELECT (SELECT json_agg(s ORDER BY s.id) FROM item_steps s WHERE s.tenant_id = $1) AS steps,
       (SELECT json_agg(i ORDER BY i.id) FROM plan_items i WHERE i.tenant_id = $1) AS items,
       (SELECT json_agg(p ORDER BY p.id) FROM plans p WHERE p.tenant_id = $1) AS plans,
       (SELECT json_agg(e ORDER BY e.id) FROM executions e WHERE e.tenant_id = $1) AS executions`,
    [tenantId],
  );

test.each(SOAK ? ['DetachUserPolicy', 'GetUser', 'DeleteRolePolicy'] : ['DetachUserPolicy'])(
  'wakes during %s: nothing more reaches AWS, and nothing is written',
  async (action) => {
    const { simulator } = world.pipeline;
    const tenantId = await world.newTenant();
    const { awsAccountId } = await world.newAccount(tenantId);
    const make = action.includes('User') ? addFullUser : addFullRole;
    make(simulator, awsAccountId, 'unused', world.clock.now());
    await withWorker(world, async () => {
      await world.scan(tenantId);
      await world.agree(tenantId);
      await world.turn(tenantId);
      await waitOut(world, tenantId);
    });
    world.pass({ hours: 50 });

    // It sleeps while this request is on its way: answered late, so that it sleeps before it hears of it.
    simulator.control.addFault({ accountId: awsAccountId, by: CLEANUP_ROLE, action, kind: 'slow', ms: 1_500 });
    sleeper = await startWorkerProcess(world, { endpoint: aws.url });
    await world.pipeline.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'clean-account'");
    for (const end = Date.now() + 20_000; !aws.requests(awsAccountId).includes(action); await sleep(10)) {
      if (Date.now() > end) throw new Error(`It never sent ${action}: ${aws.requests(awsAccountId).join(' ')}`);
    }
    sleeper.kill('SIGSTOP');
    await sleep(STOPPED_MS);
    const successor = await startWorker(world);
    try {
      await world.settle();
      await world.turn(tenantId);
      const before = { written: await written(tenantId), arrived: aws.arrived };
      const [item] = await world.pipeline.rows<{ stage: string }>('SELECT stage FROM plan_items WHERE tenant_id = $1', [
        tenantId,
      ]);
      expect(item?.stage).toBe('deleted');
      sleeper.kill('SIGCONT');
      await sleep(3_000);
      expect(isAlive(sleeper)).toBe(true);
      expect({ written: await written(tenantId), arrived: aws.arrived }).toEqual(before);
    } finally {
      await successor.close();
      await kill(sleeper);
    }
  },
);
