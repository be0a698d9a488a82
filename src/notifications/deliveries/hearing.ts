import type { PublishedEvent } from '../publishing/published-event';
import type { Sends } from '../endpoints/endpoint';
import { type EventFilter, matches } from '../endpoints/event-filter';

/** Digests, and what an endpoint must have asked for to be sent them. */
export const DIGESTS: Readonly<Record<string, Sends>> = {
  'digest.daily': 'daily-digest',
  'digest.weekly': 'weekly-digest',
};

/**
 * Whether an endpoint that is told of events is told of this one, alone or in a batch: never of a digest, nor of what
 * happens to itself, which is told another way. Pure; the same for fan-out and for the content of batches.
 */
export function isTold(
  { id, filter }: { readonly id: string; readonly filter: EventFilter },
  event: Pick<PublishedEvent, 'type' | 'facets' | 'objectType' | 'objectId'>,
): boolean {
  if (DIGESTS[event.type] !== undefined) return false;
  if (event.objectType === 'endpoint' && event.objectId === id) return false;
  return matches(filter, event);
}
