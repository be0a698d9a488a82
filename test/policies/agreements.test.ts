import { TenantDatabase } from '../../src/tenancy/tenant-database';
import { TokensService } from '../../src/tenancy/tokens.service';
import {
  apply,
  app,
  build,
  findings,
  named,
  platform,
  policy,
  refused,
  settled,
  startsWithWorker,
  world,
} from './policy-world';

jest.setTimeout(60_000);

startsWithWorker();

describe('a policy that acts by itself', () => {
  const AGREE = `mutation ($id: ID!, $version: Int!, $hash: String!) { agreeToPolicy(id: $id, version: $version, hash: $hash) {
    version agreement allowedAction decision { agreed by } } }`;
  const REFUSE = AGREE.replace('agreeToPolicy', 'refusePolicy');
  const automatic = (name: string, rest: object = {}) =>
    policy(name, { action: { mode: 'automatic-quarantine' }, ...rest });
  const waiting = async (token: string): Promise<unknown> =>
    (
      await app.get<{ viewer: { waitingForMe: { kind: string; count: number }[] } }>(
        token,
        '{ viewer { waitingForMe { kind count } } }',
      )
    ).viewer.waitingForMe.filter(({ kind }) => kind === 'PROPOSED_POLICIES');
  const decision = async (token: string, name: string) => {
    const { id, proposal } = await named(token, name);
    if (!proposal) throw new Error(`Nothing of ${name} waits.`);
    return { id, version: proposal.version.version, hash: proposal.version.hash };
  };

  test('waits for a second person, and not for oneself by another token', async () => {
    const { tenant } = await world();
    const approver = await build.token(tenant.id, 'approver');
    const applied = await apply(tenant.token, automatic('all', { checks: { 'unused-role': { idleDays: 200 } } }));
    expect(applied).toMatchObject({ accounts: 0, changes: [{ version: 1, waits: true }] });
    expect(await named(tenant.token, 'all')).toMatchObject({ version: 0, agreement: 'WAITING' });
    await settled();
    expect((await findings(tenant.token)).get('prod-1 app unused-role')).toBe('OPEN default 0');
    expect(await waiting(approver)).toEqual([{ kind: 'PROPOSED_POLICIES', count: 1 }]);
    expect(await waiting(tenant.token)).toEqual([]);

    const exactly = await decision(tenant.token, 'all');
    expect((await refused(tenant.token, AGREE, exactly))[0]).toBe('FORBIDDEN');
    const { createToken } = await app.get<{ createToken: { secret: string } }>(
      tenant.token,
      'mutation { createToken(name: "mine", role: APPROVER) { secret } }',
    );
    expect((await refused(createToken.secret, AGREE, exactly))[0]).toBe('FORBIDDEN');
    expect(await waiting(createToken.secret)).toEqual([]);
    const viewer = await build.token(tenant.id, 'viewer');
    expect((await refused(viewer, AGREE, exactly))[0]).toBe('FORBIDDEN');
    expect((await refused(approver, AGREE, { ...exactly, hash: 'another' }))[0]).toBe('CONFLICT');
    expect((await refused((await build.tenant()).token, AGREE, exactly))[0]).toBe('NOT_FOUND');

    expect(await app.get(approver, AGREE, exactly)).toMatchObject({
      agreeToPolicy: { version: 1, agreement: 'AGREED', allowedAction: { mode: 'automatic-quarantine' } },
    });
    await settled();
    expect((await findings(tenant.token)).get('prod-1 app unused-role')).toBe('RESOLVED default 0');
    expect(await waiting(approver)).toEqual([]);
  });

  test('keeps its agreed version in force until a change is agreed to, or refused', async () => {
    const { tenant } = await world();
    const approver = await build.token(tenant.id, 'approver');
    await apply(tenant.token, automatic('all'));
    await app.get(approver, AGREE, await decision(tenant.token, 'all'));
    await apply(tenant.token, automatic('all', { checks: { 'unused-role': { idleDays: 300 } } }));
    expect(await named(tenant.token, 'all')).toMatchObject({ version: 1, agreement: 'WAITING' });
    await settled();
    expect((await findings(tenant.token)).get('prod-1 app unused-role')).toBe('OPEN all 1');
    await app.get(approver, REFUSE, await decision(tenant.token, 'all'));
    expect(await named(tenant.token, 'all')).toMatchObject({
      ...{ version: 1, agreement: 'AGREED', allowedAction: { mode: 'automatic-quarantine' }, proposal: null },
    });
    // What does nothing by itself needs nobody.
    await apply(tenant.token, policy('all', { checks: { 'unused-role': { idleDays: 300 } } }));
    expect(await named(tenant.token, 'all')).toMatchObject({ version: 3, agreement: 'NOT_NEEDED' });
  });

  test('needs agreement again when it comes to reach others than were agreed to', async () => {
    const { tenant } = await world();
    const approver = await build.token(tenant.id, 'approver');
    await apply(tenant.token, [policy('spared', { scope: { names: ['app'] } }), automatic('rest')]);
    await app.get(approver, AGREE, await decision(tenant.token, 'rest'));
    expect(await named(tenant.token, 'rest')).toMatchObject({ agreement: 'AGREED' });
    // Without the policy before it, "rest" would act on what that kept from it.
    const retire = 'mutation ($id: ID!) { retirePolicy(id: $id) { accounts } }';
    await app.get(tenant.token, retire, { id: (await named(tenant.token, 'spared')).id });
    expect(await named(tenant.token, 'rest')).toMatchObject({
      ...{ version: 1, agreement: 'LAPSED', allowedAction: { mode: 'propose' }, proposal: { version: { version: 1 } } },
    });
    expect(await waiting(approver)).toEqual([{ kind: 'PROPOSED_POLICIES', count: 1 }]);
    expect((await refused(tenant.token, AGREE, await decision(tenant.token, 'rest')))[0]).toBe('FORBIDDEN');
    // Put back as it was, what was agreed to holds.
    await apply(tenant.token, [policy('spared', { scope: { names: ['app'] } }), automatic('rest')], {
      mode: 'REPLACE',
    });
    expect(await named(tenant.token, 'rest')).toMatchObject({
      ...{ agreement: 'AGREED', allowedAction: { mode: 'automatic-quarantine' }, proposal: null },
    });
  });

  test('is agreed to by nobody who has widened its reach, whoever brings it up again', async () => {
    const { tenant } = await world();
    const approver = await build.token(tenant.id, 'approver');
    const rest = (idleDays: number) =>
      automatic('rest', { scope: { names: ['*'] }, checks: { 'unused-role': { idleDays } } });
    await apply(tenant.token, [policy('spared', { scope: { names: ['app'] } }), rest(90)]);
    await app.get(approver, AGREE, await decision(tenant.token, 'rest'));
    // One person hides a wider reach behind a newer version, and then takes that back …
    await apply(tenant.token, rest(91));
    const retire = 'mutation ($id: ID!) { retirePolicy(id: $id) { accounts } }';
    await app.get(tenant.token, retire, { id: (await named(tenant.token, 'spared')).id });
    await app.get(tenant.token, REFUSE, await decision(tenant.token, 'rest'));
    // … and somebody else saves a policy that has nothing to do with it.
    const other = await build.token(tenant.id);
    await apply(other, policy('another', { scope: { names: ['x'] } }));
    expect(await named(tenant.token, 'rest')).toMatchObject({
      agreement: 'LAPSED',
      proposal: { by: 'admin of a test' },
    });
    expect((await refused(tenant.token, AGREE, await decision(tenant.token, 'rest')))[0]).toBe('FORBIDDEN');
    expect(await waiting(tenant.token)).toEqual([]);
    await app.get(approver, AGREE, await decision(tenant.token, 'rest'));

    // Nor by whoever has widened what another person proposed.
    await apply(other, [policy('spared', { scope: { names: ['ci-*'] } }), rest(92)], { mode: 'REPLACE' });
    await app.get(tenant.token, retire, { id: (await named(tenant.token, 'spared')).id });
    expect((await refused(tenant.token, AGREE, await decision(tenant.token, 'rest')))[0]).toBe('FORBIDDEN');
    expect((await refused(other, AGREE, await decision(tenant.token, 'rest')))[0]).toBe('FORBIDDEN');
    expect(await app.get(approver, AGREE, await decision(tenant.token, 'rest'))).toMatchObject({
      agreeToPolicy: { agreement: 'AGREED' },
    });
  });

  test('is agreed to by no token of which nobody knows who made it', async () => {
    const { tenant } = await world();
    const ofNobody = await app.app
      .get(TenantDatabase, { strict: false })
      .inTenant(tenant.id, (manager) =>
        app.app
          .get(TokensService, { strict: false })
          .create(manager, tenant.id, { name: 'from the first start', role: 'admin' }),
      );
    await apply(tenant.token, automatic('all'));
    const [code, message] = await refused(ofNobody.secret, AGREE, await decision(tenant.token, 'all'));
    expect(code).toBe('FORBIDDEN');
    expect(message).toContain('no person made it');
    expect(await app.get(tenant.token, REFUSE, await decision(tenant.token, 'all'))).toMatchObject({
      refusePolicy: { version: 0, agreement: 'REFUSED' },
    });
    // Nor is it somebody who can propose: whoever holds it could be the one who agrees.
    await apply(ofNobody.secret, automatic('all'));
    expect((await refused(tenant.token, AGREE, await decision(tenant.token, 'all')))[0]).toBe('FORBIDDEN');
  });

  test('is agreed to by somebody else than who has changed the baseline', async () => {
    const { tenant } = await world();
    const approver = await build.token(tenant.id, 'approver');
    await apply(tenant.token, automatic('all'));
    await app.get(approver, AGREE, await decision(tenant.token, 'all'));
    const save = 'mutation ($d: JSON!) { saveBaseline(document: $d) { version } }';
    const baseline = { apiVersion: 'mothball/v1', kind: 'Baseline' };
    await app.get(platform, save, { d: { ...baseline, checks: { 'unused-role': { maxIdleDays: 5 } } } });
    await settled();
    expect(await named(tenant.token, 'all')).toMatchObject({ agreement: 'LAPSED' });
    const exactly = await decision(tenant.token, 'all');
    const inTenant = AGREE.replace('$hash: String!', '$hash: String!, $t: ID').replace(
      'hash: $hash',
      'hash: $hash, tenant: $t',
    );
    expect((await refused(platform, inTenant, { ...exactly, t: tenant.apiId }))[0]).toBe('FORBIDDEN');
    await app.get(approver, AGREE, exactly);
    expect(await named(tenant.token, 'all')).toMatchObject({ agreement: 'AGREED' });
    await app.get(platform, save, { d: baseline });
    await settled();
  });

  test('deletes only with the platform’s leave', async () => {
    const { tenant } = await world();
    const approver = await build.token(tenant.id, 'approver');
    await apply(tenant.token, policy('all', { action: { mode: 'automatic-deletion' } }));
    await app.get(approver, AGREE, await decision(tenant.token, 'all'));
    const mode = async () => (await named(tenant.token, 'all')).allowedAction.mode;
    expect(await mode()).toBe('automatic-quarantine');
    const leave = `mutation ($t: ID, $granted: Boolean!) { setAutomaticDeletionLeave(tenant: $t, granted: $granted) {
      automaticDeletionLeave leaveDecidedBy } }`;
    expect((await refused(tenant.token, leave, { granted: true }))[0]).toBe('FORBIDDEN');
    expect(await app.get(platform, leave, { t: tenant.apiId, granted: true })).toEqual({
      setAutomaticDeletionLeave: { automaticDeletionLeave: true, leaveDecidedBy: 'admin of a test' },
    });
    expect(await mode()).toBe('automatic-deletion');
    await app.get(platform, leave, { t: tenant.apiId, granted: false });
    expect(await mode()).toBe('automatic-quarantine');
  });
});

test('clean-up is cautious until somebody says otherwise', async () => {
  const tenant = await build.tenant();
  const read = '{ tenantSettings { automaticDeletionLeave cleanup { enabled dryRun concurrency } } }';
  const cautious = { enabled: false, dryRun: true, concurrency: 16 };
  expect(await app.get(tenant.token, read)).toEqual({
    tenantSettings: { automaticDeletionLeave: false, cleanup: cautious },
  });
  const set =
    'mutation ($n: Int, $e: Boolean) { setCleanupSettings(concurrency: $n, enabled: $e) { cleanup { enabled dryRun concurrency } } }';
  for (const n of [0, -1, 257]) expect((await refused(tenant.token, set, { n }))[0]).toBe('BAD_INPUT');
  expect(await app.get(tenant.token, set, { n: 4 })).toEqual({
    setCleanupSettings: { cleanup: { ...cautious, concurrency: 4 } },
  });
  expect(await app.get(tenant.token, set, { e: true })).toEqual({
    setCleanupSettings: { cleanup: { enabled: true, dryRun: true, concurrency: 4 } },
  });
});
