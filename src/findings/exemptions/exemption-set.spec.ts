import type { AccountFacts } from '../account-facts';
import type { Subject } from '../subject';
import { aRoot, aUser, keySubject, passwordSubject, roleToJudge, userSubject } from '../test-subjects';
import type { ExemptionLimits, ExemptionScope, Sparing } from './exemption';
import { ExemptionSet } from './exemption-set';

const ACCOUNT: AccountFacts = {
  id: 'a',
  awsAccountId: '111122223333',
  partition: 'aws',
  name: 'Production',
  ouPath: '/Workloads/Prod',
  tags: {},
};
const ANY: ExemptionLimits = { checks: null, kinds: null, accounts: null, organizationalUnits: null };
const ALICE = aUser({ uniqueId: 'AIDAALICE', path: '/people/', name: 'alice', tags: { team: 'data', empty: '' } });

let made = 0;
const sparing = (scope: ExemptionScope, limits: Partial<ExemptionLimits> = {}, endsAt = '2027-01-01'): Sparing => ({
  id: `exemption ${(made += 1)}`,
  scope,
  limits: { ...ANY, ...limits },
  reason: `because of ${scope.kind}`,
  endsAt: new Date(endsAt),
});
const spares = (one: Sparing, subject: Subject, account = ACCOUNT): boolean =>
  new ExemptionSet([one], account).match(subject, 'unused-access-key') !== null;

const user = userSubject(ALICE);
const key = keySubject({ accessKeyId: 'AKIAFIRST' }, { owner: ALICE });
const password = passwordSubject({}, ALICE);

describe('an exemption', () => {
  it('by unique id spares the user with its credentials, and nobody of the same name', () => {
    const one = sparing({ kind: 'identity', uniqueId: 'AIDAALICE' });
    expect([user, key, password].map((subject) => spares(one, subject))).toEqual([true, true, true]);
    expect(spares(one, userSubject({ ...ALICE, uniqueId: 'AIDAALICETHESECOND' }))).toBe(false);
  });

  it('by the id of a key spares that key alone: not its sibling, its user or one whose id is not known', () => {
    const one = sparing({ kind: 'identity', uniqueId: 'AKIAFIRST' });
    expect(spares(one, key)).toBe(true);
    expect(spares(one, user)).toBe(false);
    expect(spares(one, keySubject({ accessKeyId: 'AKIASECOND' }, { owner: ALICE }))).toBe(false);
    expect(spares(one, keySubject({ accessKeyId: null }, { owner: ALICE }))).toBe(false);
  });

  it.each([
    ['/people/*', true],
    ['*alice', true],
    ['/people/alic?', true],
    ['/people/', false],
    ['alice', false],
    ['/PEOPLE/*', false],
  ])('by the glob %s: %s', (pattern, expected) => {
    expect(spares(sparing({ kind: 'glob', pattern }), key)).toBe(expected);
  });

  it.each([
    ['team', null, true],
    ['team', 'da*', true],
    ['team', 'd', false],
    ['empty', null, true],
    ['Team', null, false],
    ['constructor', null, false],
  ])('by the tag %s = %s: %s', (tag, value, expected) => {
    expect(spares(sparing({ kind: 'tag', key: tag, value }), password)).toBe(expected);
  });

  it('of an account spares everything in it, and nothing elsewhere', () => {
    const one = sparing({ kind: 'account', awsAccountId: '111122223333' });
    expect(spares(one, roleToJudge())).toBe(true);
    expect(spares(one, roleToJudge(), { ...ACCOUNT, awsAccountId: '444455556666' })).toBe(false);
  });

  it('spares the root user by its own id only', () => {
    const root = userSubject(aRoot({ uniqueId: '111122223333', path: '/', tags: { team: 'data' } }));
    expect(spares(sparing({ kind: 'glob', pattern: '*' }), root)).toBe(false);
    expect(spares(sparing({ kind: 'tag', key: 'team', value: null }), root)).toBe(false);
    expect(spares(sparing({ kind: 'account', awsAccountId: '111122223333' }), root)).toBe(false);
    expect(spares(sparing({ kind: 'identity', uniqueId: '111122223333' }), root)).toBe(true);
  });

  it.each<[string, Partial<ExemptionLimits>, boolean]>([
    ['another check', { checks: ['unused-role'] }, false],
    ['its check', { checks: ['unused-role', 'unused-access-key'] }, true],
    ['another kind', { kinds: ['user', 'role'] }, false],
    ['its kind', { kinds: ['access-key'] }, true],
    ['another account', { accounts: ['444455556666'] }, false],
    ['its account', { accounts: ['444455556666', '111122223333'] }, true],
    ['another unit', { organizationalUnits: ['/Workloads/Pro', '/Sandbox'] }, false],
    ['a unit above', { organizationalUnits: ['/Workloads/'] }, true],
    ['all units', { organizationalUnits: ['/'] }, true],
  ])('limited to %s: %s %s', (_what, limits, expected) => {
    expect(spares(sparing({ kind: 'glob', pattern: '*' }, limits), key)).toBe(expected);
  });

  it('that is limited to units holds in no account that belongs to none', () => {
    const one = sparing({ kind: 'glob', pattern: '*' }, { organizationalUnits: ['/'] });
    expect(spares(one, key, { ...ACCOUNT, ouPath: null })).toBe(false);
  });
});

describe('of several exemptions', () => {
  const wide = sparing({ kind: 'account', awsAccountId: '111122223333' });
  const tag = sparing({ kind: 'tag', key: 'team', value: null });
  const glob = sparing({ kind: 'glob', pattern: '*' });
  const short = sparing({ kind: 'identity', uniqueId: 'AIDAALICE' }, {}, '2026-12-01');
  const long = sparing({ kind: 'identity', uniqueId: 'AIDAALICE' }, {}, '2026-12-02');
  const shown = (...all: Sparing[]) => new ExemptionSet(all, ACCOUNT).match(user, 'unused-user')?.id;

  it('the narrowest one is shown, and of equals the one that lasts longest, in whatever order they come', () => {
    expect(shown(wide, tag, glob, short, long)).toBe(long.id);
    expect(shown(long, short, glob, tag, wide)).toBe(long.id);
    expect(shown(wide, tag, glob)).toBe(glob.id);
    expect(shown(wide, tag)).toBe(tag.id);
    expect(shown(wide)).toBe(wide.id);
  });
});
