import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { SimRole } from '../../aws-simulator/world/model';
import { encodeId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { Page } from '../whole-path/page';
import { type ApiTenant, ApiWorld } from './api-world';
import type { CleanUpAccount } from './aws-account';
import { addBystanders, addFullRole } from './full-identities';

jest.setTimeout(90_000);

interface Item {
  readonly id: string;
  readonly name: string;
  readonly outcome: string;
  readonly stage: string;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly quarantinedAt: string | null;
  readonly deletionDueAt: string | null;
  readonly life: { readonly source: string } | null;
  readonly losses: readonly string[];
}

interface Plan {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly manifestHash: string;
  readonly counts: readonly { readonly outcome: string; readonly count: number }[];
  readonly timeline: readonly { readonly what: string; readonly by: string | null; readonly text: string }[];
  readonly items: { readonly nodes: readonly Item[] };
}

/** What the documentation shows is what is sent here. */
const page = new Page('clean-up.md');
const asked = new Set<string>();

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world.stop());

const send = async <T>(token: string, name: string, variables: object = {}): Promise<T> => {
  asked.add(name);
  return Object.values(await world.app.get<Record<string, T>>(token, page.request(name), variables))[0] as T;
};
const refused = (token: string, name: string, variables: object = {}) =>
  world.refusal(token, page.request(name), variables);

const progressOf = ({ token }: ApiTenant, plan: string): Promise<Plan> => send(token, 'Progress', { plan });
const outcomesOf = async (tenant: ApiTenant, plan: string): Promise<Record<string, number>> =>
  Object.fromEntries((await progressOf(tenant, plan)).counts.map(({ outcome, count }) => [outcome, count]));
const waitingFor = async (token: string): Promise<string[]> => {
  const { viewer } = await world.app.get<{ viewer: { waitingForMe: { kind: string }[] } }>(
    token,
    '{ viewer { waitingForMe { kind } } }',
  );
  return viewer.waitingForMe.map(({ kind }) => kind);
};

const ROLES = { filter: { kind: ['ROLE'] }, goal: 'DELETION' } as const;

/** A tenant in which clean-up is on, with an account that has these idle roles. */
async function tenantWithRoles(
  ...names: string[]
): Promise<{ tenant: ApiTenant; account: CleanUpAccount; roles: SimRole[] }> {
  const tenant = await world.tenant();
  const account = await world.account(tenant);
  const now = world.clock.now();
  const roles = names.map((name) => addFullRole(world.simulator, account.awsAccountId, name, now));
  addBystanders(world.simulator, account.awsAccountId, now);
  await world.scan(tenant);
  await send(tenant.token, 'SwitchOn');
  await send(tenant.token, 'ForReal');
  return { tenant, account, roles };
}

async function proposed(tenant: ApiTenant, dryRun = false): Promise<Plan> {
  const draft = await send<Plan>(tenant.token, 'Draft', { ...ROLES, dryRun });
  return send<Plan>(tenant.token, 'Propose', { plan: draft.id });
}

async function approved(tenant: ApiTenant): Promise<Plan> {
  const plan = await proposed(tenant);
  await send(tenant.second, 'Approve', { plan: plan.id, hash: plan.manifestHash });
  await world.settle();
  return plan;
}

describe('the whole way, by the requests of docs/clean-up.md', () => {
  let tenant: ApiTenant;
  let account: CleanUpAccount;
  let roles: SimRole[];
  let plan: Plan;
  const itemNamed = async (name: string): Promise<Item> => {
    const found = (await progressOf(tenant, plan.id)).items.nodes.find((item) => item.name === name);
    if (!found) throw new Error(`The plan shows no item ${name}.`);
    return found;
  };

  beforeAll(async () => {
    ({ tenant, account, roles } = await tenantWithRoles('importer', 'exporter'));
  });

  it('shows a draft before anything happens: what, in which order, what never comes back', async () => {
    const draft = await send<Plan & { shares: object[]; pace: { days: number; finishesAt: string } }>(
      tenant.token,
      'Draft',
      { ...ROLES, dryRun: false },
    );
    expect(draft).toMatchObject({
      state: 'DRAFT',
      counts: [{ outcome: 'WAITING', count: 2 }],
      shares: [{ awsAccountId: account.awsAccountId, kind: 'ROLE', items: 2 }],
      approvalsNeeded: 1,
    });
    expect(new Date(draft.pace.finishesAt).getTime()).toBeGreaterThan(world.clock.now().getTime());
    const shown = await send<{ items: { nodes: { outlook: Record<string, string[]>; references: object[] }[] } }>(
      tenant.token,
      'Items',
      { plan: draft.id },
    );
    for (const { outlook, references } of shown.items.nodes) {
      for (const list of Object.values(outlook)) expect(list.length).toBeGreaterThan(0);
      expect(references).toContainEqual(expect.objectContaining({ kind: 'UNSEEN', holder: null }));
    }
    plan = draft;
  });

  it('is proposed by one and approved by another, for exactly what was seen', async () => {
    plan = await send(tenant.token, 'Propose', { plan: plan.id });
    expect(plan).toMatchObject({ state: 'PROPOSED', manifestHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    const vote = { plan: plan.id, hash: plan.manifestHash };
    expect(await waitingFor(tenant.token)).not.toContain('PLANS_TO_APPROVE');
    expect(await waitingFor(tenant.second)).toContain('PLANS_TO_APPROVE');
    expect(await refused(tenant.token, 'Approve', vote)).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(await refused(tenant.viewer, 'Approve', vote)).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    const other = { ...vote, hash: '0'.repeat(64) };
    expect(await refused(tenant.second, 'Approve', other)).toMatchObject({ extensions: { code: 'CONFLICT' } });
    expect(await send(tenant.second, 'Approve', vote)).toMatchObject({
      state: 'APPROVED',
      approvals: [{ by: 'Bob', approved: true }],
    });
  });

  it('puts into quarantine, with every request written down', async () => {
    await world.settle();
    expect(await outcomesOf(tenant, plan.id)).toEqual({ QUARANTINED: 2 });
    const item = await itemNamed('importer');
    expect(item).toMatchObject({ stage: 'QUARANTINED', quarantinedAt: expect.any(String) as string });
    expect(item.deletionDueAt).not.toBeNull();
    const evidence = await send<{ steps: object[]; timeline: { what: string; by: string | null }[] }>(
      tenant.token,
      'Evidence',
      { item: item.id },
    );
    expect(evidence.steps).toEqual([
      expect.objectContaining({
        ...{ purpose: 'QUARANTINE', action: 'iam:PutRolePermissionsBoundary', rehearsed: false, outcome: 'DONE' },
        awsRequestId: expect.stringMatching(/\w{8,}/) as string,
        execution: { sourceIdentity: expect.stringMatching(/^mothball-[0-9a-f-]{36}$/) as string },
      }),
    ]);
    const what = evidence.timeline.map((entry) => entry.what);
    expect(what.indexOf('plan.proposed')).toBeLessThan(what.indexOf('approval.approved'));
    expect(what.indexOf('approval.approved')).toBeLessThan(what.indexOf('identity.quarantined'));
    expect(evidence.timeline.find((entry) => entry.what === 'plan.proposed')?.by).toBe('admin of a test');
    expect(evidence.timeline.find((entry) => entry.what === 'approval.approved')?.by).toBe('Bob');
  });

  it('shows on the finding and on the identity that clean-up holds them', async () => {
    const { findings } = await world.app.get<{ findings: { nodes: object[] } }>(
      tenant.token,
      `{ findings(filter: { kind: ROLE, status: OPEN }) { nodes { plan { id } planItem { outcome }
           identity { quarantinedAt planItems { stage } timeline { what } } } } }`,
    );
    expect(findings.nodes).toHaveLength(2);
    for (const finding of findings.nodes) {
      expect(finding).toMatchObject({
        ...{ plan: { id: plan.id }, planItem: { outcome: 'QUARANTINED' } },
        identity: { quarantinedAt: expect.any(String) as string, planItems: [{ stage: 'QUARANTINED' }] },
      });
      expect(JSON.stringify(finding)).toContain('identity.quarantined');
    }
  });

  it('gives back what shows life, halts the plan with the reason and the remedy, and goes on when an approver says so', async () => {
    world.simulator.control.attempt({
      ...{ accountId: account.awsAccountId, roleName: 'exporter', action: 's3:GetObject' },
    });
    await world.after({ hours: 7 }, tenant);
    const alive = await itemNamed('exporter');
    expect(alive).toMatchObject({ outcome: 'RESTORED', life: { source: expect.any(String) as string } });
    const halted = await progressOf(tenant, plan.id);
    expect(halted.state).toBe('HALTED');
    expect(halted.reason).toMatch(/\.$/);
    expect(halted.remedy).toMatch(/\.$/);
    expect(await waitingFor(tenant.second)).toContain('HALTED_PLANS');
    expect(await send(tenant.second, 'Resume', { plan: plan.id })).toEqual({ state: 'APPROVED' });
    expect((await progressOf(tenant, plan.id)).timeline).toContainEqual(
      expect.objectContaining({ what: 'plan.resumed', by: 'Bob' }),
    );
  });

  it('looks at an item again when asked', async () => {
    const item = await itemNamed('importer');
    expect(await send(tenant.second, 'LookAgain', { item: item.id })).toMatchObject({ outcome: 'QUARANTINED' });
    await world.settle();
    expect(await itemNamed('importer')).toMatchObject({ outcome: 'QUARANTINED' });
  });

  it('halts what somebody has changed, and lets it go on once that is undone', async () => {
    const { id } = await itemNamed('importer');
    expect((await refused(tenant.second, 'Continue', { item: id })).message).toMatch(/^id: .*only a halted one/);
    const role = roles.find(({ name }) => name === 'importer');
    role?.tags.set('team', 'b');
    await send(tenant.second, 'LookAgain', { item: id });
    await world.settle();
    expect(await itemNamed('importer')).toMatchObject({ outcome: 'HALTED' });
    expect(await waitingFor(tenant.second)).toContain('HALTED_ITEMS');
    role?.tags.set('team', 'a');
    expect(await send(tenant.second, 'Continue', { item: id })).toMatchObject({ stage: 'QUARANTINED' });
    await world.settle();
    expect(await itemNamed('importer')).toMatchObject({ outcome: 'QUARANTINED', reason: null });
    expect(await refused(tenant.viewer, 'Continue', { item: id })).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  });

  it('deletes the rest when its time is over', async () => {
    await world.after({ days: 33 }, tenant);
    await world.after({ days: 3 }, tenant);
    expect(await outcomesOf(tenant, plan.id)).toEqual({ DELETED: 1, RESTORED: 1 });
    expect((await progressOf(tenant, plan.id)).state).toBe('COMPLETED');
    const { planItems } = await world.app.get<{ planItems: { totalCount: number; nodes: { name: string }[] } }>(
      tenant.viewer,
      `query ($f: PlanItemFilter) { planItems(filter: $f) { totalCount nodes { name } } }`,
      { f: { outcome: 'DELETED', from: new Date(world.clock.now().getTime() - 3_600_000).toISOString() } },
    );
    expect(planItems).toEqual({ totalCount: 1, nodes: [{ name: 'importer' }] });
  });

  it('says what comes back and makes it again, with what was lost', async () => {
    const { id } = await itemNamed('importer');
    const [preview] = await send<{ possible: boolean; comesBack: string[]; neverComesBack: string[] }[]>(
      tenant.token,
      'WhatComesBack',
      { items: [id] },
    );
    expect(preview).toMatchObject({ possible: true, item: { name: 'importer', outcome: 'DELETED' } });
    expect(preview?.comesBack.length).toBeGreaterThan(0);
    expect(preview?.neverComesBack.length).toBeGreaterThan(0);
    expect(await send(tenant.token, 'Restore', { items: [id] })).toEqual([
      { id, outcome: 'UNDER_WAY', stage: 'RECREATING' },
    ]);
    await world.settle();
    const back = await itemNamed('importer');
    expect(back.outcome).toBe('RECREATED');
    expect(back.losses.length).toBeGreaterThan(0);
    const text = 'importer';
    const found = await send<{ nodes: { timeline: { by: string | null; text: string }[] }[] }>(
      tenant.token,
      'WhatHappened',
      { text },
    );
    expect(found.nodes[0]?.timeline.some(({ by }) => by === 'admin of a test')).toBe(true);
  });

  it('stops at once, and goes on', async () => {
    expect(await send(tenant.second, 'Stop')).toMatchObject({ scope: 'TENANT', reason: expect.any(String) as string });
    const pause = '{ cleanupPause { scope pausedBy } }';
    expect(await world.app.get(tenant.viewer, pause)).toEqual({ cleanupPause: { scope: 'TENANT', pausedBy: 'Bob' } });
    expect(await send(tenant.second, 'GoOn')).toBeNull();
    expect(await world.app.get(tenant.viewer, pause)).toEqual({ cleanupPause: null });
  });

  it('has rules, which may only be stricter', async () => {
    const bounds = await send<{ effective: { graceDays: { role: number } } }>(tenant.viewer, 'Bounds');
    expect(bounds.effective.graceDays.role).toBe(35);
    const stricter = await send(tenant.token, 'Stricter', { rules: { graceDays: { role: 60 } } });
    expect(stricter).toMatchObject({ effective: { graceDays: { role: 60, user: 7 } } });
    const looser = await refused(tenant.token, 'Stricter', { rules: { graceDays: { role: 2 } } });
    expect(looser).toMatchObject({ extensions: { code: 'BAD_INPUT' } });
    expect(looser.message).toMatch(/graceDays\.role.*35/);
    expect(await refused(tenant.second, 'Stricter', { rules: {} })).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
  });

  it('has sent every request that the page shows', () => {
    // Over a socket, below.
    asked.add('Live');
    expect([...asked].sort()).toEqual([...page.requestNames].sort());
  });
});

describe('a plan that waits', () => {
  it('shows how many approvals the rules ask for by now, and why', async () => {
    const { tenant } = await tenantWithRoles('one', 'two');
    const { id: plan, manifestHash: hash } = await proposed(tenant);
    const shown = async (token = tenant.token): Promise<object> => {
      const query = 'query ($plan: ID!) { plan(id: $plan) { state approvalsNeeded approvalsBecause } }';
      return (await world.app.get<{ plan: object }>(token, query, { plan })).plan;
    };
    expect(await shown()).toEqual({ state: 'PROPOSED', approvalsNeeded: 1, approvalsBecause: [] });
    await send(tenant.token, 'Stricter', { rules: { approvals: { largeFrom: 2 } } });
    const asked = { approvalsNeeded: 2, approvalsBecause: ['2 items; from 2 on: 2.'] };
    expect(await shown()).toEqual({ state: 'PROPOSED', ...asked });
    expect(await shown(await world.build.platformToken())).toEqual({ state: 'PROPOSED', ...asked });
    expect(await send(tenant.second, 'Approve', { plan, hash })).toMatchObject({ state: 'PROPOSED' });
    const third = await world.build.token(tenant.id, 'approver', 'Carol');
    expect(await send(third, 'Approve', { plan, hash })).toMatchObject({ state: 'APPROVED' });
  });
});

describe('a dry run', () => {
  it('shows the very requests that it would send, and sends none', async () => {
    const { tenant, account } = await tenantWithRoles('rehearsal');
    const before = world.simulator.control.describeAll(account.awsAccountId);
    const plan = await proposed(tenant, true);
    expect(plan.state).toBe('APPROVED');
    await world.settle();
    const seen = await world.app.get<{ plan: { state: string; items: { nodes: { steps: object[] }[] } } }>(
      tenant.viewer,
      'query ($id: ID!) { plan(id: $id) { state items { nodes { outcome steps { action rehearsed awsRequestId } } } } }',
      { id: plan.id },
    );
    expect(seen.plan.state).toBe('COMPLETED');
    expect(seen.plan.items.nodes).toMatchObject([{ outcome: 'REHEARSED' }]);
    const steps = seen.plan.items.nodes[0]?.steps ?? [];
    expect(steps[0]).toEqual({ action: 'iam:PutRolePermissionsBoundary', rehearsed: true, awsRequestId: null });
    expect(world.simulator.control.describeAll(account.awsAccountId)).toEqual(before);
  });
});

describe('a plan that is called off', () => {
  it('gives back what it holds', async () => {
    const { tenant, account } = await tenantWithRoles('called-off');
    const before = world.simulator.control.describe({ accountId: account.awsAccountId, roleName: 'called-off' });
    const plan = await approved(tenant);
    expect(await outcomesOf(tenant, plan.id)).toEqual({ QUARANTINED: 1 });
    const { cancelPlan } = await world.app.get<{ cancelPlan: Plan }>(
      tenant.second,
      'mutation ($id: ID!) { cancelPlan(id: $id, note: "not yet") { state reason remedy } }',
      { id: plan.id },
    );
    expect(cancelPlan).toMatchObject({ state: 'CANCELLED', reason: expect.stringContaining('Bob') as string });
    await world.settle();
    expect(await outcomesOf(tenant, plan.id)).toEqual({ RESTORED: 1 });
    expect(world.simulator.control.describe({ accountId: account.awsAccountId, roleName: 'called-off' })).toBe(before);
  });
});

describe('looking on', () => {
  it('tells of a plan and its items as they change', async () => {
    const { tenant } = await tenantWithRoles('watched');
    const plan = await proposed(tenant);
    const client = createClient({
      url: world.app.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${tenant.viewer}` },
    });
    try {
      const states: string[] = [];
      const outcomes: string[] = [];
      const plans = (async () => {
        const query = page.request('Live');
        for await (const { data } of client.iterate<{ planChanged: Plan }>({ query, variables: { plan: plan.id } })) {
          states.push(`${data?.planChanged.state} ${data?.planChanged.counts[0]?.outcome}`);
          if (states.length === 1) await send(tenant.second, 'Approve', { plan: plan.id, hash: plan.manifestHash });
          if (data?.planChanged.counts[0]?.outcome === 'QUARANTINED') return;
        }
      })();
      const items = (async () => {
        const query = 'subscription ($plan: ID!) { planItemsChanged(plan: $plan) { outcome } }';
        const variables = { plan: plan.id };
        for await (const { data } of client.iterate<{ planItemsChanged: Item[] }>({ query, variables })) {
          outcomes.push(...(data?.planItemsChanged.map(({ outcome }) => outcome) ?? []));
          if (outcomes.at(-1) === 'QUARANTINED') return;
        }
      })();
      await Promise.all([plans, items]);
      expect(states[0]).toBe('PROPOSED WAITING');
      expect(states.at(-1)).toBe('APPROVED QUARANTINED');
      expect(outcomes[0]).toBe('WAITING');
    } finally {
      await client.dispose();
    }
  });
});

describe('lists of plans and items', () => {
  it('go page by page, each once, and are counted', async () => {
    const { tenant } = await tenantWithRoles('page-1', 'page-2', 'page-3', 'page-4', 'page-5');
    const draft = await send<Plan>(tenant.token, 'Draft', { ...ROLES, dryRun: true });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { planItems }: { planItems: Paged } = await world.app.get(
        tenant.viewer,
        `query ($f: PlanItemFilter, $after: String) { planItems(filter: $f, orderBy: POSITION, first: 2, after: $after) {
           totalCount nodes { position } pageInfo { hasNextPage endCursor } } }`,
        { f: { plan: draft.id }, after },
      );
      expect(planItems.totalCount).toBe(5);
      seen.push(...planItems.nodes.map(({ position }) => String(position)));
      after = planItems.pageInfo.hasNextPage ? planItems.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
    const { plans } = await world.app.get<{ plans: { totalCount: number } }>(
      tenant.viewer,
      '{ plans(filter: { state: [DRAFT], mode: [BY_HAND], text: "old platform" }) { totalCount } }',
    );
    expect(plans.totalCount).toBe(1);
  });
});

interface Paged {
  readonly totalCount: number;
  readonly nodes: readonly { readonly position: number }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

describe('bad input', () => {
  let tenant: ApiTenant;
  beforeAll(async () => {
    ({ tenant } = await tenantWithRoles('bad-input'));
  });
  const DRAFT = 'mutation ($i: PlanInput!) { previewPlan(input: $i) { id } }';
  const nobody = (): string => encodeId('PlanItem', tenant.id, newId());

  it.each([
    ['neither findings nor a filter', {}, /input\.findings, input\.filter/],
    ['both', { findings: [], filter: {} }, /input\.findings, input\.filter/],
    ['no findings', { findings: [] }, /input\.findings.*Name at least one/],
    ['an empty filter', { filter: {} }, /filter/],
    ['a filter that matches nothing', { filter: { name: { in: ['nobody'] } } }, /filter|selection|nothing/i],
    ['an id of something else', { findings: [encodeId('Plan', newId(), newId())] }, /input\.findings\[0\].*Plan/],
    ['a check that there is not', { filter: { check: ['unused-tables'] } }, /filter\.check.*There are/],
  ])('of a plan: %s', async (_what, input, message) => {
    const error = await world.refusal(tenant.token, DRAFT, { i: { ...input, goal: 'QUARANTINE' } });
    expect(error.extensions?.['code']).toBe('BAD_INPUT');
    expect(error.message).toMatch(message);
  });

  it.each([
    ['{ planItems(filter: { outcome: [] }) { totalCount } }', /filter\.outcome/],
    ['{ planItems(orderBy: POSITION) { totalCount } }', /orderBy.*filter\.plan/],
    ['{ planItems(filter: { check: ["x"] }) { totalCount } }', /filter\.check/],
    [
      '{ planItems(filter: { from: "2026-02-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { totalCount } }',
      /filter\.to/,
    ],
    ['{ plans(filter: { state: [] }) { totalCount } }', /filter\.state/],
    ['{ plans(first: 0) { totalCount } }', /first/],
    ['{ executions(filter: { accounts: [] }) { totalCount } }', /filter\.accounts/],
    ['{ restorePreview(ids: []) { possible } }', /ids/],
    ['mutation { restorePlanItems(ids: []) { id } }', /ids/],
    ['mutation { pauseCleanup(reason: " ") { scope } }', /reason/],
    ['mutation { saveCleanupRules(rules: { graceDay: 3 }) { effective } }', /graceDay/],
  ])('names the field: %s', async (query, message) => {
    const error = await world.refusal(tenant.token, query);
    expect(error.extensions?.['code']).toBe('BAD_INPUT');
    expect(error.message).toMatch(message);
  });

  it('of a plan that would wait for ever, since the settings let clean-up only rehearse, says which setting', async () => {
    const draft = await send<Plan>(tenant.token, 'Draft', { ...ROLES, dryRun: false });
    const dryRun = (on: boolean) =>
      world.app.get(
        tenant.token,
        'mutation ($on: Boolean) { setCleanupSettings(dryRun: $on) { cleanup { dryRun } } }',
        {
          on,
        },
      );
    await dryRun(true);
    const error = await refused(tenant.token, 'Propose', { plan: draft.id });
    expect(error.extensions?.['code']).toBe('CONFLICT');
    expect(error.message).toMatch(/setCleanupSettings\(dryRun: false\), or make a dry run\.$/);
    await dryRun(false);
    expect(await send(tenant.token, 'Propose', { plan: draft.id })).toMatchObject({ state: 'PROPOSED' });
  });

  it('of what cannot be restored says why and what to do', async () => {
    const draft = await send<Plan>(tenant.token, 'Draft', { ...ROLES, dryRun: true });
    const { items } = await send<Plan>(tenant.token, 'Items', { plan: draft.id });
    const error = await refused(tenant.token, 'Restore', { items: [items.nodes[0]?.id] });
    expect(error.message).toMatch(/\.$/);
    expect(error.extensions?.['remedy']).toMatch(/\.$/);
  });

  it('and what is not there, or is another tenant’s, is not found', async () => {
    const { tenant: stranger } = await tenantWithRoles('of-a-stranger');
    const theirs = await proposed(stranger);
    const { items } = await send<Plan>(stranger.token, 'Items', { plan: theirs.id });
    const item = items.nodes[0]?.id;
    const asks: [string, object][] = [
      ['query ($id: ID!) { plan(id: $id) { title } }', { id: theirs.id }],
      ['query ($id: ID!) { planItem(id: $id) { name } }', { id: item }],
      ['query ($id: ID!) { node(id: $id) { id } }', { id: theirs.id }],
      ['query ($id: ID!) { node(id: $id) { id } }', { id: item }],
      ['mutation ($id: ID!) { cancelPlan(id: $id) { id } }', { id: theirs.id }],
      ['mutation ($id: ID!, $h: String!) { approvePlan(id: $id, manifestHash: $h) { id } }', vote(theirs)],
      ['mutation ($id: ID!) { restorePlanItems(ids: [$id]) { id } }', { id: item }],
      ['mutation ($id: ID!) { recheckPlanItem(id: $id) { id } }', { id: item }],
      ['mutation ($id: ID!) { continuePlanItem(id: $id) { id } }', { id: item }],
      ['query ($id: ID!) { restorePreview(ids: [$id]) { possible } }', { id: item }],
      ['query ($id: ID!) { planItem(id: $id) { name } }', { id: nobody() }],
    ];
    for (const [query, variables] of asks) {
      expect(await world.refusal(tenant.token, query, variables)).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
    }
    const listed = '{ planItems { nodes { name } } plans { nodes { id } } }';
    expect(JSON.stringify(await world.app.get(tenant.token, listed))).not.toContain('of-a-stranger');
  });
});

const vote = ({ id, manifestHash }: Plan): object => ({ id, h: manifestHash });

describe('a list with everything that hangs on it', () => {
  it('costs the same number of statements for many items as for few', async () => {
    const { tenant } = await tenantWithRoles(...Array.from({ length: 12 }, (_, index) => `many-${index}`));
    const draft = await send<Plan>(tenant.token, 'Draft', { ...ROLES, dryRun: true });
    const query = `query ($f: PlanItemFilter, $first: Int!) { planItems(filter: $f, first: $first) { nodes {
      name plan { title counts { count } approvals { by } timeline { what } } account { name } identity { name quarantinedAt }
      findings { why plan { id } } checks { id } outlook { willBeDone } steps { action execution { outcome } }
      execution { outcome } timeline { what } continues { id } } } }`;
    const database = world.build.database;
    const once = async (first: number): Promise<number> => {
      const all = await database.counter.during(() =>
        world.app.get(tenant.viewer, query, { f: { plan: draft.id }, first }),
      );
      return all.filter((statement) =>
        /FROM (plans|plan_items|item_steps|events|findings|identities|accounts)/.test(statement),
      ).length;
    };
    // On a busy machine a batch may fall into two: the least of several is what it costs.
    const statements = async (first: number): Promise<number> => {
      const counts: number[] = [];
      for (let time = 0; time < 4; time += 1) counts.push(await once(first));
      return Math.min(...counts);
    };
    const few = await statements(2);
    expect(await statements(12)).toBe(few);
    expect(few).toBeLessThanOrEqual(25);
  });
});
