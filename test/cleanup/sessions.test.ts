import { randomBytes } from 'node:crypto';
import { Restores } from '../../src/cleanup/restores/restores.service';
import type { CleanUpAccount } from './aws-account';
import { CLEANUP_ROLE, RESTORE_ROLE } from './aws-account';
import { type CleanUpWorld, someone, startWorld } from './clean-up-world';
import { daysAgo, usedAt } from './full-identities';
import { itemsOf, stagesOf } from './items';
import { shortenGrace, waitOut } from './waiting-out';

/** What a session may name, and what is asked for side by side in it. */
jest.setTimeout(240_000);

let world: CleanUpWorld;
let tenantId: string;
let account: CleanUpAccount;

beforeAll(async () => {
  world = await startWorld();
  await shortenGrace(world);
});
afterAll(() => world.stop());

beforeEach(async () => {
  tenantId = await world.newTenant();
  account = await world.newAccount(tenantId);
});

const aws = () => account.awsAccountId;
const ago = (days: number): number => daysAgo(world.clock.now(), days);
const READ_ONLY = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
/** Generate and Get, in the order in which AWS saw them. */
const reports = (): string[] =>
  world.control
    .log({ accountId: aws() })
    .map(({ action }) => action)
    .filter((action) => action.includes('ServiceLastAccessed'))
    .map((action) => action.slice(0, 'Get'.length));
const putAway = async (): Promise<string> => {
  await world.scan(tenantId);
  const planId = await world.agree(tenantId);
  await world.settle();
  return planId;
};

describe('reports of service-last-accessed data', () => {
  const addRoles = (names: readonly string[]): void => {
    for (const name of names) {
      world.control.createRole(aws(), {
        ...{ name, createdAt: ago(500), lastUse: usedAt(ago(200)), attachedPolicyArns: [READ_ONLY] },
      });
    }
  };

  test('are all asked for before the first is fetched, and fetched one by one in their turns', async () => {
    addRoles(['one', 'two', 'three']);
    const planId = await putAway();
    world.control.resetCounters();
    await world.after({ hours: 7 }, tenantId);
    expect(reports()).toEqual(['Gen', 'Gen', 'Gen', 'Get', 'Get', 'Get']);
    expect(new Set(Object.values(await stagesOf(world, planId)))).toEqual(new Set(['quarantined']));
  });

  test('one that cannot be asked for beforehand is asked for by its own turn, and the others are none the worse', async () => {
    addRoles(['one', 'two']);
    const planId = await putAway();
    world.control.addFault({
      ...{ service: 'iam', action: 'GenerateServiceLastAccessedDetails', accountId: aws(), times: 1 },
      ...{ kind: 'error-before-effect', code: 'InvalidInput' },
    });
    world.control.resetCounters();
    await world.after({ hours: 7 }, tenantId);
    expect(reports().sort()).toEqual(['Gen', 'Gen', 'Gen', 'Get', 'Get']);
    const looked = await world.pipeline.rows<{ watched: boolean }>(
      'SELECT watched_at IS NOT NULL AND unknown_since IS NULL AS watched FROM plan_items WHERE plan_id = $1',
      [planId],
    );
    expect(looked).toEqual([{ watched: true }, { watched: true }]);
  });

  test('a deletion looks at one of its own, not at that of the turn before', async () => {
    addRoles(['one', 'two']);
    const planId = await putAway();
    await world.after({ days: 7, hours: 12 }, tenantId);
    world.control.resetCounters();
    await world.after({ days: 2 }, tenantId);
    expect(new Set(Object.values(await stagesOf(world, planId)))).toEqual(new Set(['deleted']));
    // The watch that lets them go on, then the last look.
    expect(reports()).toEqual(['Gen', 'Gen', 'Get', 'Get', 'Gen', 'Gen', 'Get', 'Get']);
  });
});

describe('whoever is at every quota of AWS', () => {
  const long = (name: string, length: number): string => name.padEnd(length, 'x');
  const path = `/${long('deep', 510)}/`;
  const sessions = (role: string) =>
    world.control
      .log({ action: 'AssumeRole', accountId: aws() })
      .filter(({ parameters }) => parameters['RoleArn']?.endsWith(`/${role}`));
  /** No statement of any session is about more than what it is for, and none was refused. */
  const mustNameOnly = (role: string, mine: (resource: string) => boolean): void => {
    const seen = sessions(role);
    expect(seen.length).toBeGreaterThan(1);
    for (const { parameters, errorCode } of seen) {
      expect(errorCode).toBeNull();
      const policy = parameters['Policy'] ?? '';
      expect(policy.length).toBeLessThanOrEqual(2_048);
      const { Statement } = JSON.parse(policy) as { Statement: { Action: string[]; Resource: string[] }[] };
      for (const { Action, Resource } of Statement) {
        if (Resource.includes('*')) expect(Action).toEqual(['iam:GetServiceLastAccessedDetails']);
        else expect(Resource.filter((one) => !mine(one))).toEqual([]);
      }
    }
  };

  const makeAgain = async (planId: string): Promise<void> => {
    const [item] = await itemsOf(world, planId);
    await world.pipeline.tenants.inTenant(tenantId, (manager) =>
      world.pipeline.get(Restores).request(manager, tenantId, [item?.id ?? ''], someone(tenantId)),
    );
    await world.settle();
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'recreated' }]);
  };

  test('a user: quarantined, deleted to the end, and made again, by sessions that name nothing else', async () => {
    const name = long('user', 64);
    const groups = Array.from({ length: 10 }, (_, n) => long(`group-${n}`, 128));
    const devices = Array.from({ length: 8 }, (_, n) => `arn:aws:iam::${aws()}:mfa/${long(`device-${n}`, 220)}`);
    const inline = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });
    world.control.createUser(aws(), {
      ...{ name, path, createdAt: ago(500), groups, hardwareMfa: devices },
      keys: [{ lastUse: usedAt(ago(200)) }, { lastUse: usedAt(ago(300)) }],
      password: { createdAt: ago(400) },
      passwordLastUsedAt: ago(300),
      credentials: [
        { kind: 'ssh', active: false },
        { kind: 'certificate', active: false },
      ],
      attachedPolicyArns: [READ_ONLY, 'arn:aws:iam::aws:policy/IAMUserChangePassword'],
      inlinePolicies: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [long(`policy-${n}`, 128), inline])),
    });
    world.control.resetCounters();
    const planId = await putAway();
    await waitOut(world, tenantId);
    await world.after({ hours: 50 }, tenantId);
    expect(await itemsOf(world, planId)).toMatchObject([{ course: 'user', stage: 'deleted', code: null }]);
    expect(Object.values(world.control.describeAll(aws())).filter((one) => one.includes(name))).toEqual([]);
    const users = [`user/*/${name}`, `user/${name}`];
    const hang = [...groups.flatMap((group) => [`group/${group}`, `group/*/${group}`]), ...devices];
    const mine = new Set(
      [...users, ...hang].map((one) => (one.startsWith('arn:') ? one : `arn:aws:iam::${aws()}:${one}`)),
    );
    mustNameOnly(CLEANUP_ROLE, (resource) => mine.has(resource));
    const [execution] = await world.pipeline.rows<{ calls: number }>(
      `SELECT (aws_calls -> 'iam:RemoveUserFromGroup' ->> 'calls')::int AS calls FROM executions
       WHERE tenant_id = $1 AND aws_calls ? 'iam:RemoveUserFromGroup'`,
      [tenantId],
    );
    expect(execution).toEqual({ calls: 10 });

    await makeAgain(planId);
    const again = JSON.parse(world.control.describe({ accountId: aws(), userName: name })) as { groups: string[] };
    expect([...again.groups].sort()).toEqual([...groups].sort());
    mustNameOnly(RESTORE_ROLE, (resource) => mine.has(resource));
  });

  test('a role in more instance profiles than one policy can name', async () => {
    const name = long('role', 64);
    const profiles = Array.from({ length: 12 }, (_, n) => long(`profile-${n}`, 128));
    world.control.createRole(aws(), {
      ...{ name, path, createdAt: ago(500), lastUse: usedAt(ago(200)) },
      ...{ attachedPolicyArns: [READ_ONLY], instanceProfiles: profiles },
    });
    world.control.resetCounters();
    const planId = await putAway();
    await waitOut(world, tenantId);
    await world.after({ hours: 50 }, tenantId);
    expect(await itemsOf(world, planId)).toMatchObject([{ course: 'role', stage: 'deleted', code: null }]);
    const mine = [`role/*/${name}`, `role/${name}`, ...profiles.map((profile) => `instance-profile/${profile}`)];
    const isMine = (resource: string): boolean => mine.includes(resource.slice(`arn:aws:iam::${aws()}:`.length));
    mustNameOnly(CLEANUP_ROLE, isMine);
    await makeAgain(planId);
    const again = JSON.parse(world.control.describe({ accountId: aws(), roleName: name })) as {
      instanceProfiles: { name: string }[];
    };
    expect(again.instanceProfiles.map((one) => one.name).sort()).toEqual([...profiles].sort());
    mustNameOnly(RESTORE_ROLE, isMine);
  });

  test('what AWS finds too large of it is shared out further', async () => {
    const profiles = Array.from({ length: 12 }, () => randomBytes(75).toString('base64url'));
    world.control.createRole(aws(), {
      ...{ name: 'job', createdAt: ago(500), lastUse: usedAt(ago(200)) },
      ...{ attachedPolicyArns: [READ_ONLY], instanceProfiles: profiles },
    });
    const planId = await putAway();
    await waitOut(world, tenantId);
    world.control.resetCounters();
    world.control.setSwitches({ services: { packedPolicyLimitBytes: 330 } });
    await world.after({ hours: 50 }, tenantId);
    world.control.setSwitches({ services: { packedPolicyLimitBytes: 1_200 } });
    expect(await itemsOf(world, planId)).toMatchObject([{ stage: 'deleted', code: null }]);
    const answers = sessions(CLEANUP_ROLE).map(({ errorCode }) => errorCode !== null);
    expect(answers.filter((refused) => refused).length).toBeGreaterThan(2);
  });
});
