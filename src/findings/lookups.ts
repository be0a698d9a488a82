import type { Judgement } from './judge';

export interface UserToLookUp {
  /** The caller's reference of the user (of the owner, where a key is flagged). */
  readonly ref: string;
  readonly userName: string;
}

/** What has to be read before the findings are complete; each user once in each list, in order of appearance. */
export interface LookupsNeeded {
  /** Users with a flagged key whose `AKIA…` id is not known: one `ListAccessKeys` each. */
  readonly keyIds: readonly UserToLookUp[];
  /** Users that only their SSH keys or service-specific credentials can still save from `unused-user`. */
  readonly otherCredentials: readonly UserToLookUp[];
}

/** Exempt identities and the root user, whose keys no call lists, are never asked for. */
export function lookupsNeeded(judgements: Iterable<Judgement>): LookupsNeeded {
  const keyIds = new Map<string, UserToLookUp>();
  const otherCredentials = new Map<string, UserToLookUp>();
  for (const { subject, verdict } of judgements) {
    if (subject.kind === 'user' && verdict.state === 'unknown' && verdict.cause === 'provisional') {
      otherCredentials.set(subject.ref, { ref: subject.ref, userName: subject.user.name });
    }
    if (subject.kind === 'access-key' && verdict.state === 'non-compliant') {
      const { key, owner, ownerRef } = subject;
      if (key.accessKeyId === null && !owner.isRoot) keyIds.set(ownerRef, { ref: ownerRef, userName: owner.name });
    }
  }
  return { keyIds: [...keyIds.values()], otherCredentials: [...otherCredentials.values()] };
}
