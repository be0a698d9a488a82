import { setMaxListeners } from 'node:events';
import type { AccountAccess } from '../../aws/account-access';
import { isMissing } from '../../aws/errors';
import { DomainError } from '../../errors';
import { rethrowStops } from '../../scans/collectors/reading';
import type { Course } from '../items/plan-item';
import type { Observed, ObservedScope } from '../observed';
import { observeRole } from './observe-role';
import { observeUser } from './observe-user';
import { Reader } from './reader';

export interface ObserveOptions {
  /** Default: everything. A role is always read whole. */
  readonly scope?: ObservedScope | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How much of a user or role must be read for a course. */
export const scopeFor = (course: Course): ObservedScope =>
  course === 'access-key' || course === 'password' ? 'credentials' : 'whole';

/** Of what was read, when that began: the unique id is read first, and names are used again. */
const began = new WeakMap<Observed, number>();

/** When a look began, on `performance.now()`'s clock: from then on nothing is known of who bears the name. */
export const lookedAt = (seen: Observed): number => began.get(seen) ?? Number.NEGATIVE_INFINITY;

/** So often what changes while it is read is read from the beginning. */
const TRIES = 3;
/** A listener or two for each request in flight: a user is read by a dozen at once. */
const MAX_SIGNAL_LISTENERS = 100;

/**
 * A user or role as IAM itself tells it at this moment: by name, since that is how IAM is asked, so whoever acts on it
 * compares the unique id. All pages are read; the password's and the keys' last use are part of it, attempts at services
 * are not (`serviceLastAccessed`).
 * @returns null where IAM knows nobody of that name.
 * @throws DomainError where anything was denied, failed or was left out: what was not read is never taken for absent.
 * `AWS_CHANGING` (retryable): parts of it vanished while it was read, again and again.
 */
export async function observe<Kind extends Observed['kind']>(
  access: AccountAccess,
  of: { readonly kind: Kind; readonly name: string },
  { scope = 'whole', signal }: ObserveOptions = {},
): Promise<Extract<Observed, { kind: Kind }> | null> {
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  setMaxListeners(MAX_SIGNAL_LISTENERS, both);
  const reader = new Reader(access, both);
  try {
    const look = async (): Promise<Observed | null> => {
      const beganAt = performance.now();
      const seen = await (of.kind === 'role' ? observeRole(reader, of.name) : observeUser(reader, of.name, scope));
      if (seen) began.set(seen, beganAt);
      return seen;
    };
    const seen = await readUnchanged(of, look);
    return seen as Extract<Observed, { kind: Kind }> | null;
  } catch (error) {
    rethrowStops(error, signal);
    throw access.explain(error);
  } finally {
    // The first failure ends the requests beside it.
    stop.abort();
  }
}

/** Only the first read's "no such entity" says that it is gone; one of a later read, that it is being changed. */
async function readUnchanged<T>(of: { kind: string; name: string }, look: () => Promise<T>): Promise<T> {
  for (let tried = 1; tried < TRIES; tried += 1) {
    try {
      return await look();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  try {
    return await look();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new DomainError('AWS_CHANGING', `The ${of.kind} ${of.name} was being changed while it was read.`, {
      retryable: true,
      remedy: 'Nothing was done; it is looked at again later.',
      cause: error,
    });
  }
}
