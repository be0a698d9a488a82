import type { InventoryAccessKey, InventoryUser } from '../inventory';
import { type ListedKey, nameKeys } from './name-keys';
import { sameSecond } from './tracking';

const YOUNGER_THAN_REPORT = {
  state: 'unknown',
  reason: 'The key was created after the credential report was made.',
} as const;

/**
 * A user with its keys as `ListAccessKeys` shows them now: ids filled in, those deleted since the report (up to four
 * hours old) gone, those made since there. Two keys of one second are kept where the list leaves a doubt.
 */
export function withFreshKeys(user: InventoryUser, listed: readonly ListedKey[]): InventoryUser {
  if (user.credentials.state === 'unknown') return user;
  const reported = user.credentials.value.accessKeys;
  const born = (at: Date | null, other: Date | null): boolean => at !== null && other !== null && sameSecond(at, other);
  const stillThere = nameKeys(reported, listed).keys.filter(
    ({ createdAt }) => createdAt === null || listed.some((key) => born(key.createdAt, createdAt)),
  );
  const datesKnown = reported.every(({ createdAt }) => createdAt !== null);
  const freeSlots = [1, 2].filter((slot) => stillThere.every((key) => key.slot !== slot));
  const made = datesKnown
    ? listed
        .filter((key) => !reported.some(({ createdAt }) => born(createdAt, key.createdAt)))
        .map((key, index): InventoryAccessKey => ({
          kind: 'access-key',
          slot: freeSlots[index] ?? 3 + index,
          accessKeyId: key.accessKeyId,
          active: key.active,
          createdAt: key.createdAt,
          lastUsed: YOUNGER_THAN_REPORT,
        }))
    : [];
  const accessKeys = [...stillThere, ...made].sort((a, b) => a.slot - b.slot);
  return { ...user, credentials: { state: 'known', value: { ...user.credentials.value, accessKeys } } };
}
