/**
 * (Those of the data itself, lag and reports for instance, are the world's: `world/options.ts`.)
 * Behaviour that AWS documents loosely, leaves unsaid, or that callers must survive. Each is changed at run time
 * through the control API, so that tests can hold both ways.
 */
export interface Switches {
  /** `Status` is being retired in favour of `State`; an answer may carry either or both. */
  organizationAccountFields: 'both' | 'onlyState' | 'onlyStatus';
  /** Every n-th page of an Organizations list is empty but carries a `NextToken`; 0 = never. */
  organizationsEmptyPageEvery: number;
  /** IAM pages hold at most this many items, whatever `MaxItems` says; 0 = as asked. */
  iamPageLimit: number;
  /** Polls that answer IN_PROGRESS before service-last-accessed data is there. */
  serviceLastAccessedPolls: number;
  /** Age below which attempts are not yet in service-last-accessed data. AWS says about four hours. */
  serviceLastAccessedLagMs: number;
  /** Unsure: does an inline deny of everything empty the list of allowed services? */
  inlineDenyAllEmptiesServiceLastAccessed: boolean;
  /** What `GetAccessKeyLastUsed` says of a key that is not in the account. */
  unknownAccessKeyError: 'AccessDenied' | 'NoSuchEntity';
  /** Writes become visible to reads after this long; 0 = at once. Authorization always sees the newest state. */
  eventualConsistencyMs: number;
  /** AWS's packed limit of session policy and tags is not published; measured here on their deflated size. */
  packedPolicyLimitBytes: number;
  /** Unsure: is authorization decided before `DeleteConflict`? */
  authorizationBeforeConflict: boolean;
  /** How long after a write to a user the operations that document it answer `EntityTemporarilyUnmodifiable`. */
  temporarilyUnmodifiableMs: number;
  /** How long after a write to an identity the operations that document it answer `ConcurrentModification`. */
  concurrentModificationMs: number;
  /** How long after an event CloudTrail tells of it: some 5 minutes on average, says AWS, and up to 15. */
  cloudTrailDelayMs: number;
}

export const defaultSwitches: Readonly<Switches> = {
  organizationAccountFields: 'both',
  organizationsEmptyPageEvery: 0,
  iamPageLimit: 0,
  serviceLastAccessedPolls: 1,
  serviceLastAccessedLagMs: 0,
  inlineDenyAllEmptiesServiceLastAccessed: true,
  unknownAccessKeyError: 'AccessDenied',
  eventualConsistencyMs: 0,
  packedPolicyLimitBytes: 1_200,
  authorizationBeforeConflict: true,
  temporarilyUnmodifiableMs: 0,
  concurrentModificationMs: 0,
  cloudTrailDelayMs: 15 * 60_000,
};
