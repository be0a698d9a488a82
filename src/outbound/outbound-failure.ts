/**
 * `refused`: we do not send there. `no-answer`: it could not be reached, or broke off. `timeout`: not in time.
 * `too-large`: the answer.
 */
export type OutboundFailureKind = 'refused' | 'no-answer' | 'timeout' | 'too-large';

/** Why there is no answer. */
export class OutboundFailure extends Error {
  constructor(
    readonly kind: OutboundFailureKind,
    /** For the tenant's people: no address that was found by looking a name up, no secret. */
    readonly sentence: string,
    /** Whether the request may have arrived. */
    readonly sent = false,
  ) {
    super(sentence);
    this.name = 'OutboundFailure';
  }
}

export const refused = (sentence: string): OutboundFailure => new OutboundFailure('refused', sentence);
