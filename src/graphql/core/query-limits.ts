import { EnvelopArmor } from '@escape.tech/graphql-armor';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';

/**
 * What one request may ask for. No list hangs below another one, so depth and breadth are all there is to bound; the
 * cost counts what `first` and `last` multiply, so one page of 200 with everything in it passes, and two do not.
 */
export const LIMITS = { depth: 12, cost: 60_000, aliases: 30, directives: 20, tokens: 5_000 } as const;

export function queryLimits(): Plugin[] {
  return new EnvelopArmor<YogaInitialContext>({
    maxDepth: { n: LIMITS.depth },
    costLimit: { maxCost: LIMITS.cost, objectCost: 1, scalarCost: 1, depthCostFactor: 1.3 },
    maxAliases: { n: LIMITS.aliases },
    maxDirectives: { n: LIMITS.directives },
    maxTokens: { n: LIMITS.tokens },
    blockFieldSuggestion: { enabled: true, mask: '' },
  }).protect().plugins;
}
