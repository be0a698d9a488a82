import type { SimUser } from '../../aws-simulator/world/model';
import { DAY_MS } from '../../src/clock';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { recheckFinding } from '../../src/findings/recheck-finding.task';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';

/** AWS makes a credential report every four hours at most; what IAM itself was asked since then counts for more. */
jest.setTimeout(120_000);

describe('what is fresher than the credential report', () => {
  let pipeline: Pipeline;
  let tenantId: string;
  let account: string;
  let accountRowId: string;
  const users: Record<string, SimUser> = {};

  const control = () => pipeline.simulator.control;
  const ago = (days: number): number => Math.floor((pipeline.simulator.world.now() - days * DAY_MS) / 1_000) * 1_000;
  const keyOf = (user: string): string => users[user]?.accessKeys[0]?.accessKeyId ?? '';

  /** `status resolution` of each finding, and the events of all of them. */
  const lifeOf = async (check: string, name: string): Promise<string[]> => {
    const found = await pipeline.rows<{ life: string }>(
      `SELECT concat_ws(' ', f.status, f.resolution, (SELECT string_agg(e.type, ' ' ORDER BY e.at, e.id) FROM events e
                                                     WHERE e.object_id = f.id::text)) AS life
       FROM findings f JOIN identities i ON i.id = f.identity_id
       WHERE f.check_id = $1 AND coalesce(i.user_name, i.name) = $2 ORDER BY f.id`,
      [check, name],
    );
    return found.map(({ life }) => life);
  };
  /** Without a new report: the last one is not four hours old. */
  const scan = async (): Promise<string | undefined> => {
    await pipeline.sweep(tenantId);
    await pipeline.settle();
    const [last] = await pipeline.rows<{ outcome: string }>(
      'SELECT outcome FROM scans ORDER BY created_at DESC LIMIT 1',
    );
    return last?.outcome;
  };
  const recheck = async (name: string): Promise<void> => {
    const [user] = await pipeline.rows<{ id: string }>(
      "SELECT id FROM identities WHERE kind = 'user' AND name = $1 AND gone_at IS NULL",
      [name],
    );
    await pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(TaskQueue).enqueue(manager, {
        ...{ tenantId, task: recheckFinding, lane: `aws:aws:${account}` },
        payload: { accountId: accountRowId, kind: 'user' as const, principalId: user?.id ?? '' },
      }),
    );
    await pipeline.settle();
  };
  const setThreshold = async (idleDays: number): Promise<void> => {
    const checks = { 'unused-access-key': { idleDays }, 'unused-user': { idleDays }, 'unused-password': { idleDays } };
    await pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(PoliciesService).save(
        manager,
        tenantId,
        {
          document: parsePolicyDocument({
            apiVersion: 'mothball/v1',
            kind: 'Policy',
            name: 'default',
            checks: {
              ...checks,
              'access-key-not-rotated': { enabled: false },
              'inactive-access-key': { enabled: false },
            },
          }),
        },
        { name: 'test', standsFor: 'test' },
      ),
    );
    await pipeline.settle();
  };

  beforeAll(async () => {
    pipeline = await startPipeline({
      aws: { pacing: unpaced, maxAttempts: 1 },
      simulator: {
        ...{ seed: 6, accounts: 1, usersPerAccount: 0, rolesPerAccount: 0 },
        switches: { report: { pendingPolls: 0 } },
      },
    });
    account = pipeline.simulator.world.organization.managementAccountId;
    for (const name of ['used', 'deleted', 'switched-off', 'committer', 'rotated']) {
      users[name] = control().createUser(account, { name, createdAt: ago(300), keys: [{ createdAt: ago(200) }] });
    }
    tenantId = await pipeline.createTenant();
    await setThreshold(365);
    await pipeline.connectOrganization();
    await pipeline.assign(tenantId, [account]);
    await pipeline.settle();
    const [row] = await pipeline.rows<{ id: string }>('SELECT id FROM accounts');
    accountRowId = row?.id ?? '';
    expect(await pipeline.rows('SELECT 1 FROM findings WHERE status = $1', ['open'])).toEqual([]);
  });
  afterAll(() => pipeline.stop());

  test('a key that was deleted or switched off since is found so when its id is asked for', async () => {
    const deleted = users['deleted'];
    if (deleted) deleted.accessKeys.length = 0;
    control().setAccessKeyActive(keyOf('switched-off'), false);
    await setThreshold(90);
    expect(await lifeOf('unused-access-key', 'deleted')).toEqual(['resolved gone finding.opened finding.resolved']);
    expect(await lifeOf('unused-access-key', 'switched-off')).toEqual([
      'resolved compliant finding.opened finding.resolved',
    ]);
    expect(await lifeOf('unused-access-key', 'used')).toEqual(['open finding.opened']);
    for (const name of ['deleted', 'switched-off']) {
      expect(await lifeOf('unused-user', name)).toEqual(['open finding.opened']);
    }
  });

  test('and the next scan, with the same report, does not bring it back', async () => {
    expect(await scan()).toBe('complete');
    expect(await lifeOf('unused-access-key', 'deleted')).toEqual(['resolved gone finding.opened finding.resolved']);
    expect(await lifeOf('unused-access-key', 'switched-off')).toEqual([
      'resolved compliant finding.opened finding.resolved',
    ]);
  });

  test('a use that a recheck has seen is not taken back by an older report, and rows stay as they are', async () => {
    control().use({ accountId: account, accessKeyId: keyOf('used') });
    await recheck('used');
    const resolved = ['resolved compliant finding.opened finding.resolved'];
    expect(await lifeOf('unused-access-key', 'used')).toEqual(resolved);
    const rows = () => pipeline.rows("SELECT id, xmin::text FROM identities WHERE user_name = 'used' ORDER BY id");
    const before = await rows();
    expect(await scan()).toBe('complete');
    expect(await lifeOf('unused-access-key', 'used')).toEqual(resolved);
    expect(await rows()).toEqual(before);
  });

  test('an SSH key that a recheck has seen saves its user, though nothing else has changed', async () => {
    expect(await lifeOf('unused-user', 'committer')).toEqual(['open finding.opened']);
    users['committer']?.credentials.push({
      ...{ id: 'APKAEIBAERJR2EXAMPLE', kind: 'ssh', service: null, active: true, createdAt: ago(0) },
    });
    await recheck('committer');
    expect(await lifeOf('unused-user', 'committer')).toEqual(['resolved compliant finding.opened finding.resolved']);
  });

  test('after a reading with gaps a former key is not judged beside its successor', async () => {
    control().expireReports();
    const key = users['rotated']?.accessKeys[0];
    if (!key) throw new Error('The user has no key.');
    Object.assign(key, { accessKeyId: 'AKIAROTATEDROTATED23', createdAt: ago(0) });
    const fault = { action: 'ListUsers', kind: 'error-before-effect', code: 'AccessDenied', status: 403 } as const;
    control().addFault(fault);
    expect(await scan()).toBe('partial');
    const keys = await pipeline.rows<{ gone: boolean }>(
      "SELECT gone_at IS NOT NULL AS gone FROM identities WHERE kind = 'access-key' AND user_name = 'rotated' ORDER BY id",
    );
    expect(keys).toEqual([{ gone: true }, { gone: false }]);
    expect(await lifeOf('second-active-key', 'rotated')).toEqual([]);
    // Gaps resolve nothing, but what IAM was asked about since them does.
    expect(await lifeOf('unused-access-key', 'rotated')).toEqual(['open finding.opened']);
    await recheck('rotated');
    expect(await lifeOf('unused-access-key', 'rotated')).toEqual(['resolved gone finding.opened finding.resolved']);
  });
});
