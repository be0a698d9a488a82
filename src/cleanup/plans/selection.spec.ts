import { saysNothing } from './selection';

describe('a filter that says nothing', () => {
  it.each([[{}], [{ checkIds: null }], [{ identity: {} }], [{ identity: { account: { ids: null } }, owner: null }]])(
    'is %j',
    (filter) => expect(saysNothing(filter)).toBe(true),
  );

  it('is one that only asks for open findings, which goes without saying', () => {
    expect(saysNothing({ statuses: ['open'] })).toBe(true);
  });

  it.each([
    [{ checkIds: ['unused-role' as const] }],
    [{ identity: { isRoot: false } }],
    [{ idleDaysAtLeast: 0 }],
    // An error where it is used, and never "any".
    [{ checkIds: [] }],
  ])('is not %j', (filter) => expect(saysNothing(filter)).toBe(false));
});
