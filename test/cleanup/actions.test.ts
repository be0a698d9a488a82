import { GetInstanceProfileCommand } from '@aws-sdk/client-iam';
import { actionsOf } from '../../src/aws/grants';
import { lossesOf } from '../../src/cleanup/actions/losses';
import { CREDENTIAL_READS, ROLE_READS, USER_READS } from '../../src/cleanup/fresh-reads';
import type { ObservedUser } from '../../src/cleanup/observed';
import { observe } from '../../src/cleanup/reading/observe';
import { serviceLastAccessed } from '../../src/cleanup/reading/service-last-accessed';
import { ActionsAtWork, type ItemAtWork } from './actions-at-work';
import { addFullRole, addFullUser, daysAgo, usedAt } from './full-identities';

/**
 * The actions and their reads against an IAM as strict as AWS's, by roles that may do what the templates give them, and
 * without what an execution adds. No database.
 */
let world: ActionsAtWork;
let named = 0;
const fresh = (): string => `somebody-${++named}`;

beforeAll(async () => {
  world = await ActionsAtWork.start();
});
afterAll(() => world.stop());

const fullUser = (name = fresh()) => addFullUser(world.simulator, world.accountId, name, new Date());
const fullRole = (name = fresh()) => addFullRole(world.simulator, world.accountId, name, new Date());
const account = () => world.simulator.world.account(world.accountId);
const everybody = () => world.simulator.control.describeAll(world.accountId);

/** Everybody in the account but one, byte for byte. */
function others(uniqueId: string): Record<string, string> {
  return Object.fromEntries(Object.entries(everybody()).filter(([id]) => id !== uniqueId));
}

describe('reading', () => {
  const asked = async (look: (access: ReturnType<typeof world.open>) => Promise<unknown>): Promise<string[]> => {
    const access = world.open('cleanup');
    await look(access);
    return Object.keys(access.calls.summary().byAction).filter((action) => action !== 'sts:AssumeRole');
  };

  test('asks exactly what is declared, and for a key or a password no more than that takes', async () => {
    const { name } = fullUser();
    const role = fullRole().name;
    expect(await asked((access) => observe(access, { kind: 'user', name }))).toEqual(actionsOf(USER_READS));
    expect(await asked((access) => observe(access, { kind: 'user', name }, { scope: 'credentials' }))).toEqual(
      actionsOf(CREDENTIAL_READS),
    );
    expect(await asked((access) => observe(access, { kind: 'role', name: role }))).toEqual(actionsOf(ROLE_READS));
  });

  test('sees everything that hangs on a user and a role, however small the pages are', async () => {
    const made = fullUser();
    const role = fullRole();
    const look = async () => {
      const access = world.open('cleanup');
      return [
        await observe(access, { kind: 'user', name: made.name }),
        await observe(access, { kind: 'role', name: role.name }),
      ] as const;
    };
    const [user, seenRole] = await look();
    expect(user).toMatchObject({
      kind: 'user',
      scope: 'whole',
      uniqueId: made.uniqueId,
      path: '/people/',
      tags: { team: 'a' },
      boundaryArn: null,
      groups: ['readers', 'writers'],
      attachedPolicyArns: [...made.attachedPolicyArns].sort(),
      inlinePolicies: Object.fromEntries(made.inlinePolicies),
      password: { lastUse: { known: true, at: expect.any(Date) as Date } },
      certificates: [{ active: false, body: expect.stringContaining('BEGIN CERTIFICATE') as string }],
      sshKeys: [{ active: false, body: expect.stringContaining('ssh-') as string }],
      serviceCredentials: [{ active: false, serviceName: 'codecommit.amazonaws.com' }],
    });
    expect(user?.keys.map(({ id, active, lastUse }) => [id, active, lastUse.known && lastUse.at !== null])).toEqual(
      made.accessKeys.map(({ accessKeyId, active }, index) => [accessKeyId, active, index === 0]),
    );
    expect(user?.mfaDevices.map(({ virtual }) => virtual).sort()).toEqual([false, true]);
    expect(seenRole).toMatchObject({
      uniqueId: role.uniqueId,
      lastUse: { known: true, at: expect.any(Date) as Date },
      trustPolicy: role.trustPolicy,
      maxSessionSeconds: 3600,
      instanceProfileArns: role.instanceProfiles
        .map((name) => `arn:aws:iam::${world.accountId}:instance-profile/${name}`)
        .sort(),
    });
    world.simulator.control.setSwitches({ services: { iamPageLimit: 1 } });
    const again = await look();
    world.simulator.control.setSwitches({ services: { iamPageLimit: 0 } });
    expect(again).toEqual([user, seenRole]);
  });

  test('an unknown name is null, and what was denied is an error, never an absence', async () => {
    const { name } = fullUser();
    expect(await observe(world.open('cleanup'), { kind: 'user', name: 'nobody' })).toBeNull();
    expect(await observe(world.open('cleanup'), { kind: 'role', name: 'nobody' })).toBeNull();
    for (const action of actionsOf(USER_READS)) {
      world.simulator.control.addFault({
        service: 'iam',
        action: action.slice(4),
        kind: 'error-before-effect',
        code: 'AccessDenied',
        // What was on its way when the last look ended may arrive now.
        times: 100,
      });
      const seen = await observe(world.open('cleanup'), { kind: 'user', name }).catch((error: unknown) => error);
      expect([action, seen]).toMatchObject([action, { code: 'AWS_ACCESS_DENIED' }]);
      world.simulator.control.clearFaults();
    }
  });

  test('a user that is deleted while it is read is read anew, and gone', async () => {
    const { name } = fullUser();
    world.simulator.control.addFault({
      service: 'iam',
      action: 'ListGroupsForUser',
      kind: 'error-before-effect',
      code: 'NoSuchEntity',
      times: 1,
    });
    expect(await observe(world.open('cleanup'), { kind: 'user', name })).not.toBeNull();
    world.simulator.control.addFault({
      service: 'iam',
      action: 'ListGroupsForUser',
      kind: 'error-before-effect',
      code: 'NoSuchEntity',
      times: 10,
    });
    await expect(observe(world.open('cleanup'), { kind: 'user', name })).rejects.toMatchObject({
      code: 'AWS_CHANGING',
      retryable: true,
    });
    world.simulator.control.clearFaults();
  });

  test('the last use of a password that was deleted is not that of its successor', async () => {
    const now = new Date();
    const { name } = world.simulator.control.createUser(world.accountId, {
      name: fresh(),
      createdAt: daysAgo(now, 500),
      password: { createdAt: daysAgo(now, 100) },
      passwordLastUsedAt: daysAgo(now, 150),
    });
    const user = await observe(world.open('cleanup'), { kind: 'user', name }, { scope: 'credentials' });
    expect(user?.password).toEqual({
      createdAt: new Date(daysAgo(now, 100)),
      lastUse: { known: true, at: null },
    });
  });
});

describe('service-last-accessed data', () => {
  const S3 = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['s3:*', 'sqs:*'], Resource: '*' }],
  });
  const ask = (arn: string, options = {}) => serviceLastAccessed(world.open('cleanup'), arn, options);
  const arnOf = (name: string): string => `arn:aws:iam::${world.accountId}:role/${name}`;

  test('tells attempts, those that the quarantine denied too, over all pages', async () => {
    const { name } = world.simulator.control.createRole(world.accountId, { name: fresh(), inlinePolicies: { S3 } });
    expect(await ask(arnOf(name))).toEqual({ known: true, attempts: [], services: 2 });
    world.simulator.control.setBoundary(
      { accountId: world.accountId, roleName: name },
      'arn:aws:iam::aws:policy/AWSDenyAll',
    );
    const tried = world.simulator.control.attempt({
      accountId: world.accountId,
      roleName: name,
      action: 's3:ListAllMyBuckets',
    });
    expect(tried).toMatchObject({ allowed: false });
    expect(await ask(arnOf(name))).toEqual({
      known: true,
      attempts: [{ service: 's3', at: expect.any(Date) as Date, region: 'us-east-1' }],
      services: 2,
    });
  });

  test('an empty report is unknown, unless there is no permissions policy to report on', async () => {
    const { name } = world.simulator.control.createRole(world.accountId, { name: fresh() });
    expect(await ask(arnOf(name))).toMatchObject({ known: false, reason: expect.stringContaining('empty') as string });
    expect(await ask(arnOf(name), { withoutPolicies: true })).toEqual({ known: true, attempts: [], services: 0 });
  });

  test('what AWS refuses or does not finish is unknown, with the reason', async () => {
    const { name } = fullRole();
    const arn = `arn:aws:iam::${world.accountId}:role/jobs/${name}`;
    world.simulator.control.addFault({
      service: 'iam',
      action: 'GetServiceLastAccessedDetails',
      kind: 'error-before-effect',
      code: 'AccessDenied',
    });
    expect(await ask(arn)).toMatchObject({ known: false, reason: expect.stringContaining('denied') as string });
    world.simulator.control.clearFaults();
    world.simulator.control.setSwitches({ services: { serviceLastAccessedPolls: 10_000 } });
    expect(await ask(arn, { timeoutMs: 100 })).toMatchObject({
      known: false,
      reason: expect.stringContaining('in time') as string,
    });
    const stop = AbortSignal.timeout(50);
    await expect(ask(arn, { signal: stop })).rejects.toThrow();
    world.simulator.control.setSwitches({ services: { serviceLastAccessedPolls: 1 } });
    expect(await ask(arnOf('nobody'))).toMatchObject({ known: false });
  });
});

describe('putting away', () => {
  test('a user with everything attached, in the documented order, the boundary on it to the end', async () => {
    const user = fullUser();
    const before = others(user.uniqueId);
    const item = await world.item('user', user.name);
    expect(await item.putAway()).toEqual([
      'iam:PutUserPermissionsBoundary',
      'iam:UpdateAccessKey',
      'iam:DeleteUser?',
      'iam:DeleteLoginProfile',
      'iam:DeleteAccessKey',
      'iam:DeleteAccessKey',
      'iam:DeleteSigningCertificate',
      'iam:DeleteSSHPublicKey',
      'iam:DeleteServiceSpecificCredential',
      'iam:DeactivateMFADevice',
      'iam:DeactivateMFADevice',
      'iam:DeleteVirtualMFADevice',
      'iam:DetachUserPolicy',
      'iam:DetachUserPolicy',
      'iam:RemoveUserFromGroup',
      'iam:RemoveUserFromGroup',
      'iam:DeleteUserPolicy',
      'iam:DeleteUserPolicy',
      'iam:DeleteUser',
    ]);
    expect(account()?.users.has(user.name)).toBe(false);
    expect(everybody()).toEqual(before);
    expect(account()?.mfaDevices.has(`arn:aws:iam::${world.accountId}:mfa/${user.name}`)).toBe(false);
  });

  test('a role in two instance profiles, which stay', async () => {
    const role = fullRole();
    const before = others(role.uniqueId);
    const item = await world.item('role', role.name);
    expect(await item.putAway()).toEqual([
      'iam:PutRolePermissionsBoundary',
      'iam:DeleteRole?',
      'iam:RemoveRoleFromInstanceProfile',
      'iam:RemoveRoleFromInstanceProfile',
      'iam:DetachRolePolicy',
      'iam:DetachRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:DeleteRole',
    ]);
    expect(account()?.roles.has(role.name)).toBe(false);
    expect(everybody()).toEqual(before);
    for (const profile of role.instanceProfiles) expect(account()?.instanceProfiles.has(profile)).toBe(true);
  });

  test('one of two keys, whose sibling is not touched', async () => {
    const user = fullUser();
    const [key, sibling] = user.accessKeys;
    const item = await world.item('access-key', user.name, { access_key_id: key?.accessKeyId ?? '' });
    expect(await item.putAway()).toEqual(['iam:UpdateAccessKey', 'iam:DeleteAccessKey']);
    const now = account()?.users.get(user.name);
    expect(now?.accessKeys).toEqual([sibling]);
    expect(await item.refusal('deletion')).toBeNull();
  });

  test('a password', async () => {
    const user = fullUser();
    const item = await world.item('password', user.name);
    expect(await item.putAway()).toEqual(['iam:DeleteLoginProfile']);
    expect(account()?.users.get(user.name)).toMatchObject({ password: null, accessKeys: user.accessKeys });
  });

  test('a key that is all its user has: the user is held meanwhile and as it was afterwards, without the key', async () => {
    const { name, accessKeys, item } = await observedKey();
    const id = accessKeys[0]?.accessKeyId ?? '';
    expect(await item.run('quarantine')).toEqual(['iam:PutUserPermissionsBoundary']);
    expect(account()?.users.get(name)?.accessKeys[0]).toMatchObject({ active: true });
    item.quarantinedLongAgo();
    await item.run('silence');
    item.silencedLongAgo();
    expect(await item.run('deletion')).toEqual(['iam:DeleteAccessKey', 'iam:DeleteUserPermissionsBoundary']);
    expect(account()?.users.get(name)).toMatchObject({ boundaryArn: null, groups: ['readers'] });
    expect(
      account()
        ?.users.get(name)
        ?.accessKeys.map(({ accessKeyId }) => accessKeyId),
    ).not.toContain(id);
  });
});

async function observedKey() {
  const now = new Date();
  const user = world.simulator.control.createUser(world.accountId, {
    name: fresh(),
    createdAt: daysAgo(now, 500),
    groups: ['readers'],
    keys: [{ lastUse: usedAt(daysAgo(now, 200)) }, { active: false }],
  });
  const item = await world.item('observed-key', user.name, {
    access_key_id: user.accessKeys[0]?.accessKeyId ?? '',
  });
  return { ...user, item };
}

describe('giving back', () => {
  test.each(['user', 'observed-key', 'access-key', 'role', 'password'] as const)(
    'a %s in quarantine, silent or not, is byte for byte what it was',
    async (course) => {
      const now = new Date();
      const made = course === 'role' ? fullRole() : course === 'observed-key' ? await observedKey() : fullUser();
      const of = course === 'role' ? { roleName: made.name } : { userName: made.name };
      const before = world.describe(of);
      const key = 'accessKeys' in made ? (made.accessKeys[0]?.accessKeyId ?? null) : null;
      const keyed = course === 'access-key' || course === 'observed-key';
      const item = await world.item(course, made.name, keyed ? { access_key_id: key } : {});
      await item.run('quarantine');
      if (course !== 'password') expect(world.describe(of)).not.toBe(before);
      await item.undo();
      expect(world.describe(of)).toBe(before);
      if (course !== 'user' && course !== 'observed-key') return;

      const again = await world.item(course, made.name, keyed ? { access_key_id: key } : {});
      await again.run('quarantine');
      again.quarantinedLongAgo();
      await again.run('silence');
      const sent = await again.undo();
      expect(sent).toEqual(['iam:UpdateAccessKey', 'iam:DeleteUserPermissionsBoundary']);
      expect(world.describe(of)).toBe(before);
      expect(now).toBeInstanceOf(Date);
    },
  );

  test('what somebody else switched off or put on meanwhile stays so', async () => {
    const user = fullUser();
    const [key] = user.accessKeys;
    const item = await world.item('user', user.name);
    await item.run('quarantine');
    world.simulator.control.setAccessKeyActive(key?.accessKeyId ?? '', false);
    world.simulator.control.setBoundary(
      { accountId: world.accountId, userName: user.name },
      'arn:aws:iam::aws:policy/IAMReadOnlyAccess',
    );
    expect(await item.undo()).toEqual([]);
    expect(account()?.users.get(user.name)).toMatchObject({
      boundaryArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess',
    });
    expect(account()?.users.get(user.name)?.accessKeys[0]).toMatchObject({ active: false });
  });
});

describe('making again', () => {
  /** What the description says, without what the facts call lost. */
  const lasting = (text: string, lost: readonly string[]): unknown => {
    const all = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(all).filter(([name]) => !lost.includes(name)));
  };

  test('a user differs in its unique id, dates, keys, password, devices and service credentials only', async () => {
    const user = fullUser();
    user.tags.set('aws:made-by', 'a service');
    const before = world.describe({ userName: user.name });
    const item = await world.item('user', user.name);
    await item.putAway();
    await item.run('restore');
    const after = world.describe({ userName: user.name });
    const lost = ['uniqueId', 'createdAt', 'accessKeys', 'password', 'mfaDevices', 'credentials', 'tags'];
    expect(lasting(after, lost)).toEqual(lasting(before, lost));
    expect(JSON.parse(after)).toMatchObject({ tags: { team: 'a' }, accessKeys: [], password: null, mfaDevices: [] });
    const halves = (text: string): unknown[] =>
      (JSON.parse(text) as { credentials: { kind: string; active: boolean }[] }).credentials
        .filter(({ kind }) => kind !== 'service-specific')
        .map(({ kind, active }) => [kind, active])
        .sort();
    expect(halves(after)).toEqual(halves(before));

    const losses = lossesOf(item.snapshot as ObservedUser, await item.look('restore'), item.item).join('\n');
    for (const word of [
      user.uniqueId,
      'aws:made-by',
      'password',
      'MFA',
      'secrets',
      'service-specific',
      'resource policies',
    ])
      expect(losses).toContain(word);
    expect(losses).not.toContain('Not brought back');
  });

  test('a role differs in its unique id and dates only', async () => {
    const role = fullRole();
    role.description = 'nightly';
    role.maxSessionDuration = 7200;
    const before = world.describe({ roleName: role.name });
    const item = await world.item('role', role.name);
    await item.putAway();
    expect(await item.run('restore')).toEqual([
      'iam:CreateRole',
      'iam:AttachRolePolicy',
      'iam:AttachRolePolicy',
      'iam:PutRolePolicy',
      'iam:PutRolePolicy',
      'iam:AddRoleToInstanceProfile',
      'iam:AddRoleToInstanceProfile',
    ]);
    const lost = ['uniqueId', 'createdAt'];
    expect(lasting(world.describe({ roleName: role.name }), lost)).toEqual(lasting(before, lost));
    const access = world.open('cleanup');
    await expect(
      access.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: `${role.name}-one` })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is refused where the name is taken, and where the trust policy names somebody deleted since', async () => {
    const role = fullRole();
    const item = await world.item('role', role.name);
    await item.putAway();
    world.simulator.control.createRole(world.accountId, { name: role.name, path: '/jobs/' });
    expect(await item.refusal('restore')).toMatchObject({ code: 'NAME_TAKEN' });

    const trusted = fullUser();
    const truster = world.simulator.control.createRole(world.accountId, {
      name: fresh(),
      createdAt: daysAgo(new Date(), 300),
      trustPolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${world.accountId}:user/people/${trusted.name}` },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    });
    world.simulator.control.deleteUser(world.accountId, trusted.name);
    const left = await world.item('role', truster.name);
    await left.putAway();
    const refused = await left.refusal('restore');
    expect(refused).toMatchObject({
      code: 'DEAD_PRINCIPAL',
      reason: expect.stringContaining(trusted.uniqueId) as string,
    });
  });

  test('what a halted deletion took is attached again, and the quarantine undone after it', async () => {
    for (const course of ['role', 'user'] as const) {
      const made = course === 'role' ? fullRole() : fullUser();
      if ('accessKeys' in made)
        Object.assign(made, { accessKeys: [], password: null, mfaDevices: [], credentials: [] });
      const of = course === 'role' ? { roleName: made.name } : { userName: made.name };
      const before = world.describe(of);
      const item = await world.item(course, made.name);
      const action = course === 'role' ? 'DeleteRole' : 'DeleteUser';
      world.simulator.control.addFault({
        service: 'iam',
        action,
        kind: 'error-before-effect',
        code: 'AccessDenied',
        skip: 1,
      });
      await expect(item.putAway()).rejects.toMatchObject({ name: 'AccessDenied' });
      world.simulator.control.clearFaults();
      expect(JSON.parse(world.describe(of))).toMatchObject({
        boundaryArn: 'arn:aws:iam::aws:policy/AWSDenyAll',
        attachedPolicyArns: [],
      });
      await item.run('restore');
      expect(JSON.parse(world.describe(of))).toMatchObject({ boundaryArn: 'arn:aws:iam::aws:policy/AWSDenyAll' });
      await item.undo();
      expect(world.describe(of)).toBe(before);
    }
  });
});

describe('a final delete that the organization refuses', () => {
  const refuse = (action: string): void =>
    world.simulator.control.setServiceControlPolicy(
      world.accountId,
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: action, Resource: '*' },
        ],
      }),
    );
  afterEach(() => {
    world.simulator.control.setServiceControlPolicy(world.accountId, null);
    world.simulator.control.setSwitches({ services: { authorizationBeforeConflict: true } });
  });
  const quarantined = async (item: ItemAtWork): Promise<void> => {
    await item.run('quarantine');
    item.quarantinedLongAgo();
  };

  test('costs nothing but the quarantine where AWS looks at permissions first', async () => {
    const role = fullRole();
    const item = await world.item('role', role.name);
    await quarantined(item);
    const before = world.describe({ roleName: role.name });
    refuse('iam:DeleteRole');
    await expect(item.run('deletion')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(world.describe({ roleName: role.name })).toBe(before);
  });

  test('leaves it in quarantine where AWS looks at conflicts first', async () => {
    const role = fullRole();
    const item = await world.item('role', role.name);
    await quarantined(item);
    refuse('iam:DeleteRole');
    world.simulator.control.setSwitches({ services: { authorizationBeforeConflict: false } });
    await expect(item.run('deletion')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(account()?.roles.get(role.name)).toMatchObject({
      boundaryArn: 'arn:aws:iam::aws:policy/AWSDenyAll',
      attachedPolicyArns: [],
    });
    world.simulator.control.setServiceControlPolicy(world.accountId, null);
    expect(await item.run('deletion')).toEqual(['iam:DeleteRole']);
  });
});

describe('whatever AWS does where its documents leave it open', () => {
  // Everything above was with each switch as it is by default; these are the other ways.
  const cases = [
    ['deniedMovesLastUse', true],
    ['inactiveKeyMovesLastUse', true],
    ['inlineDenyAllEmptiesServiceLastAccessed', false],
    ['authorizationBeforeConflict', false],
    ['unknownAccessKeyError', 'NoSuchEntity'],
  ] as const;
  const OF_THE_WORLD: readonly string[] = ['deniedMovesLastUse', 'inactiveKeyMovesLastUse'];
  const set = (name: string, value: unknown): void =>
    world.simulator.control.setSwitches({ [OF_THE_WORLD.includes(name) ? 'world' : 'services']: { [name]: value } });
  afterEach(() => {
    world.simulator.control.setSwitches({
      world: { deniedMovesLastUse: false, inactiveKeyMovesLastUse: false },
      services: {
        inlineDenyAllEmptiesServiceLastAccessed: true,
        authorizationBeforeConflict: true,
        unknownAccessKeyError: 'AccessDenied',
      },
    });
  });

  test.each(cases)('with %s %s: given back byte for byte, deleted cleanly', async (name, value) => {
    set(name, value);
    const user = fullUser();
    const before = world.describe({ userName: user.name });
    const item = await world.item('user', user.name);
    await item.run('quarantine');
    await item.undo();
    expect(world.describe({ userName: user.name })).toBe(before);
    await (await world.item('user', user.name)).putAway();
    expect(account()?.users.has(user.name)).toBe(false);
    const role = fullRole();
    await (await world.item('role', role.name)).putAway();
    expect(account()?.roles.has(role.name)).toBe(false);
  });

  test.each(cases)(
    'with %s %s: an attempt in quarantine shows, in the reports or in the last use',
    async (name, value) => {
      set(name, value);
      const user = fullUser();
      const item = await world.item('user', user.name);
      await item.run('quarantine');
      item.quarantinedLongAgo();
      const [key] = user.accessKeys;
      world.simulator.control.attempt({
        accountId: world.accountId,
        userName: user.name,
        accessKeyId: key?.accessKeyId ?? '',
        action: 's3:ListAllMyBuckets',
      });
      const refused = await item.refusal('silence');
      const report = await serviceLastAccessed(
        world.open('cleanup'),
        `arn:aws:iam::${world.accountId}:user/people/${user.name}`,
      );
      expect(report).toMatchObject({ known: true, attempts: [{ service: 's3' }] });
      expect(refused?.code ?? null).toBe(name === 'deniedMovesLastUse' ? 'USED_SINCE' : null);
    },
  );
});
