import { APPLY, apply, app, named, policy, refused, shown, startsWithWorker, world } from './policy-world';

jest.setTimeout(60_000);

startsWithWorker();

describe('documents', () => {
  test('that are misspelt are errors which name the field; nothing is saved', async () => {
    const { tenant } = await world();
    const [code, message] = await refused(tenant.token, APPLY, {
      documents: [policy('fine'), policy('bad', { checks: { 'unused-rolle': {} } })],
    });
    expect(code).toBe('BAD_INPUT');
    expect(message).toMatch(/bad: checks\.unused-rolle: .*did you mean "unused-role"/);
    expect(await shown(tenant.token)).toEqual([]);
    const { policyValidate } = await app.get<{
      policyValidate: { valid: boolean; problems: { path: string; line: number; name: string }[] };
    }>(
      tenant.token,
      'query ($d: JSON!) { policyValidate(documents: $d) { valid problems { path line name message } } }',
      {
        d: 'apiVersion: mothball/v1\nkind: Policy\nname: ci\nchecks:\n  unused-role:\n    idledays: 3\n',
      },
    );
    expect(policyValidate).toMatchObject({
      valid: false,
      problems: [{ path: 'checks.unused-role.idledays', line: 6, name: 'ci' }],
    });
  });

  test('as YAML come back as the same YAML, and differ in nothing', async () => {
    const { tenant } = await world();
    const yaml = [
      'apiVersion: mothball/v1\nkind: Policy\nname: ci\nprofile: cis\nscope:\n  names:\n    - ci-*\n',
      'apiVersion: mothball/v1\nkind: Policy\nname: all\nchecks:\n  unused-role:\n    idleDays: 60\n',
    ];
    await apply(tenant.token, yaml.join('---\n'));
    const answer = await app.get<{ policies: { nodes: { inForce: { yaml: string } }[] } }>(
      tenant.token,
      '{ policies { nodes { inForce { yaml } } } }',
    );
    expect(answer.policies.nodes.map(({ inForce }) => inForce.yaml)).toEqual(yaml);
    const diff = 'query ($d: JSON!) { policyDiff(documents: $d, mode: REPLACE) { same lines } }';
    expect(await app.get(tenant.token, diff, { d: yaml.join('---\n') })).toEqual({
      policyDiff: { same: true, lines: [] },
    });
    expect(await app.get(tenant.token, diff, { d: yaml[1]?.replace('60', '61') })).toEqual({
      policyDiff: { same: false, lines: ['ci: removed (was number 1)', 'all: checks.unused-role.idleDays: 60 → 61'] },
    });
  });

  test('are previewed without being saved', async () => {
    const { tenant } = await world();
    const answer = await app.get<{
      previewPolicies: {
        changes: { nodes: { identity: { name: string } }[] };
      };
    }>(
      tenant.token,
      `mutation ($d: JSON!) { previewPolicies(documents: $d) { state accounts accountsDone opened resolved reopened exempted
         changes(change: EXEMPTED) { totalCount nodes { change before policy why check { id } account { name } identity { name } } } } }`,
      {
        d: policy('sandbox', {
          scope: { accounts: ['sandbox-1'] },
          checks: { 'unused-access-key': { enabled: false } },
          exclusions: { roles: ['/ci-*', '/teams/*'] },
        }),
      },
    );
    expect(answer.previewPolicies).toMatchObject({
      ...{ state: 'FINISHED', accounts: 1, accountsDone: 1, opened: 0, resolved: 1, reopened: 0, exempted: 2 },
      changes: { totalCount: 2 },
    });
    expect(answer.previewPolicies.changes.nodes.map(({ identity }) => identity.name).sort()).toEqual([
      'ci-deploy',
      'data',
    ]);
    expect(answer.previewPolicies.changes.nodes[0]).toMatchObject({
      ...{ change: 'EXEMPTED', before: 'OPEN', policy: 'sandbox', check: { id: 'unused-role' } },
      account: { name: 'sandbox-1' },
    });
    expect(await shown(tenant.token)).toEqual([]);
  });
});

describe('people who save at once', () => {
  test('on top of the same policies: one does, the others are told', async () => {
    const { tenant } = await world();
    await apply(tenant.token, policy('all'));
    const { policiesHash: hash } = await app.get<{ policiesHash: string }>(tenant.token, '{ policiesHash }');
    const attempts = await Promise.all(
      [10, 20, 30, 40, 50].map((idleDays) =>
        app.ask(tenant.token, APPLY, {
          ...{ documents: policy('all', { checks: { 'unused-role': { idleDays } } }), hash },
        }),
      ),
    );
    const codes = attempts.map(({ errors }) => errors[0]?.extensions?.['code'] ?? 'saved').sort();
    expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'saved']);
  });

  test('without saying on top of what: each is a version of its own, none is lost', async () => {
    const { tenant } = await world();
    const saved = await Promise.all(
      [10, 20, 30, 40, 50].map((idleDays) =>
        apply(tenant.token, policy('all', { checks: { 'unused-role': { idleDays } } })),
      ),
    );
    expect(saved.map(({ changes }) => changes[0]?.version).sort()).toEqual([1, 2, 3, 4, 5]);
    const { policies } = await app.get<{ policies: { nodes: { versions: { totalCount: number } }[] } }>(
      tenant.token,
      '{ policies { nodes { versions { totalCount } } } }',
    );
    expect(policies.nodes[0]?.versions.totalCount).toBe(5);
    const save = 'mutation ($d: JSON!, $v: Int) { savePolicy(document: $d, expectedVersion: $v) { hash } }';
    expect((await refused(tenant.token, save, { d: policy('all'), v: 4 }))[0]).toBe('CONFLICT');
    await app.get(tenant.token, save, { d: policy('all'), v: 5 });
  });

  test('sent again with the same key it answers the same, and saves nothing twice', async () => {
    const { tenant } = await world();
    const send = () => apply(tenant.token, policy('all'), { key: 'once' });
    const first = await send();
    expect(await send()).toEqual(first);
    expect((await named(tenant.token, 'all')).version).toBe(1);
    const dry = await apply(tenant.token, policy('more', { scope: { names: ['x'] } }), { dryRun: true });
    expect(dry).toMatchObject({ hash: first.hash, accounts: 2, changes: [{ name: 'more', change: 'CREATED' }, {}] });
    expect(await shown(tenant.token)).toHaveLength(1);
  });
});
