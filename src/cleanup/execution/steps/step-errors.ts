import { isDenied, isMissing, isThrottling } from '../../../aws/errors';
import { DomainError } from '../../../errors';
import { StaleFence } from '../../../tasks/running-task';

/** What AWS's answer to a changing request means. */
export type Answer =
  | 'throttled'
  /** `EntityTemporarilyUnmodifiable`, `ConcurrentModification`: the same request will do in a moment. */
  | 'busy'
  | 'missing'
  | 'conflict'
  | 'denied'
  /** It may have had its effect: the answer was lost, or AWS failed half way. */
  | 'unanswered'
  | 'unexpected';

const BUSY = new Set([
  'EntityTemporarilyUnmodifiable',
  'EntityTemporarilyUnmodifiableException',
  'ConcurrentModification',
  'ConcurrentModificationException',
]);
const CONFLICT = new Set(['DeleteConflict', 'DeleteConflictException']);
/** Nobody changes what AWS or another service keeps, whatever is allowed. */
const NEVER_ALLOWED = new Set(['UnmodifiableEntity', 'UnmodifiableEntityException']);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException']);
const LOST = new Set(['AWS_UNREACHABLE', 'AWS_FAILED', 'CANCELLED']);

interface Shaped {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
}

export const errorName = (error: unknown): string => {
  const { name, code, Code } = (typeof error === 'object' && error !== null ? error : {}) as Shaped;
  if (typeof Code === 'string') return Code;
  return typeof name === 'string' && name !== 'Error' ? name : typeof code === 'string' ? code : 'Unknown';
};

/** The run itself is over: its lease, its task or its leave to go on. Nothing about the item. */
export const endsRun = (error: unknown): boolean =>
  error instanceof StaleFence ||
  (error instanceof DomainError &&
    ['LEASE_LOST', 'CLOCK_OFF', 'CLEANUP_PAUSED', 'PAUSES_UNKNOWN', 'ITEM_MOVED'].includes(error.code));

/** `explained`: the same error in plain words, by the account's `explain`. */
export function answerOf(error: unknown, explained: DomainError): Answer {
  const name = errorName(error);
  if (isThrottling(error)) return 'throttled';
  if (BUSY.has(name) || EXPIRED.has(name)) return 'busy';
  if (isMissing(error)) return 'missing';
  if (CONFLICT.has(name)) return 'conflict';
  if (isDenied(error) || NEVER_ALLOWED.has(name)) return 'denied';
  return LOST.has(explained.code) ? 'unanswered' : 'unexpected';
}
