import type { ShownPolicy } from '../../findings/policies/policy-queries';
import type { ActionMode } from '../../findings/policies/policy-action';
import type { Candidate } from './automatic-candidates';
import { groupsOf } from './candidate-groups';

const candidate = (id: string, of: Partial<Candidate> = {}): Candidate => ({
  id,
  check_id: 'unused-role',
  policy_name: 'a',
  policy_version: 3,
  idle_since: null,
  quarantined_by_policy: false,
  ...of,
});

const policy = (name: string, mode: ActionMode | null, perCheck = {}): ShownPolicy =>
  ({
    policy: { name, current: { version: 3 } },
    allowed: mode === null ? null : { mode, observableQuarantine: false, perCheck },
  }) as unknown as ShownPolicy;

describe('what policies may do about findings', () => {
  it('is one group for each policy and way of acting, in the order of the findings', () => {
    const policies = [policy('a', 'automatic-quarantine', { 'unused-user': 'propose' }), policy('b', 'propose')];
    const groups = groupsOf(
      [
        candidate('1', { policy_name: 'b' }),
        candidate('2'),
        candidate('3', { check_id: 'unused-user' }),
        candidate('4', { policy_name: 'b', check_id: 'unused-user' }),
      ],
      policies,
    );
    expect(
      groups.map(({ policyName, mode, goal, candidates }) => [policyName, mode, goal, candidates.map(({ id }) => id)]),
    ).toEqual([
      ['b', 'propose', 'deletion', ['1', '4']],
      ['a', 'automatic-quarantine', 'quarantine', ['2']],
      ['a', 'propose', 'deletion', ['3']],
    ]);
  });

  it('is nothing for reports, for versions no longer in force, for unknown policies and for what is not agreed to at all', () => {
    const policies = [policy('a', 'report'), policy('c', null)];
    const found = [candidate('1'), candidate('2', { policy_name: 'c' }), candidate('3', { policy_name: 'gone' })];
    expect(groupsOf(found, policies)).toEqual([]);
    expect(groupsOf([candidate('1', { policy_version: 2 })], [policy('a', 'automatic-deletion')])).toEqual([]);
  });

  it('never goes farther than is right for the check', () => {
    const keys = candidate('1', { check_id: 'access-key-not-rotated' });
    expect(groupsOf([keys], [policy('a', 'automatic-deletion')])).toMatchObject([{ mode: 'propose' }]);
    expect(groupsOf([{ ...keys, check_id: 'root-access-key' }], [policy('a', 'automatic-deletion')])).toEqual([]);
  });

  it('goes on with what a policy has only quarantined so far where it may delete, and only there', () => {
    const held = candidate('1', { quarantined_by_policy: true });
    expect(groupsOf([held], [policy('a', 'automatic-quarantine')])).toEqual([]);
    expect(groupsOf([held], [policy('a', 'propose')])).toEqual([]);
    expect(groupsOf([held], [policy('a', 'automatic-deletion')])).toMatchObject([{ goal: 'deletion' }]);
  });
});
