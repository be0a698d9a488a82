import type { Refusal, Step } from '../../steps';

/** What came of a series of steps. Whoever ran them reads afresh before deciding anything. */
export type StepsOutcome =
  /** All were answered, or were found to have had their effect. */
  | { readonly end: 'done' }
  /** The final delete, sent first, was accepted: there was nothing else to do. */
  | { readonly end: 'probe-accepted' }
  /** AWS said no. `probe`: to the final delete sent first, so nothing has been lost; `done`: what went before it. */
  | { readonly end: 'denied'; readonly probe: boolean; readonly done: readonly Step[]; readonly refusal: Refusal }
  /** It is not what it was when it was read: look again, then decide. */
  | { readonly end: 'changed'; readonly refusal: Refusal }
  /** Busy, throttled or unanswered: nobody's fault; look again after `delayMs`. */
  | { readonly end: 'put-off'; readonly delayMs: number; readonly refusal: Refusal }
  /** Anything else; counts towards the circuit breaker. */
  | { readonly end: 'unexpected'; readonly refusal: Refusal };
