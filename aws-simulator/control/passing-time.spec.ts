import {
  CreateRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  PutRolePermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import { iamAs, makeCaller, startSmall } from '../callers';
import type { SmallSimulator } from '../callers';

const DAY_MS = 86_400_000;

describe('pass: time goes on', () => {
  let simulator: SmallSimulator;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
  });
  afterAll(() => simulator.close());

  const pass = async (body: object): Promise<{ status: number; answer: { aheadMs: number; shownNow: string } }> => {
    const response = await fetch(`${simulator.url}/_control/pass`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, answer: (await response.json()) as { aheadMs: number; shownNow: string } };
  };

  test('in days, hours or milliseconds; anything else is refused', async () => {
    expect((await pass({ days: 1 })).answer.aheadMs).toBe(DAY_MS);
    expect((await pass({ hours: 2 })).answer.aheadMs).toBe(DAY_MS + 7_200_000);
    const { answer } = await pass({ ms: 3_000, quiet: true });
    expect(answer.aheadMs).toBe(DAY_MS + 7_203_000);
    expect(Date.parse(answer.shownNow) - Date.now()).toBeGreaterThan(DAY_MS + 7_200_000);
    expect((await pass({ days: -1 })).status).toBe(400);
    expect((await pass({ days: 1, hours: 1 })).status).toBe(400);
  });

  test('signatures and sessions stay real; what is written carries the later date', async () => {
    const iam = iamAs(simulator, makeCaller(simulator, accountId));
    await pass({ days: 30 });
    const trust = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    });
    const made = await iam.send(new CreateRoleCommand({ RoleName: 'later', AssumeRolePolicyDocument: trust }));
    expect(made.Role?.CreateDate?.getTime()).toBeGreaterThan(Date.now() + 30 * DAY_MS);
    const [write] = simulator.control.writes({ action: 'CreateRole' });
    expect(Date.parse(write?.shownAt ?? '') - Date.parse(write?.at ?? '')).toBeGreaterThan(30 * DAY_MS);
  });

  test('a role behind a boundary goes on trying; freed, it works again', async () => {
    const iam = iamAs(simulator, makeCaller(simulator, accountId));
    const lastUse = { at: simulator.world.now(), service: 's3', region: 'N/A' };
    const role = simulator.control.createRole(accountId, { name: 'busy', lastUse });
    const lastUsed = async (): Promise<number | undefined> =>
      (await iam.send(new GetRoleCommand({ RoleName: 'busy' }))).Role?.RoleLastUsed?.LastUsedDate?.getTime();
    const used = await lastUsed();
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AWSDenyAll';
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'busy', PermissionsBoundary }));
    await pass({ days: 10 });
    expect(await lastUsed()).toBe(used);
    expect(role.serviceAttempts.get('s3')).toBeGreaterThan(lastUse.at + 9 * DAY_MS);
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'busy' }));
    await pass({ days: 10 });
    expect((await lastUsed()) ?? 0).toBeGreaterThan((used ?? 0) + 19 * DAY_MS);
  });
});
