import { defaultRules } from '../rules/cleanup-rules';
import { approvalsOf, type CountedItem, paceOf } from './plan-terms';

const item = (changes: Partial<CountedItem> = {}): CountedItem => ({
  account_id: 'a',
  aws_account_id: '111122223333',
  course: 'role',
  name: 'reporting',
  approved: { tags: {} },
  ...changes,
});
const items = (count: number, changes: Partial<CountedItem> = {}): CountedItem[] =>
  Array.from({ length: count }, () => item(changes));

describe('approvals', () => {
  const rules = {
    ...defaultRules.approvals,
    ...{ largeFrom: 10, neededWhenLarge: 2, productionTags: ['env=prod*'], neededForProduction: 3 },
  };
  const of = (of: readonly CountedItem[], tags: Record<string, string> = {}) => approvalsOf(of, () => tags, rules);

  it('are the usual number for an ordinary plan', () => {
    expect(of(items(9))).toEqual({ needed: 1, because: [] });
  });

  it('are more from so many items on', () => {
    expect(of(items(10))).toMatchObject({ needed: 2, because: [expect.stringContaining('10 items')] });
  });

  it('are more where the account or an item is tagged as production', () => {
    expect(of(items(1), { env: 'production' })).toMatchObject({ needed: 3 });
    expect(of([item(), item({ approved: { tags: { env: 'prod' } } })])).toMatchObject({ needed: 3 });
  });
});

describe('the pace', () => {
  it('counts the days under the cap of a day, and executions under that of an account', () => {
    const two = [...items(60, { account_id: 'a' }), ...items(1_000, { account_id: 'b' })];
    expect(paceOf(two, 'quarantine', defaultRules)).toMatchObject({ days: 3, executions: 40, daysToTheEnd: 3 });
  });

  it('ends with the item that is held for longest', () => {
    const { graceDays } = defaultRules;
    const user = item({ course: 'user' });
    expect(paceOf([user], 'deletion', defaultRules).daysToTheEnd).toBe(1 + graceDays.user + 1);
    expect(paceOf([user, item()], 'deletion', defaultRules).daysToTheEnd).toBe(1 + graceDays.role);
  });
});
