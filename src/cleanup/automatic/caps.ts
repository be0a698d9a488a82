import type { CleanupRules } from '../rules/cleanup-rules';

/**
 * How many identities of a kind policies may put away by themselves in one account, in any so many days: a share of
 * those that there are, at least one of them, and never more than the fixed number; `most` 0 stops them altogether.
 */
export const capOf = (
  { percent, most }: Pick<CleanupRules['automatic'], 'percent' | 'most'>,
  identities: number,
): number => Math.min(Math.max(1, Math.floor((percent / 100) * identities)), most);
