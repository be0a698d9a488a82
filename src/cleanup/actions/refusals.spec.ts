import type { ActionContext } from '../action';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedUser } from '../observed';
import { aKey, anItem, approvedAs, aRole, aUser, contextOf, daysAgo, DENY_ALL, held, NOW, sent } from './test-subjects';
import { actionFor } from '.';

const user = aUser({
  tags: { team: 'a' },
  keys: [aKey(), aKey({ id: 'AKIATWO', active: false, createdAt: daysAgo(390) })],
  password: { createdAt: daysAgo(300), lastUse: { known: true, at: daysAgo(250) } },
  attachedPolicyArns: ['arn:aws:iam::aws:policy/A'],
  inlinePolicies: { one: '{}' },
  groups: ['readers'],
  certificates: [{ id: 'ASCA', active: false, body: 'PEM' }],
});
const role = aRole({
  tags: { team: 'a' },
  attachedPolicyArns: ['arn:aws:iam::aws:policy/A'],
  inlinePolicies: { one: '{}' },
  instanceProfileArns: ['arn:aws:iam::123456789012:instance-profile/one'],
});
const usedOn = (days: number) => ({ known: true as const, at: daysAgo(days) });
const unknownUse = { known: false, reason: 'AWS did not say.' } as const;

const quarantine = (seen: Observed | null, context: ActionContext) =>
  actionFor(context.item.course, 'quarantine').refuse(seen, context);
const deletion = (seen: Observed | null, context: ActionContext) =>
  actionFor(context.item.course, 'deletion').refuse(seen, context);

describe('the first look', () => {
  const waiting = (of: Observed, changes: Partial<PlanItemRow> = {}) => contextOf(anItem(of, changes));

  it('lets pass what is as it was approved', () => {
    expect(quarantine(user, waiting(user))).toBeNull();
    expect(quarantine(role, waiting(role))).toBeNull();
  });

  const changed: [string, string, Observed | null, Observed][] = [
    ['somebody else of that name', 'RE_CREATED', { ...user, uniqueId: 'AIDAOTHER' }, user],
    ['one made in another second', 'RE_CREATED', { ...user, createdAt: daysAgo(10) }, user],
    ['one of another account', 'RE_CREATED', { ...role, awsAccountId: '999999999999' }, role],
    ['nobody', 'NOT_THERE', null, user],
    ['another path', 'CHANGED', { ...user, path: '/else/' }, user],
    ['a tag more', 'CHANGED', { ...user, tags: { team: 'a', terraform: 'yes' } }, user],
    ['another tag', 'CHANGED', { ...user, tags: { team: 'b' } }, user],
    ['a tag less', 'CHANGED', { ...role, tags: {} }, role],
    ['a boundary of its own', 'BOUNDARY_OF_ITS_OWN', { ...user, boundaryArn: 'arn:aws:iam::aws:policy/B' }, user],
    ['AWSDenyAll that somebody else put', 'BOUNDARY_OF_ITS_OWN', { ...role, boundaryArn: DENY_ALL }, role],
    [
      'a new managed policy',
      'NEW_ATTACHMENT',
      { ...user, attachedPolicyArns: [...user.attachedPolicyArns, 'x'] },
      user,
    ],
    ['a new inline policy', 'NEW_ATTACHMENT', { ...role, inlinePolicies: { one: '{}', two: '{}' } }, role],
    ['a new group', 'NEW_ATTACHMENT', { ...user, groups: ['readers', 'writers'] }, user],
    [
      'a new instance profile',
      'NEW_ATTACHMENT',
      { ...role, instanceProfileArns: ['a', ...role.instanceProfileArns] },
      role,
    ],
    [
      'a new key',
      'NEW_ATTACHMENT',
      { ...user, keys: [...user.keys, aKey({ id: 'AKIANEW', createdAt: daysAgo(1) })] },
      user,
    ],
    ['another key of the same id', 'NEW_ATTACHMENT', { ...user, keys: [aKey({ createdAt: daysAgo(399) })] }, user],
    [
      'a newer password',
      'NEW_ATTACHMENT',
      { ...user, password: { createdAt: daysAgo(299), lastUse: usedOn(250) } },
      user,
    ],
    ['a policy less', 'CHANGED', { ...user, attachedPolicyArns: [] }, user],
    ['an inline policy less', 'CHANGED', { ...role, inlinePolicies: {} }, role],
    ['a group less', 'CHANGED', { ...user, groups: [] }, user],
    ['an instance profile less', 'CHANGED', { ...role, instanceProfileArns: [] }, role],
    ['a key less', 'CHANGED', { ...user, keys: user.keys.slice(1) }, user],
    ['no password', 'CHANGED', { ...user, password: null }, user],
    [
      'a key that is active again',
      'ACTIVE_AGAIN',
      { ...user, keys: user.keys.map((key) => ({ ...key, active: true })) },
      user,
    ],
    [
      'an active certificate',
      'ACTIVE_CREDENTIAL',
      { ...user, certificates: [{ id: 'ASCA', active: true, body: 'PEM' }] },
      user,
    ],
    [
      'an active SSH key',
      'ACTIVE_CREDENTIAL',
      { ...user, sshKeys: [{ id: 'A', active: true, body: 'ssh-rsa A' }] },
      user,
    ],
    [
      'an active service credential',
      'ACTIVE_CREDENTIAL',
      { ...user, serviceCredentials: [{ id: 'A', active: true, serviceName: 's', userName: null }] },
      user,
    ],
    ['a role used since', 'USED_SINCE', { ...role, lastUse: usedOn(199) }, role],
    ['a role of unknown use', 'UNKNOWN', { ...role, lastUse: unknownUse }, role],
    [
      'a key used since',
      'USED_SINCE',
      { ...user, keys: [aKey({ lastUse: usedOn(100) }), ...user.keys.slice(1)] },
      user,
    ],
    [
      'a key of unknown use',
      'UNKNOWN',
      { ...user, keys: [aKey({ lastUse: unknownUse }), ...user.keys.slice(1)] },
      user,
    ],
    ['a sign-in since', 'USED_SINCE', { ...user, password: { createdAt: daysAgo(300), lastUse: usedOn(1) } }, user],
    [
      'a password of unknown use',
      'UNKNOWN',
      { ...user, password: { createdAt: daysAgo(300), lastUse: unknownUse } },
      user,
    ],
    ['AWS’s own role', 'PROTECTED', aRole({ path: '/aws-service-role/x/' }), aRole({ path: '/aws-service-role/x/' })],
  ];
  it.each(changed)('stops at %s: %s', (_what, code, seen, approved) => {
    const refused = quarantine(seen, waiting(approved));
    expect(refused).toMatchObject({ code });
    expect(refused?.reason).toMatch(/\.$/);
    expect(refused?.remedy).toMatch(/\.$/);
  });

  it('counts idle time from use, creation and change, at the threshold', () => {
    const at = (days: number) => aRole({ lastUse: usedOn(days) });
    const judged = (seen: Observed) => quarantine(seen, waiting(seen))?.code ?? null;
    expect(judged(at(90))).toBeNull();
    expect(judged(at(89))).toBe('NOT_IDLE');
    expect(judged(aRole({ createdAt: daysAgo(89), lastUse: { known: true, at: null } }))).toBe('NOT_IDLE');
    expect(judged(aRole({ createdAt: daysAgo(90), lastUse: { known: true, at: null } }))).toBeNull();
    // A role older than AWS's window has been idle for at least the window, and no more is known.
    const old = aRole({ createdAt: daysAgo(2000), lastUse: { known: true, at: null } });
    expect(judged(old)).toBeNull();
    expect(quarantine(old, waiting(old, { approved: approvedAs(old, { idleDays: 401 }) }))?.code).toBe('UNKNOWN');
    // Inactive keys count: somebody used them not long ago.
    const lately = aUser({ keys: [aKey({ active: false, lastUse: usedOn(20) })] });
    expect(judged(lately)).toBe('NOT_IDLE');
    const changedLately = { ...user, keys: [], certificates: [] };
    const approved = approvedAs(changedLately, { passwordChangedAt: daysAgo(10).toISOString() });
    expect(quarantine(changedLately, waiting(changedLately, { approved }))?.code).toBe('NOT_IDLE');
  });

  it('does not take for absent what was not read', () => {
    const part: ObservedUser = { ...aUser(), scope: 'credentials' };
    expect(() => quarantine(part, waiting(aUser()))).toThrow('not read whole');
  });
});

describe('one key', () => {
  const item = (changes: Partial<PlanItemRow> = {}) =>
    anItem(user, { course: 'access-key', access_key_id: 'AKIAONE', ...changes });

  it('is judged by itself: its sibling may be new, active, or in use', () => {
    const sibling = aKey({ id: 'AKIANEW', createdAt: daysAgo(1), lastUse: usedOn(0) });
    const approved = approvedAs(user, { lastUsedAt: daysAgo(200).toISOString() });
    expect(quarantine({ ...user, keys: [aKey(), sibling] }, contextOf(item({ approved })))).toBeNull();
  });

  it('must be exactly the one that was approved', () => {
    const code = (seen: Observed, changes: Partial<PlanItemRow> = {}) =>
      quarantine(seen, contextOf(item(changes)))?.code;
    expect(code({ ...user, keys: user.keys.slice(1) })).toBe('NOT_THERE');
    expect(code({ ...user, keys: [aKey({ createdAt: daysAgo(1) })] })).toBe('KEY_MISMATCH');
    expect(code(user, { access_key_id: null })).toBe('KEY_MISMATCH');
    expect(code(user, { access_key_id: 'AKIAOTHER' })).toBe('KEY_MISMATCH');
  });

  it('is deleted only while inactive, and after a day', () => {
    const silent = { ...user, keys: user.keys.map((key) => ({ ...key, active: false })) };
    const at = (days: number) => contextOf(item({ quarantined_at: daysAgo(days) }), { snapshot: user });
    expect(deletion(silent, at(8))).toBeNull();
    expect(deletion(silent, at(0.9))?.code).toBe('NO_QUARANTINE');
    expect(deletion(silent, contextOf(item()))?.code).toBe('NO_QUARANTINE');
    expect(deletion(user, at(8))?.code).toBe('ACTIVE_AGAIN');
    expect(quarantine(user, at(8))?.code).toBe('ACTIVE_AGAIN');
  });

  it('that we deleted is no reason to stop, and nothing is left to send', () => {
    const gone = { ...user, keys: user.keys.slice(1) };
    const intended = [sent('iam:DeleteAccessKey', { UserName: 'alice', AccessKeyId: 'AKIAONE' }, null)];
    const context = contextOf(item({ quarantined_at: daysAgo(8) }), { snapshot: user, intended });
    expect(deletion(gone, context)).toBeNull();
    expect(actionFor('access-key', 'deletion').apply(gone, context)).toEqual([]);
    const refused = [sent('iam:DeleteAccessKey', { UserName: 'alice', AccessKeyId: 'AKIAONE' }, 'refused')];
    expect(deletion(gone, { ...context, intended: refused })?.code).toBe('NOT_THERE');
    const siblings = [sent('iam:DeleteAccessKey', { UserName: 'alice', AccessKeyId: 'AKIATWO' })];
    expect(deletion(gone, { ...context, intended: siblings })?.code).toBe('NOT_THERE');
  });
});

describe('a password', () => {
  const item = (changes: Partial<PlanItemRow> = {}) => anItem(user, { course: 'password', ...changes });
  const passwordOnly = (password: ObservedUser['password']): ObservedUser => ({ ...user, password });

  it('is announced and, a day later at the earliest, deleted; a sign-in or a new one stops it', () => {
    const approved = approvedAs(user, { lastUsedAt: daysAgo(250).toISOString() });
    const context = contextOf(item({ approved, quarantined_at: daysAgo(8) }), { snapshot: user });
    expect(deletion(user, context)).toBeNull();
    expect(deletion(user, contextOf(item({ approved }), { snapshot: user }))?.code).toBe('NO_QUARANTINE');
    expect(deletion(passwordOnly({ createdAt: daysAgo(300), lastUse: usedOn(3) }), context)?.code).toBe('USED_SINCE');
    expect(deletion(passwordOnly({ createdAt: daysAgo(2), lastUse: usedOn(250) }), context)?.code).toBe(
      'NEW_ATTACHMENT',
    );
    expect(deletion(passwordOnly(null), context)?.code).toBe('NOT_THERE');
  });
});

describe('a user or role in quarantine', () => {
  const silent = { ...user, boundaryArn: DENY_ALL, keys: user.keys.map((key) => ({ ...key, active: false })) };
  const quiet = { silenced_at: daysAgo(1) };

  it('is deleted when it is held, silent and unchanged', () => {
    expect(deletion(silent, held(user, quiet))).toBeNull();
    expect(deletion({ ...role, boundaryArn: DENY_ALL }, held(role))).toBeNull();
  });

  it.each<[string, string, Observed, Partial<PlanItemRow>]>([
    ['the boundary is gone', 'NO_QUARANTINE', { ...silent, boundaryArn: null }, quiet],
    ['the boundary is another', 'BOUNDARY_OF_ITS_OWN', { ...silent, boundaryArn: 'arn:aws:iam::aws:policy/B' }, quiet],
    ['it is held for less than a day', 'NO_QUARANTINE', silent, { ...quiet, quarantined_at: daysAgo(0.9) }],
    ['it was never held', 'NO_QUARANTINE', silent, { ...quiet, quarantined_at: null }],
    ['its keys were never silent', 'NO_QUARANTINE', { ...silent, keys: user.keys }, {}],
    ['its keys are silent for less than a day', 'NO_QUARANTINE', silent, { silenced_at: daysAgo(0.9) }],
    ['a key is active again', 'ACTIVE_AGAIN', { ...silent, keys: user.keys }, quiet],
    ['an inline policy reads otherwise', 'CHANGED', { ...silent, inlinePolicies: { one: '{"a":1}' } }, quiet],
    [
      'a certificate came',
      'NEW_ATTACHMENT',
      { ...silent, certificates: [{ id: 'B', active: false, body: 'PEM2' }] },
      quiet,
    ],
    ['an MFA device came', 'NEW_ATTACHMENT', { ...silent, mfaDevices: [{ serialNumber: 'X', virtual: false }] }, quiet],
    [
      'it was used',
      'USED_SINCE',
      { ...silent, keys: [{ ...silent.keys[0]!, lastUse: usedOn(5) }, silent.keys[1]!] },
      quiet,
    ],
  ])('is not deleted when %s', (_what, code, seen, changes) => {
    expect(deletion(seen, held(user, changes))?.code).toBe(code);
  });

  it('is not deleted when its trust policy reads otherwise', () => {
    const seen = { ...role, boundaryArn: DENY_ALL, trustPolicy: '{"Version":"2012-10-17","Statement":[{}]}' };
    expect(deletion(seen, held(role))?.code).toBe('CHANGED');
  });

  it('may have less attached than was approved, where we took it away', () => {
    const partly = { ...silent, attachedPolicyArns: [], groups: [], password: null };
    const intended = [
      sent('iam:DeleteLoginProfile', { UserName: 'alice' }),
      sent('iam:DetachUserPolicy', { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/A' }, 'unanswered'),
      sent('iam:RemoveUserFromGroup', { UserName: 'alice', GroupName: 'readers' }, null),
    ];
    expect(deletion(partly, held(user, quiet, { intended }))).toBeNull();
    expect(deletion(partly, held(user, quiet, { intended: intended.slice(1) }))?.code).toBe('CHANGED');
  });

  it('that we deleted is gone, also where somebody has its name by now', () => {
    const context = held(user, quiet, { intended: [sent('iam:DeleteUser', { UserName: 'alice' }, null)] });
    expect(deletion(null, context)).toBeNull();
    const heir = aUser({ uniqueId: 'AIDAHEIR', createdAt: daysAgo(0) });
    expect(deletion(heir, context)).toBeNull();
    expect(actionFor('user', 'deletion').apply(heir, context)).toEqual([]);
    expect(actionFor('user', 'quarantine').undo(heir, context)).toEqual([]);
  });
});

describe('a key that is all its user has', () => {
  const alone = aUser({ keys: [aKey(), aKey({ id: 'AKIATWO', active: false, createdAt: daysAgo(390) })] });
  const item = { course: 'observed-key', access_key_id: 'AKIAONE' } as const;

  it('is held with its user only while nothing else of the user is active', () => {
    const context = contextOf(anItem(alone, item));
    expect(quarantine(alone, context)).toBeNull();
    const other = { ...alone, keys: alone.keys.map((key) => ({ ...key, active: true })) };
    expect(quarantine(other, context)?.code).toBe('NEW_ATTACHMENT');
    expect(quarantine({ ...alone, password: user.password }, context)?.code).toBe('NEW_ATTACHMENT');
    const ssh = { ...alone, sshKeys: [{ id: 'A', active: true, body: 'ssh-rsa A' }] };
    expect(quarantine(ssh, context)?.code).toBe('ACTIVE_CREDENTIAL');
  });

  it('when deleted frees its user, unless the user got another credential', () => {
    const gone = { ...alone, boundaryArn: DENY_ALL, keys: alone.keys.slice(1) };
    const intended = [sent('iam:DeleteAccessKey', { UserName: 'alice', AccessKeyId: 'AKIAONE' })];
    const context = held(alone, { ...item, silenced_at: daysAgo(1) }, { intended });
    expect(deletion(gone, context)).toBeNull();
    expect(
      actionFor('observed-key', 'deletion')
        .apply(gone, context)
        .map(({ action }) => action),
    ).toEqual(['iam:DeleteUserPermissionsBoundary']);
    const revived = { ...gone, keys: [aKey({ id: 'AKIANEW', createdAt: NOW })] };
    expect(deletion(revived, context)?.code).toBe('NEW_ATTACHMENT');
    expect(deletion({ ...gone, boundaryArn: null }, context)).toBeNull();
  });
});

describe('undoing', () => {
  it('gives back nothing that was never ours', () => {
    const back = (seen: Observed, context: ActionContext) => actionFor(seen.kind, 'quarantine').undo(seen, context);
    const denied = { ...role, boundaryArn: DENY_ALL };
    expect(back(denied, contextOf(anItem(role)))).toEqual([]);
    expect(back(denied, contextOf(anItem(role), { snapshot: role }))).toEqual([]);
    expect(back(denied, held(denied))).toEqual([]);
    expect(back({ ...role, boundaryArn: 'arn:aws:iam::aws:policy/B' }, held(role))).toEqual([]);
    expect(back(denied, held(role))).toHaveLength(1);
  });

  it('makes no key active that was inactive before, or that somebody else switched off', () => {
    const off = { ...user, keys: user.keys.map((key) => ({ ...key, active: false })) };
    const ours = [sent('iam:UpdateAccessKey', { UserName: 'alice', AccessKeyId: 'AKIAONE', Status: 'Inactive' })];
    const item = anItem(user, { course: 'access-key', access_key_id: 'AKIAONE' });
    const undo = (context: ActionContext) => actionFor('access-key', 'quarantine').undo(off, context);
    expect(undo(contextOf(item, { snapshot: user, intended: ours }))).toHaveLength(1);
    expect(undo(contextOf(item, { snapshot: user }))).toEqual([]);
    expect(undo(contextOf(item, { snapshot: off, intended: ours }))).toEqual([]);
  });
});

describe('making again', () => {
  const restoring = (seen: Observed | null, context: ActionContext) =>
    actionFor(context.item.course, 'restore').refuse(seen, context);

  it('needs a snapshot, and a free name', () => {
    expect(restoring(null, contextOf(anItem(role)))?.code).toBe('NO_SNAPSHOT');
    expect(restoring(null, contextOf(anItem(role), { snapshot: role }))).toBeNull();
    const other = aRole({ uniqueId: 'AROAOTHER' });
    expect(restoring(other, contextOf(anItem(role), { snapshot: role }))?.code).toBe('NAME_TAKEN');
  });

  it('goes on with the one that it made itself', () => {
    const begun = aRole({ uniqueId: 'AROANEW', createdAt: NOW, tags: role.tags });
    const intended = [sent('iam:CreateRole', { RoleName: 'job' }, null)];
    const context = contextOf(anItem(role), { snapshot: role, intended });
    expect(restoring(begun, context)).toBeNull();
    expect(
      actionFor('role', 'restore')
        .apply(begun, context)
        .map(({ action }) => action),
    ).toEqual(['iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:AddRoleToInstanceProfile']);
    expect(restoring({ ...begun, attachedPolicyArns: ['arn:aws:iam::aws:policy/Other'] }, context)?.code).toBe(
      'NAME_TAKEN',
    );
  });

  it('gives nothing to a role of that name which somebody made meanwhile to be trusted by others', () => {
    const statement = { Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'sts:AssumeRole' };
    const theirs = aRole({
      ...{ uniqueId: 'AROATHEIRS', createdAt: NOW, tags: role.tags },
      trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    });
    const intended = [sent('iam:CreateRole', { RoleName: 'job' }, 'unanswered')];
    const context = contextOf(anItem(role), { snapshot: role, intended });
    expect(restoring(theirs, context)?.code).toBe('NAME_TAKEN');
    expect(actionFor('role', 'restore').apply(theirs, context)).toEqual([]);
  });

  it('makes nobody from the snapshot of somebody else', () => {
    const context = contextOf(anItem(role), { snapshot: { ...role, uniqueId: 'AROAOTHER' } });
    const nobody = null;
    expect(restoring(nobody, context)?.code).toBe('NO_SNAPSHOT');
    expect(actionFor('role', 'restore').apply(nobody, context)).toEqual([]);
  });

  it('says before trying that a trust policy names somebody deleted', () => {
    const trustPolicy =
      '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"AIDAJQABLZS4A3QDU576Q"},"Action":"sts:AssumeRole"}]}';
    const snapshot = { ...role, trustPolicy };
    expect(restoring(null, contextOf(anItem(snapshot), { snapshot }))?.code).toBe('DEAD_PRINCIPAL');
  });

  it('leaves out tags that only AWS can set', () => {
    const snapshot = { ...role, tags: { 'aws:x': '1', team: 'a' } };
    const gone: Observed | null = null;
    const [create] = actionFor('role', 'restore').apply(gone, contextOf(anItem(snapshot), { snapshot }));
    expect(create?.input['Tags']).toEqual([{ Key: 'team', Value: 'a' }]);
  });
});
