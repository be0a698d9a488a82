import type { InventoryAccessKey, LastUsed } from '../inventory';
import { sameSecond, wholeSeconds } from './tracking';

/** An access key as `ListAccessKeys` shows it. */
export interface ListedKey {
  readonly accessKeyId: string;
  readonly active: boolean;
  readonly createdAt: Date;
  /** `GetAccessKeyLastUsed`, read only where dates of creation collide; undefined: not read; null: no use known. */
  readonly lastUsedAt?: Date | null;
}

export interface NamedKeys {
  /** In the order given, with ids where they are certain. */
  readonly keys: readonly InventoryAccessKey[];
  readonly unnamed: readonly { readonly slot: number; readonly reason: string }[];
}

/**
 * Gives the report's keys their ids. A key is known by the second of its creation, never by its place in a list (other
 * tools deleted the wrong key that way). Two keys of one second are told apart by status and last use; where that
 * leaves a doubt, neither gets a name.
 */
export function nameKeys(reported: readonly InventoryAccessKey[], listed: readonly ListedKey[]): NamedKeys {
  const ids = new Map<number, ListedKey>();
  const unnamed: { slot: number; reason: string }[] = [];
  for (const key of reported) {
    const { createdAt } = key;
    if (!createdAt) {
      unnamed.push({ slot: key.slot, reason: 'The credential report does not say when this key was created.' });
      continue;
    }
    const rivals = reported.filter((other) => other.createdAt && sameSecond(other.createdAt, createdAt));
    const candidates = listed.filter((candidate) => sameSecond(candidate.createdAt, createdAt));
    const [only] = candidates;
    if (rivals.length === 1 && candidates.length === 1 && only) {
      ids.set(key.slot, only);
      continue;
    }
    const match = candidates.length === rivals.length ? uniqueMatch(rivals, candidates)?.get(key.slot) : undefined;
    if (match) ids.set(key.slot, match);
    else unnamed.push({ slot: key.slot, reason: doubt(createdAt, rivals.length, candidates.length) });
  }
  return {
    unnamed,
    keys: reported.map((key) => {
      const match = ids.get(key.slot);
      // The list is fresh, the report up to four hours old.
      return match ? { ...key, accessKeyId: match.accessKeyId, active: match.active } : key;
    }),
  };
}

/**
 * The listed keys whose last use has to be read before `nameKeys` can tell them apart: those of one second and one
 * status, unless the report says the same of both anyway, so that either name is right.
 */
export function undecided(listed: readonly ListedKey[], reported?: readonly InventoryAccessKey[]): ListedKey[] {
  return listed.filter((key) => {
    const twin = listed.some(
      (other) => other !== key && other.active === key.active && sameSecond(other.createdAt, key.createdAt),
    );
    if (!twin) return false;
    const candidates = reported?.filter((one) => one.createdAt && sameSecond(one.createdAt, key.createdAt)) ?? [];
    return candidates.length === 0 ? reported === undefined : !alike(candidates.map(reportedFacts));
  });
}

function doubt(createdAt: Date, reported: number, listed: number): string {
  const second = createdAt.toISOString();
  if (listed === 0)
    return `IAM lists no access key created at ${second}: it was deleted since the credential report was made.`;
  if (listed !== reported)
    return `IAM lists ${listed} access keys created at ${second}, the credential report ${reported}.`;
  return `${listed} access keys were created at ${second}, and neither status nor last use tells which is which.`;
}

/** The one way to pair them that contradicts nothing; or any, where the pairs cannot be told apart in anything. */
function uniqueMatch(
  reported: readonly InventoryAccessKey[],
  listed: readonly ListedKey[],
): Map<number, ListedKey> | null {
  const byId = [...listed].sort((a, b) => (a.accessKeyId < b.accessKeyId ? -1 : 1));
  const possible = permutations(byId).filter((order) =>
    reported.every((key, index) => order[index] !== undefined && mayBe(key, order[index])),
  );
  const [first, ...others] = possible;
  if (!first || (others.length > 0 && !(alike(reported.map(reportedFacts)) && alike(byId.map(listedFacts)))))
    return null;
  return new Map(reported.flatMap((key, index) => (first[index] ? [[key.slot, first[index]] as const] : [])));
}

/** Use only moves forward between the report and the fresh look; a status that differs is a doubt where dates collide. */
function mayBe(key: InventoryAccessKey, candidate: ListedKey): boolean {
  if (key.active !== candidate.active) return false;
  if (candidate.lastUsedAt === undefined || key.lastUsed.state === 'unknown') return true;
  if (key.lastUsed.state !== 'at') return true;
  return candidate.lastUsedAt !== null && wholeSeconds(candidate.lastUsedAt).getTime() >= key.lastUsed.at.getTime();
}

const used = (lastUsed: LastUsed): string => (lastUsed.state === 'at' ? lastUsed.at.toISOString() : lastUsed.state);
const reportedFacts = (key: InventoryAccessKey): string => `${String(key.active)} ${used(key.lastUsed)}`;
const listedFacts = (key: ListedKey): string =>
  `${String(key.active)} ${key.lastUsedAt?.toISOString() ?? String(key.lastUsedAt)}`;
const alike = (texts: readonly string[]): boolean => new Set(texts).size === 1;

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, index) =>
        permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
      );
