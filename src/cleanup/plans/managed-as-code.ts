import { matchesPathPattern } from '../../findings/path-pattern';
import type { CleanupRules } from '../rules/cleanup-rules';

/**
 * By which tag or name an identity is known to be managed as code; null: by none. Not all tools mark what they make, so
 * null does not mean that nobody does. Tags are `key` or `key=value`, with `*` at the end of either for any text; patterns
 * are globs on path and name.
 */
export function managedAsCodeBy(
  { path, name, tags }: { path: string; name: string; tags: Readonly<Record<string, string>> },
  { tags: markers, patterns }: CleanupRules['managedAsCode'],
): string | null {
  for (const marker of markers) {
    const key = Object.keys(tags).find((one) => marks(marker, one, tags[one] ?? ''));
    if (key !== undefined) return `its tag ${key}=${tags[key] ?? ''}`;
  }
  const pattern = patterns.find((one) => matchesPathPattern(one, path + name));
  return pattern === undefined ? null : `its path and name, which match "${pattern}"`;
}

/** Whether an identity or account has one of these tags: the first that it has. */
export const taggedBy = (markers: readonly string[], tags: Readonly<Record<string, string>>): string | null =>
  Object.keys(tags).find((key) => markers.some((marker) => marks(marker, key, tags[key] ?? ''))) ?? null;

function marks(marker: string, key: string, value: string): boolean {
  const split = marker.indexOf('=');
  if (split < 0) return begins(marker, key);
  return begins(marker.slice(0, split), key) && begins(marker.slice(split + 1), value);
}

const begins = (wanted: string, text: string): boolean =>
  wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
