/**
 * The word that was probably meant, for "did you mean …?"; undefined when nothing is near. Case, `-` and `_` do not
 * count, so that AWS's `RolePatternWhitelist` finds `rolePatternWhitelist`.
 */
export function closest(written: string, words: Iterable<string>): string | undefined {
  const bare = bareWord(written.slice(0, LONGEST));
  const farthest = Math.max(1, Math.floor(bare.length / 3));
  let best: { word: string; distance: number } | undefined;
  for (const word of words) {
    const distance = editDistance(bare, bareWord(word));
    if (distance <= farthest && (best === undefined || distance < best.distance)) best = { word, distance };
  }
  return best?.word;
}

/** The work grows with the square of the length, and people who mean harm write the words. */
const LONGEST = 64;

const bareWord = (text: string): string => text.toLowerCase().replace(/[-_\s]/g, '');

/** Insertions, deletions, replacements and swaps of neighbours from one to the other (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = swaps ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, to.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
