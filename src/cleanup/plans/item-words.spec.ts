import { COURSES } from '../items/plan-item';
import { defaultRules } from '../rules/cleanup-rules';
import { approvedFacts } from './approved-facts';
import { itemWords } from './item-words';
import { aCandidate } from './test-candidates';

const item = { access_key_id: 'AKIA1', approved: approvedFacts(aCandidate(), 90), continues_item_id: null };
const all = COURSES.flatMap((course) =>
  (['quarantine', 'deletion'] as const).map((goal) => ({
    course,
    goal,
    words: itemWords({ ...item, course }, goal, defaultRules),
  })),
);

describe('the words for an item', () => {
  it('say for every course and goal what is done and what comes back', () => {
    for (const { words } of all) {
      expect(words.willBeDone.length).toBeGreaterThan(1);
      expect(words.comesBack.length).toBeGreaterThan(0);
      for (const text of Object.values(words).flat()) expect(text).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('speak of deleting only where the goal is to delete, and of losses only then', () => {
    for (const { goal, words } of all) {
      const deletes = words.willBeDone.some((text) => /^Delete /.test(text));
      expect([deletes, words.neverComesBack.length > 0]).toEqual([goal === 'deletion', goal === 'deletion']);
    }
  });

  it('tell the days of the rules', () => {
    const { willBeDone } = itemWords({ ...item, course: 'role' }, 'deletion', defaultRules);
    expect(willBeDone.join(' ')).toContain(`For ${defaultRules.graceDays.role} days`);
  });

  it('keep the boundary of a role to the end, and begin from the quarantine that is there', () => {
    const { willBeDone } = itemWords({ ...item, course: 'role', continues_item_id: 'x' }, 'deletion', defaultRules);
    expect(willBeDone[0]).toBe('It is in quarantine already, and stays in it.');
    expect(willBeDone.at(-1)).toBe('Delete the role.');
  });
});
