import fc from 'fast-check';
import type { AccountFacts } from '../account-facts';
import { aUser, keySubject, passwordSubject, roleToJudge, userSubject } from '../test-subjects';
import { DEFAULT_OWNER_RULES, type OwnerRule, OwnerRules } from './owner-rules';

const ACCOUNT: AccountFacts = {
  id: 'a',
  awsAccountId: '111122223333',
  partition: 'aws',
  name: 'Production',
  ouPath: '/Workloads/Prod',
  tags: { team: 'platform' },
};
const none = new Map<string, string | null>();
const alone = (rule: OwnerRule, subject = ROLE): string | null =>
  new OwnerRules([rule], none).ownerOf(subject, ACCOUNT);
const ROLE = roleToJudge({ name: 'loader', path: '/teams/data/', tags: { owner: ' ', Team: 'Data Team' } });

describe('each rule', () => {
  it.each<[OwnerRule, string | null]>([
    [{ kind: 'identity-tag', keys: ['owner', 'Team'] }, 'Data Team'],
    [{ kind: 'identity-tag', keys: ['owner'] }, null],
    [{ kind: 'identity-tag', keys: ['constructor'] }, null],
    [{ kind: 'account-tag', keys: ['owner', 'team'] }, 'platform'],
    [{ kind: 'path-segment', segment: 2 }, 'data'],
    [{ kind: 'path-segment', segment: 3 }, null],
    [{ kind: 'path-prefix', value: '/teams/', owner: 'x' }, 'x'],
    [{ kind: 'path-prefix', value: '/team/', owner: 'x' }, null],
    [{ kind: 'glob', value: '*/loader', owner: 'x' }, 'x'],
    [{ kind: 'glob', value: '/loader', owner: 'x' }, null],
    [{ kind: 'account', value: '111122223333', owner: 'x' }, 'x'],
    [{ kind: 'account', value: '444455556666', owner: 'x' }, null],
    [{ kind: 'organizational-unit', value: '/Workloads', owner: 'x' }, 'x'],
    [{ kind: 'organizational-unit', value: '/Work', owner: 'x' }, null],
  ])('%j gives %s', (rule, owner) => {
    expect(alone(rule)).toBe(owner);
  });
});

describe('whose something is', () => {
  it('is, without rules, what the tags of the user or role say, then those of the account', () => {
    const rules = new OwnerRules(DEFAULT_OWNER_RULES, none);
    expect(rules.ownerOf(userSubject({ tags: { team: 'b', owner: 'a' } }), ACCOUNT)).toBe('a');
    expect(rules.ownerOf(userSubject(), ACCOUNT)).toBe('platform');
    expect(rules.ownerOf(userSubject(), { ...ACCOUNT, tags: {} })).toBeNull();
  });

  it('is the same for a user, its password and its keys', () => {
    const owner = aUser({ tags: { owner: 'a' }, uniqueId: 'AIDAPINNED' });
    const subjects = [userSubject(owner), passwordSubject({}, owner), keySubject({}, { owner })];
    for (const pins of [none, new Map([['AIDAPINNED', 'somebody else']]), new Map([['AIDAPINNED', null]])]) {
      const rules = new OwnerRules(DEFAULT_OWNER_RULES, pins);
      expect(new Set(subjects.map((subject) => rules.ownerOf(subject, ACCOUNT))).size).toBe(1);
    }
  });

  it('is decided by what people said, then by the first rule that gives an owner, whatever the rules', () => {
    const name = fc.constantFrom('data', 'web', 'ops');
    const anyRule: fc.Arbitrary<OwnerRule> = fc.oneof(
      fc.record({
        kind: fc.constantFrom('identity-tag' as const, 'account-tag' as const),
        keys: fc.array(fc.constantFrom('owner', 'team', 'cost'), { minLength: 1 }),
      }),
      fc.record({ kind: fc.constant('path-segment' as const), segment: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        kind: fc.constantFrom('path-prefix' as const, 'glob' as const, 'organizational-unit' as const),
        value: fc.constantFrom('/', '/a/', '/a/b/', '/a/*', '*', '/Workloads', '/Other'),
        owner: name,
      }),
      fc.record({
        kind: fc.constant('account' as const),
        value: fc.constantFrom('111122223333', '444455556666'),
        owner: name,
      }),
    );
    const tags = fc.dictionary(fc.constantFrom('owner', 'team', 'cost'), fc.constantFrom('', ' ', 'data', 'web'));
    const pins = fc.array(fc.tuple(fc.constantFrom<string>('AROAONE', 'AROATWO'), fc.option(name)), { maxLength: 2 });
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 6 }),
        fc.record({
          path: fc.constantFrom('/', '/a/', '/a/b/'),
          tags,
          uniqueId: fc.constantFrom<string>('AROAONE', 'AROAX'),
        }),
        tags,
        pins,
        (rules, role, accountTags, pinned) => {
          const subject = roleToJudge(role);
          const account = { ...ACCOUNT, tags: accountTags };
          const said = new Map(pinned);
          const whole = new OwnerRules(rules, said).ownerOf(subject, account);
          const each = rules.map((rule) => new OwnerRules([rule], none).ownerOf(subject, account));
          const expected = said.has(role.uniqueId) ? said.get(role.uniqueId) : each.find((one) => one !== null);
          expect(whole).toBe(expected ?? null);
          if (whole !== null) expect(whole.trim()).not.toBe('');
        },
      ),
      { numRuns: 500 },
    );
  });
});
