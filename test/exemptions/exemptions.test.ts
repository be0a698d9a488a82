import { DAY_MS } from '../../src/clock';
import { BaselineService } from '../../src/findings/policies/baseline/baseline.service';
import { encodeId } from '../../src/api-id';
import { AssignmentsService } from '../../src/accounts/assignments.service';
import { aKey, aRole, aUser, credentials, never } from '../../src/scans/test-inventory';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../src/tenancy/tenant-database';
import { type Fixture, inTenantOf, type Running, startFixture } from './fixture';

jest.setTimeout(60_000);

const MAKE = `mutation ($input: ExemptionInput!, $tenant: ID) { makeExemption(input: $input, tenant: $tenant) {
  id state endsAt scope by owner { name } } }`;
const AGREE = `mutation ($id: ID!, $until: DateTime) { agreeToExemption(id: $id, until: $until) { state endsAt agreedBy } }`;
const EXTEND = `mutation ($id: ID!, $until: DateTime!) { extendExemption(id: $id, until: $until) { state endsAt proposedEndsAt } }`;
const REFUSE = `mutation ($id: ID!) { refuseExemption(id: $id, note: "no") { state endsAt proposedEndsAt endedBy endNote } }`;
const END = `mutation ($id: ID!) { endExemption(id: $id, note: "no longer") { state endedBy endNote } }`;
const EXEMPT = `mutation ($ids: [ID!]!, $until: DateTime) {
  exemptFindings(ids: $ids, reason: "yearly", owner: "Data", until: $until) { id state uniqueId checks } }`;
const WAITING = '{ viewer { waitingForMe { kind count } } }';
const ONE = `query ($id: ID!) { exemption(id: $id) { state endsAt findingsCount findings { totalCount } history { what } } }`;

interface Made {
  id: string;
  state: string;
  endsAt: string;
}

let base: Running;
let at: Fixture;

const role = (name: string, uniqueId: string, changes: object = {}) =>
  aRole({ name, uniqueId, path: '/ci/', lastUsed: never, ...changes });
const USERS = [
  aUser({
    name: 'alice',
    uniqueId: 'AIDAALICE',
    tags: { purpose: 'breakglass' },
    credentials: credentials({ accessKeys: [aKey({ accessKeyId: 'AKIAALICE', lastUsed: never })] }),
  }),
];
const ROLES = [role('loader', 'AROALOADER'), role('runner', 'AROARUNNER')];

const judge = (roles = ROLES, users = USERS) => at.build.inventory(at.account, { at: at.clock.now(), users, roles });
const make = async (input: object, token = at.tenant.token): Promise<Made> =>
  (
    await at.app.get<{ makeExemption: Made }>(token, MAKE, {
      input: { reason: 'needed for the yearly close', owner: 'Finance', ...input },
    })
  ).makeExemption;
const events = async (id: string): Promise<string[]> => {
  const { exemption } = await at.app.get<{ exemption: { history: { what: string }[] } }>(at.tenant.token, ONE, { id });
  return exemption.history.map(({ what }) => what);
};
/** As when the database's clock has come to the deadlines, too. */
const deadlines = async (): Promise<void> => {
  await at.rows(
    "UPDATE tasks SET due_at = now() WHERE kind = 'watch-exemption' AND state = 'waiting' AND (payload ->> 'at')::timestamptz <= $1",
    [at.clock.now()],
  );
  await at.settle();
};

beforeAll(async () => {
  base = await startFixture();
});
beforeEach(async () => {
  at = await inTenantOf(base);
  await judge();
});
afterAll(() => base.app.stop());

describe('an exemption of one identity', () => {
  it('holds at once, shows on its finding, and is over when its time is: the finding opens at the next judgement', async () => {
    const made = await make({ scope: { uniqueId: 'AROALOADER' } });
    expect(made).toMatchObject({
      state: 'IN_FORCE',
      scope: 'AROALOADER',
      by: 'admin of a test',
      owner: { name: 'Finance' },
    });
    expect(Math.round((new Date(made.endsAt).getTime() - at.clock.now().getTime()) / DAY_MS)).toBe(90);
    await at.settle();
    expect(await at.standing({ check: 'unused-role' })).toEqual([
      'unused-role of loader: EXEMPT',
      'unused-role of runner: OPEN',
    ]);
    const [spared] = await at.findings({ status: 'EXEMPT' });
    expect(spared?.exemption).toEqual({
      id: made.id,
      reason: 'needed for the yearly close',
      until: made.endsAt,
      by: 'admin of a test',
      owner: { name: 'Finance' },
    });
    expect((await at.app.get<{ exemption: object }>(at.tenant.token, ONE, { id: made.id })).exemption).toMatchObject({
      findingsCount: 1,
      findings: { totalCount: 1 },
    });
    at.clock.forward(89);
    await judge();
    expect(await at.standing({ status: 'EXEMPT' })).toEqual(['unused-role of loader: EXEMPT']);
    at.clock.forward(1.01);
    await judge();
    expect(await at.standing({ status: 'EXEMPT' })).toEqual([]);
    expect(await at.standing({ check: 'unused-role' })).toContain('unused-role of loader: OPEN');
  });

  it('lapses by itself: at its end it says so and its finding is open, without a scan', async () => {
    const { id } = await make({ scope: { uniqueId: 'AROALOADER' } });
    await at.settle();
    at.clock.forward(90.01);
    await deadlines();
    expect(await at.standing({ status: 'EXEMPT' })).toEqual([]);
    expect((await at.app.get<{ exemption: object }>(at.tenant.token, ONE, { id })).exemption).toMatchObject({
      state: 'ENDED',
      findingsCount: 0,
    });
    expect((await events(id)).filter((what) => what === 'exemption.ended')).toHaveLength(1);
  });

  it('says 14 and 3 days before that it ends, once each, and again for a later end', async () => {
    const { id, endsAt } = await make({ scope: { uniqueId: 'AROALOADER' }, until: at.clock.inDays(20) });
    const ending = async () => (await events(id)).filter((what) => what === 'exemption.ending').length;
    const waiting = async () =>
      (
        await at.app.get<{ viewer: { waitingForMe: { kind: string; count: number }[] } }>(at.tenant.token, WAITING)
      ).viewer.waitingForMe.find(({ kind }) => kind === 'EXEMPTIONS_ENDING')?.count ?? 0;
    at.clock.forward(5.9);
    await deadlines();
    expect([await ending(), await waiting()]).toEqual([0, 0]);
    at.clock.forward(0.2);
    await deadlines();
    await deadlines();
    expect([await ending(), await waiting()]).toEqual([1, 1]);
    at.clock.forward(11);
    await deadlines();
    expect(await ending()).toBe(2);
    const later = new Date(new Date(endsAt).getTime() + 30 * DAY_MS).toISOString();
    await at.app.get(at.tenant.token, EXTEND, { id, until: later });
    await deadlines();
    expect([await ending(), await waiting()]).toEqual([2, 0]);
    at.clock.forward(19.5);
    await deadlines();
    expect(await ending()).toBe(3);
  });

  it('spares nobody who was made anew under the same name', async () => {
    await make({ scope: { uniqueId: 'AROALOADER' } });
    await at.settle();
    await judge([role('loader', 'AROALOADERANEW'), ROLES[1] as (typeof ROLES)[0]]);
    expect(await at.standing({ check: 'unused-role', status: ['OPEN', 'EXEMPT'] })).toEqual([
      'unused-role of loader: OPEN',
      'unused-role of runner: OPEN',
    ]);
  });

  it('must be of one that is there', async () => {
    const input = { reason: 'x', owner: 'y', scope: { uniqueId: 'AROALOADERS' } };
    expect(await at.refusal(at.tenant.token, MAKE, { input })).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('scope.uniqueId: the inventory has no AROALOADERS') as string,
    });
  });

  it('can be ended early, for good', async () => {
    const { id } = await make({ scope: { uniqueId: 'AROALOADER' } });
    await at.settle();
    const { endExemption } = await at.app.get<{ endExemption: object }>(at.tenant.token, END, { id });
    expect(endExemption).toEqual({ state: 'ENDED', endedBy: 'admin of a test', endNote: 'no longer' });
    await at.settle();
    expect(await at.standing({ status: 'EXEMPT' })).toEqual([]);
    expect(await at.refusal(at.tenant.token, EXTEND, { id, until: at.clock.inDays(99) })).toMatchObject({
      message: expect.stringContaining('make a new one') as string,
    });
  });
});

describe('a wide or long exemption', () => {
  it.each([
    ['a glob', { scope: { glob: '/ci/*' } }],
    ['a tag', { scope: { tag: { key: 'purpose' } } }],
    ['over 90 days', { scope: { uniqueId: 'AROALOADER' }, until: '120' }],
  ])(
    '(%s) waits for a second person, who is not the first one under another token',
    async (_what, { until, ...input }: { scope: object; until?: string }) => {
      const made = await make({ ...input, ...(until ? { until: at.clock.inDays(Number(until)) } : {}) });
      expect(made.state).toBe('PENDING');
      await at.settle();
      expect(await at.standing({ status: 'EXEMPT' })).toEqual([]);
      expect(await at.refusal(at.tenant.token, AGREE, { id: made.id })).toMatchObject({ code: 'FORBIDDEN' });
      expect(await at.refusal(await at.token('viewer'), AGREE, { id: made.id })).toMatchObject({ code: 'FORBIDDEN' });
      const { agreeToExemption } = await at.app.get<{ agreeToExemption: object }>(await at.token('approver'), AGREE, {
        id: made.id,
      });
      expect(agreeToExemption).toMatchObject({ state: 'IN_FORCE', agreedBy: 'approver of a test' });
      await at.settle();
      expect((await at.standing({ status: 'EXEMPT' })).length).toBeGreaterThan(0);
    },
  );

  it('of a whole account spares all of it but the root user', async () => {
    const root = aUser({
      name: '<root_account>',
      uniqueId: at.account.awsAccountId,
      isRoot: true,
      credentials: credentials({ accessKeys: [aKey({ accessKeyId: null, lastUsed: never })] }),
    });
    await judge(ROLES, [...USERS, root]);
    const made = await make({ scope: { awsAccountId: at.account.awsAccountId } });
    await at.app.get(await at.token('approver'), AGREE, { id: made.id });
    await at.settle();
    const open = await at.findings({ status: 'OPEN' });
    expect(open.map(({ identity }) => identity.name)).toEqual(open.map(() => '<root_account>/access-key-1'));
    expect(open.length).toBeGreaterThan(0);
  });

  it('that is refused spares nothing and stays on record', async () => {
    const { id } = await make({ scope: { glob: '*' } });
    const { refuseExemption } = await at.app.get<{ refuseExemption: object }>(await at.token('approver'), REFUSE, {
      id,
    });
    expect(refuseExemption).toMatchObject({ state: 'REFUSED', endedBy: 'approver of a test', endNote: 'no' });
    expect(await at.refusal(await at.token('approver'), AGREE, { id })).toMatchObject({ code: 'BAD_INPUT' });
    await at.settle();
    expect(await at.standing({ status: 'EXEMPT' })).toEqual([]);
    expect(await events(id)).toEqual(['exemption.proposed', 'exemption.refused']);
  });
});

describe('an extension', () => {
  it('up to 90 days in all needs nobody else; beyond that a second person, who says which end', async () => {
    const { id, endsAt } = await make({ scope: { uniqueId: 'AROALOADER' }, until: at.clock.inDays(30) });
    const within = at.clock.inDays(80);
    const first = await at.app.get<{ extendExemption: object }>(at.tenant.token, EXTEND, { id, until: within });
    expect(first.extendExemption).toEqual({ state: 'IN_FORCE', endsAt: within, proposedEndsAt: null });
    const beyond = at.clock.inDays(100);
    const second = await at.app.get<{ extendExemption: object }>(at.tenant.token, EXTEND, { id, until: beyond });
    expect(second.extendExemption).toEqual({ state: 'IN_FORCE', endsAt: within, proposedEndsAt: beyond });
    const approver = await at.token('approver');
    expect(await at.refusal(at.tenant.token, AGREE, { id, until: beyond })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await at.refusal(approver, AGREE, { id })).toMatchObject({ code: 'BAD_INPUT' });
    expect(await at.refusal(approver, AGREE, { id, until: endsAt })).toMatchObject({
      message: expect.stringContaining(beyond) as string,
    });
    const { agreeToExemption } = await at.app.get<{ agreeToExemption: object }>(approver, AGREE, { id, until: beyond });
    expect(agreeToExemption).toMatchObject({ endsAt: beyond, agreedBy: 'approver of a test' });
  });

  it('that is refused leaves the exemption as it was', async () => {
    const { id, endsAt } = await make({ scope: { uniqueId: 'AROALOADER' } });
    await at.app.get(at.tenant.token, EXTEND, { id, until: at.clock.inDays(200) });
    const { refuseExemption } = await at.app.get<{ refuseExemption: object }>(await at.token('approver'), REFUSE, {
      id,
    });
    expect(refuseExemption).toEqual({ state: 'IN_FORCE', endsAt, proposedEndsAt: null, endedBy: null, endNote: null });
  });
});

describe('the platform’s longest', () => {
  it('is 365 days, and the error says so', async () => {
    const input = { reason: 'x', owner: 'y', scope: { uniqueId: 'AROALOADER' }, until: at.clock.inDays(366) };
    expect(await at.refusal(at.tenant.token, MAKE, { input })).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/until: an exemption lasts 365 days at most/) as string,
    });
  });

  it('is what the baseline says: also where nobody names an end, and when a second person agrees', async () => {
    const made = await make({ scope: { uniqueId: 'AROARUNNER' }, until: at.clock.inDays(100) });
    const baselines = at.app.app.get(BaselineService, { strict: false });
    const save = (maxExemptionDays: number) =>
      at.build.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
        baselines.save(
          manager,
          { apiVersion: 'mothball/v1', kind: 'Baseline', maxExemptionDays },
          { name: 'a test', standsFor: 'a test' },
        ),
      );
    await save(20);
    try {
      const { endsAt } = await make({ scope: { uniqueId: 'AROALOADER' } });
      expect(Math.round((new Date(endsAt).getTime() - at.clock.now().getTime()) / DAY_MS)).toBe(20);
      const input = { reason: 'x', owner: 'y', scope: { uniqueId: 'AROALOADER' }, until: at.clock.inDays(21) };
      expect(await at.refusal(at.tenant.token, MAKE, { input })).toMatchObject({
        message: expect.stringMatching(/until: an exemption lasts 20 days at most/) as string,
      });
      expect(await at.refusal(await at.token('approver'), AGREE, { id: made.id })).toMatchObject({
        message: expect.stringMatching(/20 days at most/) as string,
      });
    } finally {
      await save(365);
    }
  });
});

describe('exempting selected findings', () => {
  it('makes one exemption for each identity, by unique id and for the selected checks only', async () => {
    const open = await at.findings({ status: 'OPEN' });
    const chosen = open.filter(({ check }) => ['unused-role', 'unused-access-key'].includes(check.id));
    expect(chosen).toHaveLength(3);
    const ids = chosen.map(({ id }) => id);
    const { exemptFindings } = await at.app.get<{ exemptFindings: object[] }>(at.tenant.token, EXEMPT, { ids });
    expect(exemptFindings).toEqual([
      { id: expect.any(String) as string, state: 'IN_FORCE', uniqueId: 'AKIAALICE', checks: ['unused-access-key'] },
      { id: expect.any(String) as string, state: 'IN_FORCE', uniqueId: 'AROALOADER', checks: ['unused-role'] },
      { id: expect.any(String) as string, state: 'IN_FORCE', uniqueId: 'AROARUNNER', checks: ['unused-role'] },
    ]);
    await at.settle();
    expect((await at.findings({ status: 'EXEMPT' })).map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it('of none is an error, and so is another tenant’s', async () => {
    expect(await at.refusal(at.tenant.token, EXEMPT, { ids: [] })).toMatchObject({
      message: expect.stringContaining('ids: the list is empty') as string,
    });
    const [theirs] = await at.findings({ status: 'OPEN' });
    const other = await base.build.tenant();
    expect(await at.refusal(other.token, EXEMPT, { ids: [theirs?.id] })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await at.refusal(other.token, ONE, { id: encodeId('Exemption', at.tenant.id, at.tenant.id) })).toMatchObject(
      {
        code: 'NOT_FOUND',
      },
    );
  });
});

describe('an account that is assigned to another tenant', () => {
  it('leaves exemptions and owners behind: its findings are open there and say nothing of them', async () => {
    await make({ scope: { uniqueId: 'AROALOADER' } });
    await at.settle();
    expect((await at.findings({ status: 'EXEMPT' }))[0]).toMatchObject({ owner: { name: 'platform' } });
    const heir = await base.build.tenant();
    await base.app.app.get(AssignmentsService, { strict: false }).assignList([at.account.id], heir.id);
    const theirs = await at.findings({}, heir.token);
    expect(theirs.length).toBeGreaterThan(2);
    for (const finding of theirs) {
      expect(finding).toMatchObject({ status: 'OPEN', exemption: null, exemptReason: null, owner: null });
    }
    expect(await at.findings()).toEqual([]);
    const QUERY = '{ exemptions { nodes { findingsCount owner { name } } } }';
    expect(await at.app.get(at.tenant.token, QUERY)).toEqual({
      exemptions: { nodes: [{ findingsCount: 0, owner: { name: 'Finance' } }] },
    });
    expect(await at.app.get(heir.token, QUERY)).toEqual({ exemptions: { nodes: [] } });
  });
});

describe('a list of exemptions', () => {
  it('costs the same number of statements for many as for one', async () => {
    const LIST = `query ($first: Int!) { exemptions(first: $first) {
      nodes { scope findingsCount owner { name openFindingsCount } history { what } } } }`;
    for (let made = 0; made < 6; made += 1) await make({ scope: { uniqueId: 'AROALOADER' }, owner: `Owner ${made}` });
    await at.settle();
    const { counter } = at.app.app.get(TenantDatabase, { strict: false });
    const statements = async (first: number): Promise<number> => {
      let listed = 0;
      const all = await counter.during(async () => {
        const { exemptions } = await at.app.get<{ exemptions: { nodes: object[] } }>(at.tenant.token, LIST, { first });
        listed = exemptions.nodes.length;
      });
      expect(listed).toBe(first);
      return all.filter((statement) => /FROM (exemptions|owners|findings|events)/.test(statement)).length;
    };
    const one = await statements(1);
    expect(one).toBeGreaterThan(3);
    expect(await statements(6)).toBe(one);
  });

  it('is found by state, owner, account and text', async () => {
    const narrow = await make({ scope: { uniqueId: 'AROALOADER' }, owner: 'Data' });
    const wide = await make({ scope: { glob: '/ci/*' }, reason: 'Jenkins needs them' });
    await at.settle();
    const found = async (filter: object): Promise<string[]> => {
      const { exemptions } = await at.app.get<{ exemptions: { totalCount: number; nodes: { id: string }[] } }>(
        at.tenant.token,
        'query ($filter: ExemptionFilter) { exemptions(filter: $filter) { totalCount nodes { id } } }',
        { filter },
      );
      expect(exemptions.totalCount).toBe(exemptions.nodes.length);
      return exemptions.nodes.map(({ id }) => id);
    };
    expect(await found({ state: 'PENDING' })).toEqual([wide.id]);
    expect(await found({ waiting: false })).toEqual([narrow.id]);
    expect(await found({ owner: ['data'] })).toEqual([narrow.id]);
    expect(await found({ text: 'jenkins' })).toEqual([wide.id]);
    expect(await found({ account: at.account.awsAccountId })).toEqual([narrow.id]);
    expect(await found({ account: '999999999999' })).toEqual([]);
    expect(await at.refusal(at.tenant.token, '{ exemptions(filter: { state: [] }) { nodes { id } } }')).toMatchObject({
      code: 'BAD_INPUT',
    });
  });
});

describe('the questions people ask', () => {
  it('Which exemptions end this month?', async () => {
    const endsBefore = at.clock.inDays(40).slice(0, 10);
    await make({ scope: { uniqueId: 'AROALOADER' }, until: at.clock.inDays(30) });
    await make({ scope: { uniqueId: 'AROARUNNER' }, until: at.clock.inDays(60) });
    await at.settle();
    const { exemptions } = await at.app.get<{ exemptions: object }>(
      at.tenant.token,
      `query Ending { exemptions(filter: { endsBefore: "${endsBefore}" }) { nodes { scope reason owner { name } endsAt findingsCount } } }`,
    );
    expect(exemptions).toEqual({
      nodes: [
        {
          scope: 'AROALOADER',
          reason: 'needed for the yearly close',
          owner: { name: 'Finance' },
          endsAt: expect.any(String) as string,
          findingsCount: 1,
        },
      ],
    });
  });

  it('Tell me all about this finding, and how to mend it', async () => {
    await make({ scope: { uniqueId: 'AROALOADER' } });
    await at.settle();
    const [spared] = await at.findings({ status: 'EXEMPT' });
    const { finding } = await at.app.get<{ finding: object }>(
      at.tenant.token,
      `query Finding($id: ID!) { finding(id: $id) { why status firstSeenAt lastSeenAt idleDays remediation { console cli } policy { name version } exemption { reason until by } owner { name } history { at what } } }`,
      { id: spared?.id },
    );
    expect(finding).toMatchObject({
      status: 'EXEMPT',
      exemption: { reason: 'needed for the yearly close', by: 'admin of a test' },
      owner: { name: 'platform' },
      history: [{ what: 'finding.opened' }, { what: 'finding.exempt' }],
    });
  });

  it('What waits for me? says it to the second person, not to the first', async () => {
    await make({ scope: { glob: '/ci/*' } });
    const kinds = async (token: string) =>
      (
        await at.app.get<{ viewer: { waitingForMe: { kind: string; count: number }[] } }>(token, WAITING)
      ).viewer.waitingForMe.filter(({ kind }) => kind === 'EXEMPTIONS_TO_AGREE_TO');
    expect(await kinds(await at.token('approver'))).toEqual([{ kind: 'EXEMPTIONS_TO_AGREE_TO', count: 1 }]);
    expect(await kinds(at.tenant.token)).toEqual([]);
    expect(await kinds(await at.token('viewer'))).toEqual([]);
  });
});
