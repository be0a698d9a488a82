import { aKey, anItem, aRole, aUser, daysAgo, DENY_ALL } from '../actions/test-subjects';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedRole, ObservedUser } from '../observed';
import { somebodysDoing } from './changes';

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
const code = (doing: ReturnType<typeof somebodysDoing>) => doing && `${doing.what} ${doing.why.code}`;

describe('what is in quarantine', () => {
  it('may differ from what was saved in its boundary, in inactive keys and in its use', () => {
    expect(somebodysDoing(item(user), heldUser(), user)).toBeNull();
    const silent = heldUser({ keys: [aKey({ active: false, lastUse: { known: true, at: null } })] });
    expect(somebodysDoing(item(user, { silenced_at: daysAgo(1) }), silent, user)).toBeNull();
    expect(somebodysDoing(item(role), heldRole({ lastUse: { known: false, reason: '' } }), role)).toBeNull();
  });

  it('is over where it is gone, or another one has its name', () => {
    expect(code(somebodysDoing(item(user), null, user))).toBe('ended GONE');
    expect(code(somebodysDoing(item(user), heldUser({ uniqueId: 'AIDAOTHER' }), user))).toBe('ended RE_CREATED');
  });

  it('is over where somebody took the boundary off; keys that we made inactive come back first', () => {
    expect(code(somebodysDoing(item(role), role, role))).toBe('ended NO_QUARANTINE');
    expect(code(somebodysDoing(item(user), user, user))).toBe('ended NO_QUARANTINE');
    const silenced = item(user, { stage: 'silenced', silenced_at: daysAgo(1) });
    expect(code(somebodysDoing(silenced, user, user))).toBe('wanted-back NO_QUARANTINE');
    expect(code(somebodysDoing(silenced, heldUser(), user))).toBe('wanted-back ACTIVE_AGAIN');
  });

  it('is over where a key is active again; its sibling is nobody’s business', () => {
    const keys = [aKey({ active: false }), aKey({ id: 'AKIATWO' })];
    const ofKey = item(user, { course: 'access-key', access_key_id: 'AKIAONE' });
    expect(somebodysDoing(ofKey, aUser({ keys, groups: ['new'] }), user)).toBeNull();
    expect(code(somebodysDoing(ofKey, user, user))).toBe('ended ACTIVE_AGAIN');
    expect(code(somebodysDoing(ofKey, aUser(), user))).toBe('ended GONE');
  });

  it('of an observed key: only that key was made inactive, and a user without it is given back', () => {
    const observed = item(user, { course: 'observed-key', access_key_id: 'AKIAONE', silenced_at: daysAgo(1) });
    expect(code(somebodysDoing(observed, heldUser(), user))).toBe('wanted-back ACTIVE_AGAIN');
    expect(code(somebodysDoing(observed, heldUser({ keys: [] }), user))).toBe('wanted-back GONE');
  });

  it('of a password is over where it was set anew', () => {
    const password = { createdAt: daysAgo(300), lastUse: { known: true, at: null } as const };
    const saved = aUser({ password });
    const ofPassword = item(saved, { course: 'password' });
    expect(somebodysDoing(ofPassword, saved, saved)).toBeNull();
    const anew = aUser({ password: { ...password, createdAt: daysAgo(1) } });
    expect(code(somebodysDoing(ofPassword, anew, saved))).toBe('ended PASSWORD_CHANGED');
    expect(code(somebodysDoing(ofPassword, aUser(), saved))).toBe('ended GONE');
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
    expect(somebodysDoing(item(user), heldUser(changes), user)).toMatchObject({
      what: 'changed',
      why: { reason: `While it was in quarantine somebody changed ${what} of the user alice.` },
    });
  });

  it.each<[string, Partial<ObservedRole>]>([
    ['the trust policy', { trustPolicy: '{}' }],
    ['the instance profiles', { instanceProfileArns: ['arn:aws:iam::123456789012:instance-profile/web'] }],
  ])('of a role: %s as well', (what, changes) => {
    expect(somebodysDoing(item(role), heldRole(changes), role)).toMatchObject({
      what: 'changed',
      why: { reason: expect.stringContaining(what) as string },
    });
  });
});
