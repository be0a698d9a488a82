import type { Refusal } from '../../steps';

/** What a look just before a request has shown of what it would reach. */
export type Shown =
  | 'the-one'
  /** IAM does not know it, or the key or password that it is about. */
  | 'missing'
  /** What the request is to bring about is there already. */
  | 'as-wanted'
  /** Somebody else, or something else than was approved: nothing is sent. */
  | Refusal;
