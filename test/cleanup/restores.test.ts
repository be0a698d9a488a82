import { setTimeout as pause } from 'node:timers/promises';
import { Pruning } from '../../src/tasks/pruning.service';
import { PlanStates } from '../../src/cleanup/decisions/plan-states.service';
import { RestorePreviews } from '../../src/cleanup/restores/restore-previews.service';
import { Restores } from '../../src/cleanup/restores/restores.service';
import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { Snapshots } from '../../src/cleanup/snapshots/snapshots.service';
import { Resealing } from '../../src/tenancy/secrets/resealing.service';
import { type CleanUpAccount, CLEANUP_ROLE, RESTORE_ROLE } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { addFullRole, addFullUser, daysAgo, usedAt } from './full-identities';
import { itemsOf, stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/** What was put away comes back: exactly from quarantine, and as far as AWS lets it after its deletion. */
jest.setTimeout(180_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
  await shortenGrace(world);
});
afterAll(() => world.stop());

beforeEach(async () => {
  world.control.clearFaults();
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const READ_ONLY = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
const policy = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const aws = () => account.awsAccountId;
const now = () => world.clock.now();
const inService = <T>(work: Parameters<typeof world.pipeline.tenants.inTenant<T>>[1]): Promise<T> =>
  world.pipeline.tenants.inTenant(tenantId, work);
const describedAs = (name: string, kind: 'user' | 'role'): Record<string, unknown> =>
  JSON.parse(
    world.control.describe({ accountId: aws(), ...(kind === 'user' ? { userName: name } : { roleName: name }) }),
  ) as Record<string, unknown>;

async function putAway(): Promise<string> {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId);
  await world.turn(tenantId);
  return planId;
}

async function deleted(): Promise<string> {
  const planId = await putAway();
  await waitOut(world, tenantId);
  await world.after({ hours: 50 }, tenantId);
  await world.after({ hours: 26 }, tenantId);
  return planId;
}

async function restore(planId: string, name: string): Promise<void> {
  const ids = (await itemsOf(world, planId)).filter((item) => item.name === name).map(({ id }) => id);
  const by = someone(tenantId, 'Carol');
  await inService((manager) => world.pipeline.get(Restores).request(manager, tenantId, ids, by));
  await world.turn(tenantId);
}

const previewOf = async (planId: string) => {
  const ids = (await itemsOf(world, planId)).map(({ id }) => id);
  return inService((manager) => world.pipeline.get(RestorePreviews).of(manager, tenantId, ids));
};

describe('from quarantine', () => {
  test('all of it comes back byte for byte, while everything is paused, and the request is on record', async () => {
    addFullUser(world.pipeline.simulator, aws(), 'ann', now());
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const before = world.control.describeAll(aws());
    const planId = await putAway();
    await waitOut(world, tenantId);
    expect(world.control.describeAll(aws())).not.toEqual(before);
    const previews = await previewOf(planId);
    expect(previews.map(({ way, refusal, neverComesBack }) => [way, refusal, neverComesBack])).toEqual(
      previews.map(() => ['give-back', null, []]),
    );
    await inService((manager) =>
      world.pipeline.get(Pauses).pause(manager, tenantId, someone(tenantId), 'An incident.'),
    );
    await restore(planId, 'ann');
    await restore(planId, 'job');
    expect(world.control.describeAll(aws())).toEqual(before);
    expect(new Set(Object.values(await stagesOf(world, planId)))).toEqual(new Set(['restored ASKED_FOR']));
    const asked = await world.pipeline.rows<{ by: string }>(
      "SELECT data ->> 'by' AS by FROM events WHERE tenant_id = $1 AND type = 'restore.requested'",
      [tenantId],
    );
    expect(new Set(asked.map(({ by }) => by))).toEqual(new Set(['Carol']));
    expect(
      await world.pipeline.rows("SELECT 1 FROM audit_entries WHERE tenant_id = $1 AND action = 'restore.requested'", [
        tenantId,
      ]),
    ).toHaveLength(asked.length);
  });
});

describe('after its deletion', () => {
  test('a user is made again; what is lost is listed', async () => {
    addFullUser(world.pipeline.simulator, aws(), 'ann', now());
    const before = describedAs('ann', 'user');
    const planId = await deleted();
    expect(Object.values(await stagesOf(world, planId))).toEqual(['deleted']);
    const [preview] = await previewOf(planId);
    expect(preview).toMatchObject({ way: 'make-again', refusal: null });
    expect(preview?.comesBack.join(' ')).toMatch(
      /The user \/people\/ann.*Inline policies: .*own.*Groups: readers, writers/,
    );
    await restore(planId, 'ann');
    const [item] = await itemsOf(world, planId);
    expect([item?.stage, item?.reason]).toEqual(['recreated', 'Carol asked for it back.']);
    const after = describedAs('ann', 'user');
    const same = [
      'name',
      'path',
      'arn',
      'tags',
      'boundaryArn',
      'attachedPolicyArns',
      'inlinePolicies',
      'groups',
      'groupIds',
    ];
    for (const part of same) expect([part, after[part]]).toEqual([part, before[part]]);
    expect(after['uniqueId']).not.toBe(before['uniqueId']);
    expect(after).toMatchObject({ accessKeys: [], password: null, mfaDevices: [] });
    const losses = item?.losses.join('\n') ?? '';
    for (const lost of [
      /unique id AIDA/,
      /password is gone/,
      /secrets of its access keys are gone: AKIA/,
      /MFA devices/,
    ]) {
      expect(losses).toMatch(lost);
    }
    expect(losses).toMatch(/service-specific credentials are gone/);
    // Each request of the restore has its intent and its outcome, and the role's own session sent it.
    const steps = await world.pipeline.rows<{ outcome: string; aws_request_id: string | null; purpose: string }>(
      `SELECT s.outcome, s.aws_request_id, e.purpose FROM item_steps s JOIN executions e ON e.id = s.execution_id
       WHERE s.tenant_id = $1 AND s.purpose = 're-creation'`,
      [tenantId],
    );
    expect(steps.length).toBeGreaterThan(5);
    for (const step of steps) expect(step).toMatchObject({ outcome: 'done', purpose: 'restore' });
    const made = world.control.log({ action: 'CreateUser' });
    expect(made.at(-1)).toMatchObject({
      principalArn: expect.stringContaining(`assumed-role/${RESTORE_ROLE}`) as string,
    });
  });

  test('a role is made again with trust, profiles and policies; one that was deleted since is left out and named', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const before = describedAs('job', 'role');
    const planId = await deleted();
    const accountOf = world.pipeline.simulator.world.account(aws());
    accountOf?.instanceProfiles.delete('job-two');
    await restore(planId, 'job');
    const [item] = await itemsOf(world, planId);
    expect([item?.stage, item?.reason]).toEqual(['recreated', 'Carol asked for it back.']);
    const after = describedAs('job', 'role');
    for (const part of ['path', 'tags', 'trustPolicy', 'maxSessionDuration', 'attachedPolicyArns', 'inlinePolicies']) {
      expect([part, after[part]]).toEqual([part, before[part]]);
    }
    expect(after['instanceProfiles']).toEqual([expect.objectContaining({ name: 'job-one' })]);
    expect(item?.losses).toContain('Not brought back: instance profile job-two.');
  });

  test('an instance profile that holds another role by now is left out and named, and the others come back', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const planId = await deleted();
    const other = world.control.createRole(aws(), { name: 'other' });
    other.instanceProfiles.push('job-one');
    await restore(planId, 'job');
    const [item] = await itemsOf(world, planId);
    expect([item?.stage, item?.reason]).toEqual(['recreated', 'Carol asked for it back.']);
    expect(describedAs('job', 'role')['instanceProfiles']).toEqual([expect.objectContaining({ name: 'job-two' })]);
    expect(describedAs('other', 'role')['instanceProfiles']).toEqual([expect.objectContaining({ name: 'job-one' })]);
    expect(item?.losses).toContain('Not brought back: instance profile job-one.');
  });

  test('what AWS refuses on the way halts it, and says what is missing', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const planId = await deleted();
    world.control.addFault({
      ...{ accountId: aws(), action: 'AddRoleToInstanceProfile', by: RESTORE_ROLE, times: 5 },
      ...{ kind: 'error-before-effect', code: 'AccessDenied', message: 'not authorized to perform: iam:PassRole' },
    });
    await restore(planId, 'job');
    const [item] = await itemsOf(world, planId);
    expect(item).toMatchObject({ stage: 'halted', code: 'ACCESS_DENIED' });
    expect(item?.losses.join(' ')).toMatch(/unique id AROA.*Not brought back: instance profile job-one, job-two\./);
    world.control.clearFaults();
    await restore(planId, 'job');
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'recreated' }]);
    expect(describedAs('job', 'role')['instanceProfiles']).toHaveLength(2);
  });

  test('it stays deleted where somebody takes the name in the very moment in which it is made', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const planId = await deleted();
    const busy = world.control.addFault({
      ...{ accountId: aws(), action: 'CreateRole', by: RESTORE_ROLE },
      ...{ kind: 'error-before-effect', code: 'ConcurrentModification' },
    });
    const taken = (async (): Promise<Record<string, unknown>> => {
      while (busy.remaining > 0) await pause(5);
      world.control.createRole(aws(), { name: 'job', path: '/jobs/' });
      return describedAs('job', 'role');
    })();
    await restore(planId, 'job');
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'deleted', code: 'NAME_TAKEN' }]);
    expect(describedAs('job', 'role')).toEqual(await taken);
  });

  test('it is made again once where the answer that says so was lost', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const before = describedAs('job', 'role');
    const planId = await deleted();
    const lost = { accountId: aws(), action: 'CreateRole', by: RESTORE_ROLE };
    world.control.addFault({ ...lost, kind: 'effect-then-lost-response' });
    await restore(planId, 'job');
    // What comes of it shows at the next look.
    world.pass({ hours: 1 });
    await world.pipeline.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'restore-items'");
    await world.settle();
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'recreated' }]);
    const parts = ['trustPolicy', 'attachedPolicyArns', 'inlinePolicies', 'instanceProfiles'];
    for (const part of parts) expect([part, describedAs('job', 'role')[part]]).toEqual([part, before[part]]);
  });

  test('nothing is done where somebody has the name by now', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const planId = await deleted();
    world.control.createRole(aws(), { name: 'job', path: '/jobs/' });
    const theirs = describedAs('job', 'role');
    await restore(planId, 'job');
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'deleted', code: 'NAME_TAKEN' }]);
    expect(describedAs('job', 'role')).toEqual(theirs);
    // As soon as the name is free it works.
    world.control.deleteRole(aws(), 'job');
    await restore(planId, 'job');
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'recreated' }]);
  });

  test('a trust policy that names somebody deleted since is told before anything is tried', async () => {
    const friend = world.control.createRole(aws(), { name: 'friend', createdAt: now().getTime() - 86_400_000 });
    world.control.createRole(aws(), {
      ...{
        name: 'job',
        createdAt: daysAgo(now(), 500),
        lastUse: usedAt(daysAgo(now(), 200)),
        attachedPolicyArns: [READ_ONLY],
      },
      trustPolicy: policy({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: `arn:aws:iam::${aws()}:role/friend` },
      }),
    });
    await world.scan(tenantId);
    world.control.deleteRole(aws(), 'friend');
    const planId = await deleted();
    expect(await stagesOf(world, planId)).toEqual({ 'job role': 'deleted' });
    expect(await previewOf(planId)).toMatchObject([{ refusal: { code: 'DEAD_PRINCIPAL' } }]);
    await restore(planId, 'job');
    const [item] = await itemsOf(world, planId);
    expect(item).toMatchObject({ stage: 'deleted', code: 'DEAD_PRINCIPAL' });
    expect(item?.reason).toContain(friend.uniqueId);
    expect(world.control.log({ action: 'CreateRole' }).filter(({ accountId }) => accountId === aws())).toEqual([]);
    const [event] = await world.pipeline.rows<{ type: string }>(
      "SELECT type FROM events WHERE tenant_id = $1 AND type LIKE 'item.restore%'",
      [tenantId],
    );
    expect(event).toEqual({ type: 'item.restore-refused' });
  });

  test('without a restore role, or of a key, it is refused with the remedy', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    world.control.createUser(aws(), {
      name: 'cid',
      createdAt: daysAgo(now(), 500),
      keys: [
        { createdAt: daysAgo(now(), 400), lastUse: usedAt(daysAgo(now(), 200)) },
        { createdAt: daysAgo(now(), 20), lastUse: usedAt(daysAgo(now(), 1)) },
      ],
    });
    const planId = await deleted();
    await world.pipeline.rows('UPDATE accounts SET restore_role_arn = NULL WHERE id = $1', [account.id]);
    await expect(restore(planId, 'job')).rejects.toMatchObject({
      code: 'NO_RESTORE_ROLE',
      remedy: expect.stringContaining('Deploy the restore role') as string,
    });
    await expect(restore(planId, 'cid')).rejects.toMatchObject({ code: 'NEVER_COMES_BACK' });
    await expect(restore(planId, 'nobody')).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('a deletion that AWS refused half way is mended: what was detached is back, and it leaves quarantine', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const before = describedAs('job', 'role');
    const planId = await putAway();
    await waitOut(world, tenantId);
    world.control.addFault({
      ...{ accountId: aws(), action: 'DeleteRolePolicy', by: CLEANUP_ROLE, times: 5 },
      ...{
        kind: 'error-before-effect',
        code: 'AccessDenied',
        message: 'not authorized to perform: iam:DeleteRolePolicy',
      },
    });
    await world.after({ hours: 50 }, tenantId);
    const [halted] = await itemsOf(world, planId);
    expect(halted).toMatchObject({ stage: 'halted' });
    expect(describedAs('job', 'role')['attachedPolicyArns']).toEqual([]);
    world.control.clearFaults();
    await restore(planId, 'job');
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'restored' }]);
    expect(describedAs('job', 'role')).toEqual(before);
  });
});

describe('snapshots', () => {
  const count = async (): Promise<number> =>
    (await world.pipeline.rows('SELECT 1 FROM snapshots WHERE tenant_id = $1', [tenantId])).length;

  test('are sealed, opened after a rotation, kept while held and for so many days after, then forgotten', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const planId = await putAway();
    const [item] = await itemsOf(world, planId);
    const [row] = await world.pipeline.rows<{ content_sealed: Buffer; kept_until: Date | null }>(
      'SELECT content_sealed, kept_until FROM snapshots WHERE tenant_id = $1',
      [tenantId],
    );
    expect(row?.content_sealed.toString('latin1')).not.toContain('job');
    expect(row?.kept_until).toBeNull();
    await world.pipeline.get(Resealing).rotate();
    const load = () =>
      inService((manager) => world.pipeline.get(Snapshots).load(manager, { tenantId, itemId: item?.id ?? '' }));
    expect(await load()).toMatchObject({ name: 'job', boundaryArn: null });

    await inService((manager) => world.pipeline.get(PlanStates).cancel(manager, tenantId, planId, someone(tenantId)));
    await world.turn(tenantId);
    world.pass({ days: 399 });
    await world.pipeline.get(Pruning).prune();
    expect(await count()).toBe(1);
    world.pass({ days: 2 });
    await world.pipeline.get(Pruning).prune();
    expect(await count()).toBe(0);
    expect(await load()).toBeNull();
  });

  test('that are gone are said to be gone', async () => {
    addFullRole(world.pipeline.simulator, aws(), 'job', now());
    const planId = await deleted();
    world.pass({ days: 401 });
    await world.pipeline.get(Pruning).prune();
    await expect(restore(planId, 'job')).rejects.toMatchObject({ code: 'NO_SNAPSHOT' });
  });
});
