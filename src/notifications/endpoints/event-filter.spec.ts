import { eventFilter, type EventFilter, matches } from './event-filter';

const ACCOUNT = '01930000-0000-7000-8000-000000000001';
const OTHER = '01930000-0000-7000-8000-000000000002';
const opened = {
  type: 'finding.opened',
  facets: {
    accountId: ACCOUNT,
    checkId: 'unused-role',
    severity: 'high',
    owner: 'Payments',
    ouPath: '/Workloads/Prod',
  },
};
const plan = { type: 'plan.proposed', facets: {} };

describe('a filter', () => {
  it.each<[string, EventFilter, boolean]>([
    ['nothing at all', {}, true],
    ['its type', { types: ['finding.opened'] }, true],
    ['its family', { types: ['scan.failed', 'finding.*'] }, true],
    ['another type', { types: ['finding.resolved'] }, false],
    ['a family that only begins alike', { types: ['find.*'] }, false],
    ['its check', { checks: ['unused-user', 'unused-role'] }, true],
    ['another check', { checks: ['unused-user'] }, false],
    ['its severity', { severities: ['high', 'critical'] }, true],
    ['another severity', { severities: ['critical'] }, false],
    ['its account', { accountIds: [OTHER, ACCOUNT] }, true],
    ['another account', { accountIds: [OTHER] }, false],
    ['its OU', { ous: ['/Workloads/Prod'] }, true],
    ['an OU above it', { ous: ['/Workloads/'] }, true],
    ['the root', { ous: ['/'] }, true],
    ['an OU whose name only begins alike', { ous: ['/Workloads/Pro'] }, false],
    ['an OU below it', { ous: ['/Workloads/Prod/A'] }, false],
    ['its owner in other letters', { owners: ['payments'] }, true],
    ['another owner', { owners: ['search'] }, false],
    ['several that all fit', { types: ['finding.*'], severities: ['high'], ous: ['/Workloads'] }, true],
    ['several of which one does not', { types: ['finding.*'], severities: ['low'] }, false],
  ])('that names %s', (_what, filter, expected) => {
    expect(matches(filter, opened)).toBe(expected);
  });

  it('takes nothing that lacks what it names', () => {
    expect(matches({}, plan)).toBe(true);
    expect(matches({ types: ['plan.*'] }, plan)).toBe(true);
    for (const filter of [
      { checks: ['unused-role'] },
      { severities: ['high' as const] },
      { accountIds: [ACCOUNT] },
      { ous: ['/'] },
      { owners: ['payments'] },
    ]) {
      expect(matches(filter, plan)).toBe(false);
    }
  });

  it.each([
    [{ types: [] }, 'types'],
    [{ types: ['finding'] }, 'types'],
    [{ types: ['*'] }, 'types'],
    [{ severities: ['urgent'] }, 'severities'],
    [{ ous: ['Workloads'] }, 'ous'],
    [{ accountIds: ['123456789012'] }, 'accountIds'],
    [{ owners: [' '] }, 'owners'],
    [{ account: ACCOUNT }, ''],
  ])('is refused as %j', (filter, field) => {
    const read = eventFilter.safeParse(filter);
    expect(read.success).toBe(false);
    expect(read.error?.issues.map(({ path }) => path[0] ?? '')).toEqual([field]);
  });
});
