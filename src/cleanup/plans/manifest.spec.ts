import { defaultRules } from '../rules/cleanup-rules';
import { approvedFacts } from './approved-facts';
import { itemHash, type ManifestHead, type ManifestItem, manifestHash } from './manifest';
import { aCandidate } from './test-candidates';

const head: ManifestHead = {
  ...{ tenant_id: 't', id: 'p', title: 'Delete 1 role', note: null, mode: 'by-hand', goal: 'deletion', dry_run: false },
  ...{ policy_name: null, policy_version: null, approvals_needed: 1, made_by: 'ann', stands_for: 'ann', selection: {} },
  terms: {
    ...{ rules: defaultRules, approvals: { needed: 1, because: [] }, shares: [] },
    pace: { days: 1, perDay: 500, perExecution: 25, executions: 1, daysToTheEnd: 36 },
  },
};
const item = (position: number): ManifestItem => ({
  ...{ id: `i${position}`, position, account_id: 'a', aws_account_id: '111122223333', partition: 'aws' },
  ...{ identity_id: `r${position}`, course: 'role', principal_id: 'AROA1', name: 'x', path: '/', arn: 'arn' },
  ...{ access_key_id: null, finding_ids: ['f'], check_ids: ['unused-role'], references_found: [] },
  ...{ approved: approvedFacts(aCandidate(), 90), continues_item_id: null },
});
const items = [item(1), item(2)];

describe('the hash of a manifest', () => {
  it('is the same for the same data, in whatever order it was stored', () => {
    const stored = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, one]) => [key, stored(one)]),
          )
        : value;
    const again = items.map((one) => stored(one) as ManifestItem).reverse();
    expect(manifestHash(stored(head) as ManifestHead, again)).toBe(manifestHash(head, items));
    expect(manifestHash(head, items)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(Object.keys(head) as (keyof ManifestHead)[])('is another one when the plan’s %s changes', (field) => {
    expect(manifestHash({ ...head, [field]: 'changed' }, items)).not.toBe(manifestHash(head, items));
  });

  it.each((Object.keys(item(1)) as (keyof ManifestItem)[]).filter((field) => field !== 'position'))(
    'is another one when an item’s %s changes',
    (field) => {
      const changed = { ...item(2), [field]: 'changed' };
      expect(itemHash(changed)).not.toBe(itemHash(item(2)));
      expect(manifestHash(head, [item(1), changed])).not.toBe(manifestHash(head, items));
    },
  );

  it('is another one when an item is added, left out, or changes places', () => {
    const hash = manifestHash(head, items);
    expect(manifestHash(head, [item(1)])).not.toBe(hash);
    expect(manifestHash(head, [...items, item(3)])).not.toBe(hash);
    expect(
      manifestHash(head, [
        { ...item(1), position: 2 },
        { ...item(2), position: 1 },
      ]),
    ).not.toBe(hash);
  });
});
