import { anItem, aUser } from '../actions/test-subjects';
import { STAGES, type Stage } from '../items/plan-item';
import { type Restorable, wayBack } from './restorable';

const restorable = (stage: Stage, changes: Partial<Restorable> = {}): Restorable => ({
  ...anItem(aUser(), { stage }),
  beyond_return: false,
  has_snapshot: true,
  has_restore_role: true,
  ...changes,
});
const codeOf = (item: Restorable): string => {
  const way = wayBack(item);
  return way.way === 'none' ? way.why.code : way.way;
};

describe('the way back', () => {
  it('is there for whatever is in quarantine', () => {
    for (const stage of ['quarantining', 'announced', 'quarantined', 'silenced', 'deleting', 'halted'] as const) {
      expect(codeOf(restorable(stage, { has_snapshot: false, has_restore_role: false }))).toBe('give-back');
    }
  });

  it('leads through the restore role once something was deleted', () => {
    expect(codeOf(restorable('deleted', { beyond_return: true }))).toBe('make-again');
    expect(codeOf(restorable('halted', { beyond_return: true }))).toBe('make-again');
    expect(codeOf(restorable('deleting', { beyond_return: true }))).toBe('DELETION_UNDER_WAY');
    expect(codeOf(restorable('deleted', { has_restore_role: false }))).toBe('NO_RESTORE_ROLE');
    expect(codeOf(restorable('deleted', { has_snapshot: false }))).toBe('NO_SNAPSHOT');
  });

  it('takes the boundary off a user whose observed key is gone', () => {
    expect(codeOf(restorable('halted', { course: 'observed-key', beyond_return: true }))).toBe('give-back');
  });

  it('does not exist for secrets', () => {
    for (const course of ['access-key', 'observed-key', 'password'] as const) {
      expect(codeOf(restorable('deleted', { course }))).toBe('NEVER_COMES_BACK');
      expect(codeOf(restorable('quarantined', { course }))).toBe('give-back');
    }
  });

  it('is refused in words with a remedy wherever there is none', () => {
    for (const stage of STAGES) {
      const way = wayBack(restorable(stage, { has_snapshot: false }));
      if (way.way === 'none') expect(way.why.remedy).toMatch(/\.$/);
    }
    expect(codeOf(restorable('waiting'))).toBe('UNTOUCHED');
    expect(codeOf(restorable('restored'))).toBe('BACK_ALREADY');
    expect(codeOf(restorable('returning'))).toBe('under-way');
  });
});
