import type { z } from 'zod';
import type { MessageWords } from '../channels/message';

/** The columns by which endpoints filter; whatever does not apply is missing. */
export interface Facets {
  readonly accountId?: string;
  readonly scanId?: string;
  readonly checkId?: string;
  readonly severity?: string;
  readonly owner?: string;
  readonly ouPath?: string;
}

/**
 * One kind of event as it is published. Its `data` holds the API's ids, words and times; no secret, no external id.
 * A change that a receiver could notice is a new version: the old one stays for endpoints that were made with it.
 */
export interface EventType<D = unknown> {
  /** `finding.opened`; never changes once released. */
  readonly type: string;
  /** For people: when it happens, in one sentence. */
  readonly what: string;
  /** The newest version's data; its JSON Schema and an example are in the catalogue. */
  readonly data: z.ZodType<D>;
  readonly example: D;
  /** In words, for e-mail, Slack and lists. */
  words(data: D): Omit<MessageWords, 'link'>;
}
