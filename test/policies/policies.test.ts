import {
  apply,
  app,
  build,
  findings,
  named,
  policy,
  refused,
  settled,
  shown,
  startsWithWorker,
  world,
} from './policy-world';

jest.setTimeout(60_000);

startsWithWorker();

describe('several policies', () => {
  test('the first whose scope takes an identity in decides; a credential goes with its user', async () => {
    const { tenant } = await world();
    const days = (idleDays: number) => ({ checks: { 'unused-role': { idleDays }, 'unused-access-key': { idleDays } } });
    await apply(tenant.token, [
      policy('ci', { scope: { names: ['ci-*'] }, ...days(200) }),
      policy('payments', { scope: { identityTags: { team: ['pay*'] }, accounts: ['prod-*'] }, ...days(110) }),
      policy('data', { scope: { paths: ['/teams/*'], organizationalUnits: ['/Workloads'] }, ...days(300) }),
      policy('prod', { scope: { accountTags: { stage: ['prod'] } }, ...days(100) }),
    ]);
    await settled();
    const found = await findings(tenant.token);
    expect(found.get('prod-1 ci-deploy unused-role')).toBe('RESOLVED default 0');
    expect(found.get('prod-1 tagged unused-role')).toBe('OPEN payments 1');
    expect(found.get('prod-1 data unused-role')).toBe('RESOLVED default 0');
    expect(found.get('prod-1 app unused-role')).toBe('OPEN prod 1');
    // In the other account only "ci" takes anything in; the built-in default decides about the rest.
    expect(found.get('sandbox-1 ci-deploy unused-role')).toBe('RESOLVED default 0');
    expect(found.get('sandbox-1 tagged unused-role')).toBe('OPEN default 0');
    expect(found.get('sandbox-1 data unused-role')).toBe('OPEN default 0');
    // Of a name that a key has not: its user's counts. The user itself has the threshold of its policy, too.
    const keys = [...found].filter(([key]) => key.endsWith('unused-access-key')).map(([, standing]) => standing);
    expect(keys).toEqual(['RESOLVED default 0', 'RESOLVED default 0']);
    const users = [...found].filter(([key]) => key.endsWith('second-active-key') || key.endsWith('not-rotated'));
    expect(users.map(([, standing]) => standing)).toEqual(['OPEN ci 1', 'OPEN ci 1']);
  });

  test('say why: which policy decides about an account, an identity, a finding', async () => {
    const { tenant, accounts } = await world();
    await apply(tenant.token, [
      policy('sandbox', { scope: { accounts: ['sandbox-*'] } }),
      policy('ci', { scope: { names: ['ci-*'] } }),
    ]);
    await settled();
    const deciding = async (id: string | undefined): Promise<string[]> => {
      const answer = await app.get<{ effectivePolicies: { name: string; version: number }[] }>(
        tenant.token,
        'query ($id: ID!) { effectivePolicies(id: $id) { name version scope settings } }',
        { id },
      );
      return answer.effectivePolicies.map(({ name, version }) => `${name} ${version}`);
    };
    expect(await deciding(accounts[0]?.apiId)).toEqual(['ci 1', 'default 0']);
    expect(await deciding(accounts[1]?.apiId)).toEqual(['sandbox 1']);
    const { findings: list } = await app.get<{ findings: { nodes: { id: string; identity: { id: string } }[] } }>(
      tenant.token,
      '{ findings(first: 1, filter: { check: ["unused-role"], name: { in: ["ci-deploy"] } }, orderBy: ACCOUNT_ASC) { nodes { id identity { id } } } }',
    );
    expect(await deciding(list.nodes[0]?.id)).toEqual(['ci 1']);
    expect(await deciding(list.nodes[0]?.identity.id)).toEqual(['ci 1']);
    expect((await refused(tenant.token, '{ effectivePolicies(id: "x") { name } }', {}))[0]).toBe('BAD_INPUT');
  });

  test('are judged again only where something changes', async () => {
    const { tenant } = await world();
    const first = await apply(tenant.token, policy('sandbox', { scope: { accounts: ['sandbox-*'] } }));
    expect(first).toMatchObject({ accounts: 1, changes: [{ name: 'sandbox', change: 'CREATED', version: 1 }] });
    const same = await apply(tenant.token, policy('sandbox', { scope: { accounts: ['sandbox-*'] } }));
    expect(same).toMatchObject({ accounts: 0, hash: first.hash, changes: [{ change: 'UNCHANGED', version: null }] });
    const schedule = { cron: '0 3 * * 1', timeZone: 'Europe/Zurich' };
    const scheduled = await apply(tenant.token, policy('sandbox', { scope: { accounts: ['sandbox-*'] }, schedule }));
    expect(scheduled).toMatchObject({ changes: [{ change: 'CHANGED', version: 2 }] });
    const rows = () =>
      build.database.inTenant(tenant.id, (manager) =>
        manager.query("SELECT subject, cron, timezone FROM schedules WHERE tenant_id = $1 AND kind = 'sweep-policy'", [
          tenant.id,
        ]),
      );
    expect(await rows()).toEqual([{ subject: 'sandbox', cron: '0 3 * * 1', timezone: 'Europe/Zurich' }]);
    await apply(tenant.token, policy('other'), { mode: 'REPLACE' });
    expect(await rows()).toEqual([]);
  });

  test('are moved and retired; what is merged stays before what takes in everything', async () => {
    const { tenant } = await world();
    await apply(tenant.token, [policy('a', { scope: { names: ['a*'] } }), policy('all')]);
    const merged = await apply(tenant.token, policy('b', { scope: { names: ['b*'] } }));
    expect(merged.changes.map(({ name, change }) => `${name} ${change}`)).toEqual([
      'a UNCHANGED',
      'b CREATED',
      'all UNCHANGED',
    ]);
    const move = 'mutation ($id: ID!, $to: Int!) { movePolicy(id: $id, position: $to) { changes { name change } } }';
    await app.get(tenant.token, move, { id: (await named(tenant.token, 'all')).id, to: 1 });
    expect((await shown(tenant.token)).map(({ name, position }) => `${position} ${name}`)).toEqual([
      '1 all',
      '2 a',
      '3 b',
    ]);
    expect((await refused(tenant.token, move, { id: (await named(tenant.token, 'all')).id, to: 4 }))[0]).toBe(
      'BAD_INPUT',
    );
    const retire = 'mutation ($id: ID!) { retirePolicy(id: $id) { accounts } }';
    expect(await app.get(tenant.token, retire, { id: (await named(tenant.token, 'all')).id })).toEqual({
      retirePolicy: { accounts: 2 },
    });
    expect((await shown(tenant.token)).map(({ name }) => name)).toEqual(['a', 'b']);
    // Brought back it is a new version, and its history is there.
    await apply(tenant.token, policy('all'));
    const back = await named(tenant.token, 'all');
    expect(back).toMatchObject({ version: 2, position: 3 });
    const { policy: read } = await app.get<{ policy: { versions: { nodes: { version: number; savedBy: string }[] } } }>(
      tenant.token,
      'query ($id: ID!) { policy(id: $id) { versions { nodes { version savedBy yaml } } } }',
      { id: back.id },
    );
    expect(read.versions.nodes.map(({ version }) => version)).toEqual([2, 1]);
    const other = await build.tenant();
    expect((await refused(other.token, move, { id: back.id, to: 1 }))[0]).toBe('NOT_FOUND');
    expect((await refused(other.token, 'query ($id: ID!) { policy(id: $id) { name } }', { id: back.id }))[0]).toBe(
      'NOT_FOUND',
    );
  });
});
