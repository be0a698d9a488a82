import { aKey, aPassword, aRole, aUser, credentials, never } from '../../src/scans/test-inventory';
import { type Fixture, inTenantOf, type Running, startFixture } from '../exemptions/fixture';

jest.setTimeout(60_000);

const SET = `mutation ($rules: [OwnerRuleInput!]!) { setOwnerRules(rules: $rules) { builtIn rules { identityTag glob owner pathSegment } } }`;
const PREVIEW = `query ($rules: [OwnerRuleInput!]) { ownerRulesPreview(rules: $rules) { findingsCount changes { from to count } } }`;
const REASSIGN = `mutation ($finding: ID, $identity: ID, $owner: String) {
  reassignOwner(finding: $finding, identity: $identity, owner: $owner, note: "moved") { name } }`;
const FOLLOW = 'mutation ($finding: ID) { followOwnerRules(finding: $finding) { name } }';
const GROUPS = `query ($filter: FindingFilter) { findingGroups(by: OWNER, filter: $filter) { totalMatched totalUnmatched nodes { key label count } } }`;
const OWNERS = '{ owners { nodes { name contact openFindingsCount } } }';
const REASSIGNMENT = `query ($id: ID!) { finding(id: $id) { reassignment { owner note by at } history { what } } }`;

let base: Running;
let at: Fixture;

const USERS = [
  aUser({
    name: 'alice',
    uniqueId: 'AIDAALICE',
    path: '/people/',
    tags: { owner: 'Data' },
    credentials: credentials({
      password: aPassword({ lastUsed: never }),
      accessKeys: [aKey({ accessKeyId: 'AKIAALICE', lastUsed: never })],
    }),
  }),
];
const ROLES = [
  aRole({ name: 'loader', uniqueId: 'AROALOADER', path: '/teams/web/', lastUsed: never }),
  aRole({ name: 'old', uniqueId: 'AROAOLD', lastUsed: never, tags: { Team: 'data' } }),
];
const judge = () => at.build.inventory(at.account, { at: at.clock.now(), users: USERS, roles: ROLES });
const owners = async (): Promise<Record<string, string | null>> =>
  Object.fromEntries(
    (await at.findings()).map(({ check, identity, owner }) => [`${check.id} ${identity.name}`, owner?.name ?? null]),
  );
const findingOf = async (name: string): Promise<string> =>
  (await at.findings()).find(({ identity }) => identity.name === name)?.id ?? '';

beforeAll(async () => {
  base = await startFixture();
});
beforeEach(async () => {
  at = await inTenantOf(base);
  await judge();
});
afterAll(() => base.app.stop());

const BY_TAGS = {
  'unused-user alice': 'Data',
  'unused-password alice': 'Data',
  'unused-access-key alice/access-key-1': 'Data',
  'access-key-not-rotated alice/access-key-1': 'Data',
  'unused-role loader': 'platform',
  'unused-role old': 'Data',
};

describe('without rules of its own', () => {
  it('a tenant’s findings belong to whom the tags say: the identity’s, then the account’s; upper case apart', async () => {
    expect(await owners()).toEqual(BY_TAGS);
    const { owners: listed } = await at.app.get<{ owners: { nodes: object[] } }>(at.tenant.token, OWNERS);
    expect(listed.nodes).toEqual([
      { name: 'Data', contact: null, openFindingsCount: 5 },
      { name: 'platform', contact: null, openFindingsCount: 1 },
    ]);
  });

  it('they are counted and filtered by owner', async () => {
    expect(await at.app.get(at.tenant.token, GROUPS)).toEqual({
      findingGroups: {
        totalMatched: 6,
        totalUnmatched: 0,
        nodes: [
          { key: 'Data', label: 'Data', count: 5 },
          { key: 'platform', label: 'platform', count: 1 },
        ],
      },
    });
    expect(await at.standing({ owner: { names: ['PLATFORM'] } })).toEqual(['unused-role of loader: OPEN']);
    expect(await at.standing({ owner: { unowned: true } })).toEqual([]);
    expect(await at.standing({ owner: { unowned: false }, check: 'unused-user' })).toEqual([
      'unused-user of alice: OPEN',
    ]);
  });
});

describe('rules of its own', () => {
  const rules = [{ glob: '/people/*', owner: 'People' }, { pathSegment: 2 }];

  it('replace the built-in ones at once, as the preview said', async () => {
    const { ownerRulesPreview } = await at.app.get<{ ownerRulesPreview: object }>(at.tenant.token, PREVIEW, { rules });
    expect(ownerRulesPreview).toEqual({
      findingsCount: 6,
      changes: [
        { from: 'Data', to: 'People', count: 4 },
        { from: 'platform', to: 'web', count: 1 },
        { from: 'Data', to: null, count: 1 },
      ],
    });
    expect(await owners()).toEqual(BY_TAGS);
    const { setOwnerRules } = await at.app.get<{ setOwnerRules: object }>(at.tenant.token, SET, { rules });
    expect(setOwnerRules).toEqual({
      builtIn: false,
      rules: [
        { identityTag: null, glob: '/people/*', owner: 'People', pathSegment: null },
        { identityTag: null, glob: null, owner: null, pathSegment: 2 },
      ],
    });
    await at.settle();
    const now = await owners();
    expect(now).toMatchObject({ 'unused-user alice': 'People', 'unused-role loader': 'web', 'unused-role old': null });
    expect(now['unused-access-key alice/access-key-1']).toBe('People');
    expect(await at.standing({ owner: { unowned: true } })).toEqual(['unused-role of old: OPEN']);
    const back = await at.app.get<{ ownerRulesPreview: object }>(at.tenant.token, PREVIEW, {});
    expect(back.ownerRulesPreview).toMatchObject({ findingsCount: 6 });
    await at.app.get(at.tenant.token, 'mutation { resetOwnerRules { builtIn } }');
    await at.settle();
    expect(await owners()).toEqual(BY_TAGS);
  });

  it('are an administrator’s, and none that is unclear is taken', async () => {
    expect(await at.refusal(await at.token('approver'), SET, { rules })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await at.refusal(at.tenant.token, SET, { rules: [] })).toMatchObject({ code: 'BAD_INPUT' });
    const misspelt = await at.app.ask(at.tenant.token, SET, { rules: [{ globs: '/x/*', owner: 'x' }] });
    expect(misspelt.errors[0]?.message).toMatch(/"globs" is not defined/);
  });
});

describe('"not mine"', () => {
  it('moves a user with all of its credentials, and stays over scans and changes of the rules', async () => {
    const finding = await findingOf('alice/access-key-1');
    await at.app.get(at.tenant.token, REASSIGN, { finding, owner: 'Web' });
    const alices = (all: Record<string, string | null>) =>
      Object.entries(all).flatMap(([name, owner]) => (name.includes('alice') ? [owner] : []));
    // At once, before anything is judged again.
    expect(new Set(alices(await owners()))).toEqual(new Set(['Web']));
    await at.settle();
    await judge();
    await at.app.get(at.tenant.token, SET, { rules: [{ glob: '*', owner: 'Everything' }] });
    await at.settle();
    const now = await owners();
    expect(new Set(alices(now))).toEqual(new Set(['Web']));
    expect(now['unused-role old']).toBe('Everything');
    const { finding: told } = await at.app.get<{ finding: { reassignment: object; history: { what: string }[] } }>(
      at.tenant.token,
      REASSIGNMENT,
      { id: finding },
    );
    expect(told.reassignment).toMatchObject({ owner: 'Web', note: 'moved', by: 'admin of a test' });
    expect(told.history.map(({ what }) => what)).toEqual(['finding.opened', 'finding.reassigned']);
    await at.app.get(at.tenant.token, FOLLOW, { finding });
    await at.settle();
    expect(new Set(alices(await owners()))).toEqual(new Set(['Everything']));
  });

  it('can leave it nobody’s, where somebody will look for it', async () => {
    const finding = await findingOf('old');
    await at.app.get(at.tenant.token, REASSIGN, { finding });
    await at.settle();
    await judge();
    expect(await at.standing({ owner: { unowned: true } })).toEqual(['unused-role of old: OPEN']);
    expect(await at.app.get(at.tenant.token, GROUPS)).toMatchObject({ findingGroups: { totalUnmatched: 1 } });
  });

  it('is in the audit log, and of this tenant’s identities only', async () => {
    const finding = await findingOf('old');
    await at.app.get(at.tenant.token, REASSIGN, { finding, owner: 'Web' });
    const noted = await at.rows<{ n: number }>(
      "SELECT count(*)::int AS n FROM audit_entries WHERE tenant_id = $1 AND action = 'identity.reassigned'",
      [at.tenant.id],
    );
    expect(noted).toEqual([{ n: 1 }]);
    const stranger = await base.build.tenant();
    expect(await at.refusal(stranger.token, REASSIGN, { finding, owner: 'Me' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await at.refusal(await at.token('viewer'), REASSIGN, { finding })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await at.refusal(at.tenant.token, REASSIGN, {})).toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('an owner', () => {
  const SAVE = `mutation ($name: String!, $contact: String, $notes: String) {
    saveOwner(name: $name, contact: $contact, notes: $notes) { name contact notes } }`;

  it('can be given an address and notes; what is left out stays', async () => {
    const save = (variables: object) => at.app.get<{ saveOwner: object }>(at.tenant.token, SAVE, variables);
    expect((await save({ name: 'data', contact: 'data@example.com' })).saveOwner).toEqual({
      name: 'Data',
      contact: 'data@example.com',
      notes: null,
    });
    expect((await save({ name: 'DATA', notes: 'on call: 42' })).saveOwner).toEqual({
      name: 'Data',
      contact: 'data@example.com',
      notes: 'on call: 42',
    });
    expect((await at.findings({ check: 'unused-user' }))[0]?.owner).toEqual({
      name: 'Data',
      contact: 'data@example.com',
    });
    expect((await save({ name: 'Data', contact: null })).saveOwner).toMatchObject({ contact: null });
    expect(await at.refusal(at.tenant.token, SAVE, { name: 'x', contact: 'nobody' })).toMatchObject({
      message: expect.stringContaining('contact:') as string,
    });
  });
});
