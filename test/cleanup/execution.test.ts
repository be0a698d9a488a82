import { PlanStates } from '../../src/cleanup/decisions/plan-states.service';
import { RulesService } from '../../src/cleanup/rules/rules.service';
import { DAY_MS } from '../../src/clock';
import { TenantSettings } from '../../src/tenancy/tenant-settings.service';
import type { CleanUpAccount } from './aws-account';
import { CLEANUP_ROLE } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { addBystanders, addFullRole, addFullUser, daysAgo, usedAt } from './full-identities';
import { itemsOf, planStateOf, stagesOf } from './items';

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
  addBystanders(world.pipeline.simulator, account.awsAccountId, world.clock.now());
});
afterEach(() => {
  world.control.clearFaults();
  world.control.setServiceControlPolicy(account.awsAccountId, null);
});

const aws = () => account.awsAccountId;
const writes = () => world.control.writes({ accountId: aws(), by: CLEANUP_ROLE });
const role = (name: string, days = 200) =>
  world.control.createRole(aws(), {
    ...{ name, createdAt: daysAgo(world.clock.now(), 500) },
    lastUse: usedAt(daysAgo(world.clock.now(), days)),
    attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'],
  });

interface StepRow {
  name: string;
  action: string;
  purpose: string;
  outcome: string | null;
  rehearsed: boolean;
  aws_request_id: string | null;
  intended_at: Date;
  answered_at: Date | null;
  source: string;
}
const stepsOf = (planId: string): Promise<StepRow[]> =>
  world.pipeline.rows<StepRow>(
    `SELECT i.name, s.action, s.purpose, s.outcome, s.rehearsed, s.aws_request_id, s.intended_at, s.answered_at,
       s.execution_id::text AS source
     FROM item_steps s JOIN plan_items i USING (tenant_id) WHERE i.id = s.item_id AND i.plan_id = $1
     ORDER BY s.intended_at, s.id`,
    [planId],
  );
/** Everything that AWS did for us was written down before, under AWS's own id for it. */
const mustBeWrittenDown = async (planId: string): Promise<void> => {
  const steps = await stepsOf(planId);
  const sent = writes();
  expect(sent.length).toBeGreaterThan(0);
  const known = new Set(steps.map((step) => step.aws_request_id));
  expect(sent.filter(({ requestId }) => !known.has(requestId)).map(({ action }) => action)).toEqual([]);
  expect(steps.filter((step) => step.outcome === null || step.outcome === 'unanswered')).toEqual([]);
  for (const write of sent) {
    const step = steps.find((one) => one.aws_request_id === write.requestId);
    expect(write.sourceIdentity).toBe(`mothball-${step?.source}`);
  }
};

test('a full user and a role in two instance profiles: quarantined, silenced, deleted, each step written down', async () => {
  addFullUser(world.pipeline.simulator, aws(), 'old-user', world.clock.now());
  addFullRole(world.pipeline.simulator, aws(), 'old-role', world.clock.now());
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-user', 'unused-role'] } });
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'old-user user': 'quarantined', 'old-role role': 'quarantined' });
  expect(
    writes()
      .map(({ action }) => action)
      .sort(),
  ).toEqual(['PutRolePermissionsBoundary', 'PutUserPermissionsBoundary']);
  await world.after({ days: 5, hours: 1 }, tenantId);
  await world.after({ days: 2 }, tenantId);
  expect(await stagesOf(world, planId)).toMatchObject({ 'old-user user': 'silenced' });
  await world.after({ days: 1, hours: 1 }, tenantId);
  expect(await stagesOf(world, planId)).toMatchObject({ 'old-user user': 'deleted', 'old-role role': 'quarantined' });
  for (let n = 0; n < 7; n += 1) await world.after({ days: 5 }, tenantId);
  expect(await stagesOf(world, planId)).toEqual({ 'old-user user': 'deleted', 'old-role role': 'deleted' });
  expect(await planStateOf(world, planId)).toBe('completed');
  expect(Object.values(world.control.describeAll(aws())).filter((one) => one.includes('old-'))).toEqual([]);
  await mustBeWrittenDown(planId);
});

const user = (name: string, keys = 1) =>
  world.control.createUser(aws(), {
    ...{ name, path: '/svc/', createdAt: daysAgo(world.clock.now(), 500) },
    keys: Array.from({ length: keys }, (_, n) => ({
      createdAt: daysAgo(world.clock.now(), 400 - n),
      lastUse: usedAt(daysAgo(world.clock.now(), n === 0 ? 200 : 1)),
    })),
    attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'],
  });
const deny = (...actions: string[]): void =>
  world.control.setServiceControlPolicy(
    aws(),
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: actions, Resource: '*' },
      ],
    }),
  );
/** Through quarantine up to its deletion, for a user. */
const toDeletion = async (): Promise<void> => {
  await world.after({ days: 5, hours: 1 }, tenantId);
  await world.after({ days: 2 }, tenantId);
  await world.after({ days: 1, hours: 1 }, tenantId);
};

test('a key: made inactive, deleted after its time, its sibling never touched', async () => {
  const jenkins = user('jenkins', 2);
  const [idle, inUse] = jenkins.accessKeys.map(({ accessKeyId }) => accessKeyId);
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-access-key'] } });
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'jenkins access-key': 'quarantined' });
  await toDeletion();
  expect(await stagesOf(world, planId)).toEqual({ 'jenkins access-key': 'deleted' });
  expect(writes().map(({ action, objectIds }) => [action, objectIds])).toEqual([
    ['UpdateAccessKey', [idle]],
    ['DeleteAccessKey', [idle]],
  ]);
  expect(world.control.describe({ accountId: aws(), userName: 'jenkins' })).toContain(inUse);
  const [finding] = await world.pipeline.rows<{ status: string }>(
    `SELECT f.status FROM findings f JOIN plan_items i ON f.id = ANY (i.finding_ids) WHERE i.plan_id = $1`,
    [planId],
  );
  expect(finding?.status).toBe('resolved');
  await mustBeWrittenDown(planId);
});

test('a final delete that an SCP refuses: nothing was taken but the quarantine, and it says so', async () => {
  addFullUser(world.pipeline.simulator, aws(), 'kept', world.clock.now());
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-user'] } });
  await world.settle();
  const quarantined = world.control.describe({ accountId: aws(), userName: 'kept' });
  deny('iam:DeleteUser');
  await toDeletion();
  const [item] = await itemsOf(world, planId);
  expect(item).toMatchObject({ stage: 'halted', code: 'DELETION_DENIED', losses: [] });
  expect(item?.reason).toMatch(/nothing was taken from it but its quarantine/);
  // Before its deletion its keys were made inactive, which giving back takes back.
  const keysActive = (text: string): string => text.replaceAll('"active": false', '"active": true');
  expect(keysActive(world.control.describe({ accountId: aws(), userName: 'kept' }))).toBe(keysActive(quarantined));
});

test('refused later: it stays in quarantine, halted, and lists what it has lost', async () => {
  addFullUser(world.pipeline.simulator, aws(), 'half', world.clock.now());
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-user'] } });
  await world.settle();
  deny('iam:RemoveUserFromGroup');
  await toDeletion();
  const [item] = await itemsOf(world, planId);
  expect(item).toMatchObject({ stage: 'halted', code: 'DELETION_DENIED_LATER' });
  expect(item?.losses).toEqual(expect.arrayContaining(['Its password was deleted; it cannot come back.']));
  expect(item?.losses.some((one) => one.includes('MFA'))).toBe(true);
  const left = world.control.describe({ accountId: aws(), userName: 'half' });
  expect(left).toContain('AWSDenyAll');
  expect(left).toContain('readers');
});

const FAULTS = {
  'lost-answer': { kind: 'effect-then-lost-response' },
  'late-error': { kind: 'error-after-effect' },
  reset: { kind: 'reset' },
  conflict: { kind: 'error-before-effect', code: 'ConcurrentModification' },
  busy: { kind: 'error-before-effect', code: 'EntityTemporarilyUnmodifiable' },
  throttled: { kind: 'error-before-effect', code: 'Throttling' },
} as const;

test('whatever goes wrong at each write on the way: each effect once, and all of it written down', async () => {
  const names = Object.keys(FAULTS);
  for (const [name, fault] of Object.entries(FAULTS)) {
    user(name);
    const rule = { ...fault, service: 'iam', accountId: aws(), parameters: { UserName: name } };
    for (const action of ['PutUserPermissionsBoundary', 'UpdateAccessKey', 'DeleteAccessKey', 'DetachUserPolicy']) {
      world.control.addFault({ ...rule, action });
    }
    // The second one is the real one: the first is the probe.
    world.control.addFault({ ...rule, action: 'DeleteUser', skip: 1 });
  }
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-user'] } });
  await world.settle();
  for (let n = 0; n < 2; n += 1) await world.after({ hours: 1 }, tenantId);
  await toDeletion();
  for (let n = 0; n < 2; n += 1) await world.after({ hours: 1 }, tenantId);
  expect(await stagesOf(world, planId)).toEqual(Object.fromEntries(names.map((name) => [`${name} user`, 'deleted'])));
  expect(await planStateOf(world, planId)).toBe('completed');
  expect(world.control.faults().filter(({ remaining }) => remaining > 0)).toEqual([]);
  const steps = await stepsOf(planId);
  expect(steps.filter(({ outcome }) => outcome === null || outcome === 'unanswered')).toEqual([]);
  for (const action of ['DeleteAccessKey', 'DeleteUser', 'DetachUserPolicy']) {
    expect([action, writes().filter((one) => one.action === action).length]).toEqual([action, names.length]);
  }
});

test('sessions: 15 minutes, the execution as source identity, a policy that names the batch and nobody else', async () => {
  for (const name of ['one', 'two', 'three']) user(name);
  addFullRole(world.pipeline.simulator, aws(), 'a-role', world.clock.now());
  await world.scan(tenantId);
  world.control.resetCounters();
  await world.agree(tenantId);
  await world.settle();
  const sessions = world.control
    .log({ action: 'AssumeRole', accountId: aws() })
    .filter(({ parameters }) => parameters['RoleArn']?.endsWith(`/${CLEANUP_ROLE}`));
  expect(sessions.length).toBeGreaterThanOrEqual(2);
  const named = new Set<string>();
  for (const { parameters } of sessions) {
    expect(parameters['DurationSeconds']).toBe('900');
    expect(parameters['SourceIdentity']).toMatch(/^mothball-[0-9a-f-]{36}$/);
    expect(parameters['RoleSessionName']).toBe(parameters['SourceIdentity']);
    const policy = parameters['Policy'] ?? '';
    expect(policy.length).toBeLessThanOrEqual(2_048);
    for (const { Action, Resource, Condition } of statementsOf(policy)) {
      for (const one of Resource) named.add(one);
      if (Resource.includes('*')) expect(Action).toEqual(['iam:GetServiceLastAccessedDetails']);
      if (Action.some((one) => one.includes('Boundary'))) {
        expect(Condition).toEqual({
          StringEquals: { 'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AWSDenyAll' },
        });
      }
    }
  }
  const arn = (what: string): string => `arn:aws:iam::${aws()}:${what}`;
  const users = ['one', 'two', 'three'].flatMap((name) => [arn(`user/svc/${name}`), arn(`user/${name}`)]);
  expect([...named].sort()).toEqual(['*', arn('role/a-role'), arn('role/jobs/a-role'), ...users].sort());
});

test('a session policy that AWS finds too large is split, never widened', async () => {
  for (let n = 0; n < 12; n += 1) user(`user-${n}`);
  await world.scan(tenantId);
  world.control.setSwitches({ services: { packedPolicyLimitBytes: 290 } });
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-user'] } });
  await world.settle();
  world.control.setSwitches({ services: { packedPolicyLimitBytes: 1_200 } });
  expect(new Set(Object.values(await stagesOf(world, planId)))).toEqual(new Set(['quarantined']));
  const answers = world.control
    .log({ action: 'AssumeRole', accountId: aws() })
    .filter(({ parameters }) => parameters['RoleArn']?.endsWith(`/${CLEANUP_ROLE}`));
  expect(answers.some(({ errorCode }) => errorCode?.startsWith('PackedPolicyTooLarge'))).toBe(true);
  expect(answers.filter(({ errorCode }) => errorCode === null).length).toBeGreaterThan(1);
});

interface Statement {
  readonly Action: string[];
  readonly Resource: string[];
  readonly Condition?: object;
}
const statementsOf = (policy: string): Statement[] => (JSON.parse(policy) as { Statement: Statement[] }).Statement;

const rules = (values: object): Promise<unknown> =>
  world.pipeline.tenants.inTenant(tenantId, (manager) =>
    world.pipeline.get(RulesService).save(manager, tenantId, 'tenant', { rules: values, by: 'Eve' }),
  );
const count = async (planId: string, stage: string): Promise<number> =>
  (await itemsOf(world, planId)).filter((item) => item.stage === stage).length;

test('an execution begins so many items, a plan so many a day; the rest goes on under the same approval', async () => {
  await rules({ approved: { perExecution: 2, perPlanAndDay: 3 } });
  // Some minutes after midnight, so that all of it is in one day.
  world.pass({ hours: (DAY_MS - (world.clock.now().getTime() % DAY_MS)) / 3_600_000 + 0.1 });
  for (let n = 0; n < 5; n += 1) role(`role-${n}`);
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-role'] } });
  await world.settle();
  expect(await count(planId, 'quarantined')).toBe(2);
  world.pass({ hours: 1 });
  await world.turn(tenantId);
  expect(await count(planId, 'quarantined')).toBe(3);
  expect((await itemsOf(world, planId)).filter(({ code }) => code === 'CAP_REACHED')).toHaveLength(2);
  await world.after({ days: 1 }, tenantId);
  expect(await count(planId, 'quarantined')).toBe(5);
});

test('the breaker halts the plan at its threshold exactly, over several accounts, and an approver lets it go on', async () => {
  const second = await world.newAccount(tenantId);
  for (const { awsAccountId } of [account, second]) {
    for (let n = 0; n < 4; n += 1) {
      world.control.createRole(awsAccountId, {
        ...{ name: `role-${n}`, createdAt: daysAgo(world.clock.now(), 500) },
        lastUse: usedAt(daysAgo(world.clock.now(), 200)),
      });
    }
    const fault = { service: 'iam', action: 'PutRolePermissionsBoundary', accountId: awsAccountId, times: 99 };
    world.control.addFault({ ...fault, kind: 'error-before-effect', code: 'InvalidInput' });
  }
  await world.scan(tenantId);
  const planId = await world.agree(tenantId, { filter: { checkIds: ['unused-role'] } });
  await world.settle();
  expect(await planStateOf(world, planId)).toBe('halted');
  const [plan] = await world.pipeline.rows<{ reason: string; turns: string }>(
    'SELECT p.reason, b.turns FROM plans p JOIN plan_breakers b ON b.plan_id = p.id WHERE p.id = $1',
    [planId],
  );
  expect(plan?.reason).toMatch(/^3 of the last \d+ items met an error that nobody expected/);
  // One that was on its way in the other account when the third was counted may still have come to its end.
  expect(plan?.turns).toMatch(/^\.*x\.*x\.*x[x.]?$/);
  const ended = await world.pipeline.rows<{ outcome: string; reason: string }>(
    "SELECT outcome, reason FROM executions WHERE tenant_id = $1 AND outcome <> 'done'",
    [tenantId],
  );
  expect(ended).not.toEqual([]);
  for (const { outcome, reason } of ended) {
    expect(outcome).toBe('halted');
    expect(reason).toMatch(/^The plan ".+" was halted\. 3 of the last/);
  }
  world.control.clearFaults();
  await world.pipeline.tenants.inTenant(tenantId, (manager) =>
    world.pipeline.get(PlanStates).resume(manager, tenantId, planId, someone(tenantId, 'Bob')),
  );
  await world.after({ hours: 2 }, tenantId);
  expect(await count(planId, 'quarantined')).toBe(8);
  expect(await planStateOf(world, planId)).toBe('approved');
});

test('a dry run sends nothing that writes, and shows the very requests that it would send', async () => {
  addFullUser(world.pipeline.simulator, aws(), 'old-user', world.clock.now());
  role('old-role');
  await world.scan(tenantId);
  world.control.resetCounters();
  const planId = await world.agree(tenantId, { dryRun: true, filter: { checkIds: ['unused-user', 'unused-role'] } });
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'old-user user': 'rehearsed', 'old-role role': 'rehearsed' });
  expect(await planStateOf(world, planId)).toBe('completed');
  expect(world.control.writes({ accountId: aws() })).toEqual([]);
  const steps = await stepsOf(planId);
  expect(steps.every(({ rehearsed, outcome }) => rehearsed && outcome === null)).toBe(true);
  expect(steps.filter(({ name }) => name === 'old-role').map(({ action }) => action)).toEqual([
    'iam:PutRolePermissionsBoundary',
    'iam:DeleteRole',
    'iam:DetachRolePolicy',
    'iam:DeleteRole',
  ]);
  expect(steps.filter(({ name, purpose }) => name === 'old-user' && purpose === 'silence')).toHaveLength(1);
});

test('outside its change windows nothing is put away; at the next opening it is', async () => {
  const at = new Date(world.clock.now().getTime() + 6 * 3_600_000);
  const hour = String(at.getUTCHours()).padStart(2, '0');
  const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
  await rules({ changeWindows: [{ weekdays, from: `${hour}:00`, to: `${hour}:59`, timeZone: 'UTC' }] });
  role('waits');
  await world.scan(tenantId);
  const planId = await world.agree(tenantId);
  await world.settle();
  expect(await stagesOf(world, planId)).toEqual({ 'waits role': 'waiting WINDOW_CLOSED' });
  const opens = Math.floor(at.getTime() / 3_600_000) * 3_600_000 + 5 * 60_000;
  await world.after({ hours: (opens - world.clock.now().getTime()) / 3_600_000 }, tenantId);
  expect(await stagesOf(world, planId)).toEqual({ 'waits role': 'quarantined' });
});

test('a plan that only quarantined is gone on with by a later one, from where it is', async () => {
  role('held');
  await world.scan(tenantId);
  const first = await world.agree(tenantId, { goal: 'quarantine' });
  await world.settle();
  await world.after({ days: 36 }, tenantId);
  expect(await stagesOf(world, first)).toEqual({ 'held role': 'quarantined' });
  await world.scan(tenantId);
  const second = await world.agree(tenantId, { goal: 'deletion' });
  await world.settle();
  expect(await stagesOf(world, first)).toEqual({ 'held role': 'handed-over HANDED_OVER' });
  expect(await stagesOf(world, second)).toEqual({ 'held role': 'quarantined' });
  expect(writes().map(({ action }) => action)).toEqual(['PutRolePermissionsBoundary']);
  await world.after({ days: 2, hours: 1 }, tenantId);
  expect(await stagesOf(world, second)).toEqual({ 'held role': 'deleted' });
});

test('no more accounts are worked on at once than the tenant’s settings say', async () => {
  const others = await Promise.all(Array.from({ length: 3 }, () => world.newAccount(tenantId)));
  await world.pipeline.tenants.inTenant(tenantId, (manager) =>
    world.pipeline.get(TenantSettings).setCleanup(manager, tenantId, { concurrency: 1 }),
  );
  for (const { awsAccountId } of [account, ...others]) {
    world.control.createRole(awsAccountId, {
      ...{ name: 'old', createdAt: daysAgo(world.clock.now(), 500) },
      lastUse: usedAt(daysAgo(world.clock.now(), 200)),
    });
  }
  await world.scan(tenantId);
  const planId = await world.agree(tenantId);
  for (let n = 0; n < 40 && (await count(planId, 'quarantined')) < 4; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await world.settle();
  }
  expect(await count(planId, 'quarantined')).toBe(4);
  const [overlap] = await world.pipeline.rows<{ count: number }>(
    `SELECT count(*)::int AS count FROM executions a JOIN executions b ON a.tenant_id = b.tenant_id AND a.id < b.id
     WHERE a.tenant_id = $1 AND a.began_at < b.ended_at AND b.began_at < a.ended_at`,
    [tenantId],
  );
  expect(overlap?.count).toBe(0);
});
