import { type DraftedItem, noMoreThan } from './no-more-than';
import type { PreparedItem } from './plan-preparation.service';

const drafted = (changes: Partial<DraftedItem> = {}): DraftedItem => ({
  ...{ id: 'drafted', identity_id: 'x', course: 'password', stage: 'waiting', finding_ids: ['f'] },
  ...changes,
});
const now = (changes: Partial<PreparedItem> = {}): PreparedItem[] => [
  { id: 'new', identity_id: 'x', course: 'password', refusal: null, ...changes } as PreparedItem,
];
const codes = (before: readonly DraftedItem[], items: readonly PreparedItem[]) =>
  noMoreThan(before, items).map(({ id, refusal }) => [id, refusal?.code ?? null]);

describe('what is proposed', () => {
  it('keeps the ids of the draft', () => expect(codes([drafted()], now())).toEqual([['drafted', null]]));

  it('is refused where the draft refused it, showed another course, or did not show it', () => {
    const refused = [['drafted', 'CHANGED_SINCE_DRAFT']];
    expect(codes([drafted({ stage: 'refused' })], now())).toEqual(refused);
    expect(codes([drafted()], now({ course: 'user' }))).toEqual(refused);
    expect(codes([], now())).toEqual([['new', 'CHANGED_SINCE_DRAFT']]);
  });

  it('keeps a refusal of its own', () => {
    const refusal = { code: 'EXEMPT', reason: 'r', remedy: 'r' };
    expect(codes([drafted()], now({ refusal }))).toEqual([['drafted', 'EXEMPT']]);
  });
});
