import { aKey, anItem, aRole, aUser, contextOf, daysAgo, DENY_ALL, sent } from '../actions/test-subjects';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedRole, ObservedUser } from '../observed';
import type { IntendedStep } from '../steps';
import { type SomebodysDoing, somebodysDoing } from './changes';

const user = aUser({ keys: [aKey()], groups: ['readers'], tags: { team: 'a' } });
const role = aRole({ attachedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] });
const heldUser = (changes: Partial<ObservedUser> = {}): ObservedUser => ({
  ...user,
  boundaryArn: DENY_ALL,
  ...changes,
});
const heldRole = (changes: Partial<ObservedRole> = {}): ObservedRole => ({
  ...role,
  boundaryArn: DENY_ALL,
  ...changes,
});
const item = (seen: Observed, changes: Partial<PlanItemRow> = {}) =>
  anItem(seen, { stage: 'quarantined', quarantined_at: daysAgo(1), ...changes });
const doingTo = (
  of: PlanItemRow,
  seen: Observed | null,
  snapshot: Observed,
  ...intended: IntendedStep[]
): SomebodysDoing | null => somebodysDoing(seen, contextOf(of, { snapshot, intended }));
const code = (doing: SomebodysDoing | null) => doing && `${doing.what} ${doing.why.code}`;

describe('what is in quarantine', () => {
  it('may differ from what was saved in its boundary, in inactive keys and in its use', () => {
    expect(doingTo(item(user), heldUser(), user)).toBeNull();
    const silent = heldUser({ keys: [aKey({ active: false, lastUse: { known: true, at: null } })] });
    expect(doingTo(item(user, { silenced_at: daysAgo(1) }), silent, user)).toBeNull();
    expect(doingTo(item(role), heldRole({ lastUse: { known: false, reason: '' } }), role)).toBeNull();
  });

  it('is over where it is gone, or another one has its name', () => {
    expect(code(doingTo(item(user), null, user))).toBe('ended GONE');
    expect(code(doingTo(item(user), heldUser({ uniqueId: 'AIDAOTHER' }), user))).toBe('ended RE_CREATED');
  });

  it('is over where somebody took the boundary off; keys that we made inactive come back first', () => {
    expect(code(doingTo(item(role), role, role))).toBe('ended NO_QUARANTINE');
    expect(code(doingTo(item(user), user, user))).toBe('ended NO_QUARANTINE');
    const silenced = item(user, { stage: 'silenced', silenced_at: daysAgo(1) });
    expect(code(doingTo(silenced, user, user))).toBe('wanted-back NO_QUARANTINE');
    expect(code(doingTo(silenced, heldUser(), user))).toBe('wanted-back ACTIVE_AGAIN');
  });

  it('is over where somebody took the boundary off while its keys were being made inactive: those come back', () => {
    const keys = [aKey({ active: false }), aKey({ id: 'AKIATWO' })];
    const saved = aUser({ keys: [aKey(), aKey({ id: 'AKIATWO' })] });
    const ours = sent('iam:UpdateAccessKey', { UserName: 'alice', AccessKeyId: 'AKIAONE', Status: 'Inactive' });
    expect(code(doingTo(item(saved), aUser({ keys }), saved, ours))).toBe('wanted-back NO_QUARANTINE');
    // Somebody else’s doing: maybe it was leaked.
    expect(code(doingTo(item(saved), aUser({ keys }), saved))).toBe('ended NO_QUARANTINE');
  });

  it('cannot be over where it never was: only what AWS did accept may have been taken back', () => {
    const halted = { stage: 'halted', stage_before: 'quarantining', quarantined_at: null } as const;
    const ofRole = item(role, halted);
    const put = (outcome: IntendedStep['outcome']) =>
      sent('iam:PutRolePermissionsBoundary', { RoleName: 'job', PermissionsBoundary: DENY_ALL }, outcome);
    expect(doingTo(ofRole, role, role, put('failed'))).toBeNull();
    expect(code(doingTo(ofRole, role, role, put('failed'), put('done')))).toBe('ended NO_QUARANTINE');
    const ofKey = item(user, { ...halted, course: 'access-key', access_key_id: 'AKIAONE' });
    expect(doingTo(ofKey, user, user)).toBeNull();
    expect(code(doingTo(ofKey, aUser(), user))).toBe('ended GONE');
    expect(doingTo(ofRole, aRole({ tags: { new: 'one' } }), role)).toMatchObject({
      what: 'changed',
      why: { reason: expect.stringMatching(/^Before it was in quarantine somebody changed/) as string },
    });
  });

  it('is over where a key is active again; its sibling is nobody’s business', () => {
    const keys = [aKey({ active: false }), aKey({ id: 'AKIATWO' })];
    const ofKey = item(user, { course: 'access-key', access_key_id: 'AKIAONE' });
    expect(doingTo(ofKey, aUser({ keys, groups: ['new'] }), user)).toBeNull();
    expect(code(doingTo(ofKey, user, user))).toBe('ended ACTIVE_AGAIN');
    expect(code(doingTo(ofKey, aUser(), user))).toBe('ended GONE');
  });

  it('of an observed key: only that key was made inactive, and a user without it is given back', () => {
    const observed = item(user, { course: 'observed-key', access_key_id: 'AKIAONE', silenced_at: daysAgo(1) });
    expect(code(doingTo(observed, heldUser(), user))).toBe('wanted-back ACTIVE_AGAIN');
    expect(code(doingTo(observed, heldUser({ keys: [] }), user))).toBe('wanted-back GONE');
  });

  it('of a password is over where it was set anew', () => {
    const password = { createdAt: daysAgo(300), lastUse: { known: true, at: null } as const };
    const saved = aUser({ password });
    const ofPassword = item(saved, { course: 'password' });
    expect(doingTo(ofPassword, saved, saved)).toBeNull();
    const anew = aUser({ password: { ...password, createdAt: daysAgo(1) } });
    expect(code(doingTo(ofPassword, anew, saved))).toBe('ended PASSWORD_CHANGED');
    expect(code(doingTo(ofPassword, aUser(), saved))).toBe('ended GONE');
  });

  it.each<[string, Partial<ObservedUser>]>([
    ['the tags', { tags: { team: 'b' } }],
    ['the groups', { groups: ['readers', 'admins'] }],
    ['the inline policies', { inlinePolicies: { own: '{}' } }],
    ['the attached policies', { attachedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
    ['the access keys', { keys: [aKey(), aKey({ id: 'AKIATWO' })] }],
    ['the password', { password: { createdAt: daysAgo(1), lastUse: { known: true, at: null } } }],
    ['the MFA devices', { mfaDevices: [{ serialNumber: 'HW', virtual: false }] }],
    ['the SSH keys', { sshKeys: [{ id: 'APKA', active: true, body: 'ssh-rsa' }] }],
  ])('is for people to look at where somebody changed %s', (what, changes) => {
    expect(doingTo(item(user), heldUser(changes), user)).toMatchObject({
      what: 'changed',
      why: { reason: `While it was in quarantine somebody changed ${what} of the user alice.` },
    });
  });

  it.each<[string, Partial<ObservedRole>]>([
    ['the trust policy', { trustPolicy: '{}' }],
    ['the instance profiles', { instanceProfileArns: ['arn:aws:iam::123456789012:instance-profile/web'] }],
  ])('of a role: %s as well', (what, changes) => {
    expect(doingTo(item(role), heldRole(changes), role)).toMatchObject({
      what: 'changed',
      why: { reason: expect.stringContaining(what) as string },
    });
  });
});
