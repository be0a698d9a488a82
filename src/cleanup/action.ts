import type { Grant } from '../aws/grants';

/** One thing that clean-up does to an identity. */
export interface CleanupAction {
  /** Never changes once released. */
  readonly id: string;
  /** The checks whose findings it puts right; empty for what only brings something back. */
  readonly fixes: readonly string[];
  /** The role in the account that does it: re-creating needs far more than putting away, so it has a role of its own. */
  readonly role: 'cleanup' | 'restore';
  /** Exactly what the role must be allowed for it, fresh reads before and after included. */
  readonly permissions: readonly Grant[];
}
