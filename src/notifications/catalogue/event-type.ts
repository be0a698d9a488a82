import type { z } from 'zod';
import type { MessageWords } from '../channels/message';
import type { Said } from './said';
import type { SubjectKind, Subjects } from './subjects';

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
export interface EventType<D = unknown, K extends SubjectKind = SubjectKind> {
  /** `finding.opened`; never changes once released. */
  readonly type: string;
  /** For people: when it happens, in one sentence. */
  readonly what: string;
  /** What it is about: that is read when it is published. */
  readonly about: K;
  /**
   * The newest version's data; its JSON Schema and an example are in the catalogue. A version's data is what its schema
   * takes of the facts, so that further facts change no older one.
   */
  readonly data: z.ZodType<D>;
  /** Of older versions that were different: the last version that had it → its data. */
  readonly until?: Readonly<Record<number, z.ZodType>>;
  readonly example: D;
  /** All that any version says, of what is read and of what was recorded with the event. */
  facts(subject: Subjects[K], said: Said): D;
  /** In words, for e-mail, Slack and lists. */
  words(data: D): Omit<MessageWords, 'link'>;
}
