import type { SimUser } from '../../aws-simulator/world/model';
import { DAY_MS } from '../../src/clock';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { recheckFinding } from '../../src/findings/recheck-finding.task';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';

/**
 * One account through five scans. Its dates are set rather than travelled to: time travel moves all dates of creation,
 * and by these a key is known before its id is.
 */
jest.setTimeout(120_000);

interface FindingRow {
  id: string;
  check_id: string;
  status: string;
  resolution: string | null;
  identity_id: string;
  name: string;
  unique_id: string;
  access_key_id: string | null;
  first_seen_at: Date;
  version: string;
}

describe('a finding', () => {
  let pipeline: Pipeline;
  let tenantId: string;
  let account: string;
  let accountRowId: string;
  const users: Record<string, SimUser> = {};

  const control = () => pipeline.simulator.control;
  const ago = (days: number): number => Math.floor((pipeline.simulator.world.now() - days * DAY_MS) / 1_000) * 1_000;
  const useOf = (days: number) => ({ at: ago(days), service: 'ec2', region: 'eu-west-1' });
  const keyOf = (user: string, place = 0): string => users[user]?.accessKeys[place]?.accessKeyId ?? '';

  const findings = (): Promise<FindingRow[]> =>
    pipeline.rows(
      `SELECT f.id, f.check_id, f.status, f.resolution, f.identity_id, coalesce(i.user_name, i.name) AS name, i.unique_id,
              i.access_key_id, f.first_seen_at, f.xmin || ' ' || f.ctid AS version
       FROM findings f JOIN identities i ON i.id = f.identity_id ORDER BY f.id`,
    );
  const find = async (check: string, name: string): Promise<FindingRow> => {
    const found = (await findings()).filter((row) => row.check_id === check && row.name === name);
    expect(found).toHaveLength(1);
    return found[0] as FindingRow;
  };
  const historyOf = async ({ id }: FindingRow): Promise<string[]> =>
    (await pipeline.rows<{ type: string }>('SELECT type FROM events WHERE object_id = $1 ORDER BY at, id', [id])).map(
      ({ type }) => type,
    );
  const scan = async (): Promise<void> => {
    control().expireReports();
    await pipeline.sweep(tenantId);
    await pipeline.settle();
    const [last] = await pipeline.rows<{ outcome: string }>(
      'SELECT outcome FROM scans ORDER BY created_at DESC LIMIT 1',
    );
    expect(last?.outcome).toBe('complete');
  };

  beforeAll(async () => {
    pipeline = await startPipeline({
      aws: { pacing: unpaced },
      simulator: {
        seed: 5,
        accounts: 1,
        usersPerAccount: 0,
        rolesPerAccount: 0,
        switches: { report: { pendingPolls: 0 } },
      },
    });
    account = pipeline.simulator.world.organization.managementAccountId;
    const create = (
      name: string,
      user: Omit<Parameters<Pipeline['simulator']['control']['createUser']>[1], 'name'>,
    ) => {
      users[name] = control().createUser(account, { name, createdAt: ago(400), ...user });
    };
    // The sibling of an idle key is in daily use.
    create('alice', {
      keys: [
        { createdAt: ago(300), lastUse: useOf(200) },
        { createdAt: ago(250), lastUse: useOf(1) },
      ],
    });
    // Both keys were made in the same second; only the second one is used.
    create('twin', {
      keys: [
        { createdAt: ago(200), lastUse: null },
        { createdAt: ago(200), lastUse: useOf(1) },
      ],
    });
    create('bob', { password: { createdAt: ago(300) }, passwordLastUsedAt: ago(200) });
    create('carol', { keys: [{ createdAt: ago(200) }] });
    create('dave', { keys: [{ createdAt: ago(200) }] });
    create('erin', { password: { createdAt: ago(300) }, passwordLastUsedAt: ago(200) });
    create('frank', { keys: [{ createdAt: ago(200) }] });
    for (const name of ['idle-role', 'kept-role']) {
      control().createRole(account, { name, createdAt: ago(399), lastUse: useOf(200) });
    }
    tenantId = await pipeline.createTenant();
    await pipeline.connectOrganization();
    await pipeline.assign(tenantId, [account]);
    await pipeline.settle();
    const [row] = await pipeline.rows<{ id: string }>('SELECT id FROM accounts');
    accountRowId = row?.id ?? '';
  });
  afterAll(() => pipeline.stop());

  test('opens on the first scan, names the real key, and never its sibling', async () => {
    const keys = (await findings()).filter(({ check_id }) => check_id === 'unused-access-key');
    expect(keys.map(({ name, access_key_id }) => [name, access_key_id]).sort()).toEqual([
      ['alice', keyOf('alice', 0)],
      ['carol', keyOf('carol')],
      ['dave', keyOf('dave')],
      ['frank', keyOf('frank')],
      ['twin', keyOf('twin', 0)],
    ]);
    expect(await historyOf(await find('unused-role', 'idle-role'))).toEqual(['finding.opened']);
    expect((await find('unused-role', 'idle-role')).unique_id).toMatch(/^AROA/);
    // Somebody whose credentials include one in use is in use.
    const unused = (await findings()).filter(({ check_id }) => check_id === 'unused-user').map(({ name }) => name);
    expect(unused.sort()).toEqual(['bob', 'carol', 'dave', 'erin', 'frank']);
  });

  test('stays the same row while nothing changes, and asks AWS nothing twice', async () => {
    const before = await findings();
    control().resetCounters();
    await scan();
    expect(await findings()).toEqual(before);
    expect(control().log({ service: 'iam' }).length).toBeLessThanOrEqual(6);
  });

  describe('after a use, a deletion and a re-creation', () => {
    let old: FindingRow[];

    beforeAll(async () => {
      old = await findings();
      control().use({ accountId: account, accessKeyId: keyOf('alice', 0) });
      control().use({ accountId: account, userName: 'bob', password: true });
      control().use({ accountId: account, roleName: 'idle-role' });
      control().deleteUser(account, 'carol');
      control().deleteUser(account, 'dave');
      users['dave again'] = control().createUser(account, { name: 'dave', keys: [{}] });
      await scan();
    });

    test.each([
      ['unused-access-key', 'alice'],
      ['unused-password', 'bob'],
      ['unused-role', 'idle-role'],
    ])('%s of %s is resolved as compliant, with an event', async (check, name) => {
      const finding = await find(check, name);
      expect(finding).toMatchObject({ status: 'resolved', resolution: 'compliant' });
      expect(await historyOf(finding)).toEqual(['finding.opened', 'finding.resolved']);
    });

    test('what was deleted is resolved as gone', async () => {
      expect(await find('unused-access-key', 'carol')).toMatchObject({ status: 'resolved', resolution: 'gone' });
      expect(await find('unused-user', 'carol')).toMatchObject({ status: 'resolved', resolution: 'gone' });
    });

    test('a user made anew under an old name is another identity, and its old findings are not its own', async () => {
      const dave = (await findings()).filter(({ name }) => name === 'dave');
      expect(dave.map(({ status, resolution }) => `${status} ${resolution}`)).toEqual(dave.map(() => 'resolved gone'));
      const known = await pipeline.rows<{ unique_id: string; gone: boolean }>(
        "SELECT unique_id, gone_at IS NOT NULL AS gone FROM identities WHERE name = 'dave' AND kind = 'user' ORDER BY first_seen_at",
      );
      expect(known).toEqual([
        { unique_id: users['dave']?.uniqueId, gone: true },
        { unique_id: users['dave again']?.uniqueId, gone: false },
      ]);
    });

    test('the others have not been touched', async () => {
      for (const name of ['twin', 'erin', 'frank', 'kept-role']) {
        const mine = (rows: FindingRow[]): FindingRow[] => rows.filter((row) => row.name === name);
        expect(mine(await findings())).toEqual(mine(old));
      }
    });
  });

  test('that is idle again is reopened: the same finding, first seen when it first was', async () => {
    const before = [
      await find('unused-access-key', 'alice'),
      await find('unused-password', 'bob'),
      await find('unused-role', 'idle-role'),
    ];
    control().setDates({ accountId: account, accessKeyId: keyOf('alice', 0), lastUsedAt: ago(150) });
    control().setDates({ accountId: account, userName: 'bob', passwordLastUsedAt: ago(150) });
    control().setDates({ accountId: account, roleName: 'idle-role', lastUsedAt: ago(150) });
    await scan();
    for (const { id, check_id, name, first_seen_at } of before) {
      const now = await find(check_id, name);
      expect(now).toMatchObject({ id, first_seen_at, status: 'open', resolution: null });
      expect(await historyOf(now)).toEqual(['finding.opened', 'finding.resolved', 'finding.reopened']);
    }
    // The newly made dave is young, whatever the threshold of its predecessor.
    expect((await findings()).filter(({ name, status }) => name === 'dave' && status === 'open')).toEqual([]);
  });

  test('is judged again when the policy changes, without a call to AWS', async () => {
    control().resetCounters();
    await pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(PoliciesService).save(
        manager,
        tenantId,
        {
          document: parsePolicyDocument({
            apiVersion: 'mothball/v1',
            kind: 'Policy',
            name: 'default',
            checks: { 'unused-role': { idleDays: 180 }, 'second-active-key': { enabled: false } },
          }),
        },
        { name: 'test', standsFor: 'test' },
      ),
    );
    await pipeline.settle();
    expect(control().counters().total).toBe(0);
    expect(await find('unused-role', 'idle-role')).toMatchObject({ status: 'resolved', resolution: 'compliant' });
    expect(await find('unused-role', 'kept-role')).toMatchObject({ status: 'open' });
    expect(await find('second-active-key', 'twin')).toMatchObject({ status: 'resolved', resolution: 'check-disabled' });
  });

  test('is resolved at once by a recheck, which asks IAM itself and not the report', async () => {
    control().use({ accountId: account, userName: 'erin', password: true });
    control().deleteUser(account, 'frank');
    control().resetCounters();
    const bob = await find('unused-password', 'bob');
    const principals = await pipeline.rows<{ id: string }>(
      "SELECT id FROM identities WHERE kind = 'user' AND name IN ('erin', 'frank', 'bob')",
    );
    await pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(TaskQueue).enqueueMany(
        manager,
        principals.map(({ id }) => ({
          tenantId,
          task: recheckFinding,
          payload: { accountId: accountRowId, kind: 'user' as const, principalId: id },
          lane: `aws:aws:${account}`,
        })),
      ),
    );
    await pipeline.settle();
    expect(control().log({ action: 'GetCredentialReport' })).toEqual([]);
    expect(await find('unused-password', 'erin')).toMatchObject({ status: 'resolved', resolution: 'compliant' });
    expect(await find('unused-access-key', 'frank')).toMatchObject({ status: 'resolved', resolution: 'gone' });
    // Still idle: a second look changes nothing.
    expect(await find('unused-password', 'bob')).toMatchObject({ id: bob.id, status: 'open' });
  });
});
