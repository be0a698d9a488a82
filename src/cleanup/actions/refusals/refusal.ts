import type { Refusal } from '../../steps';

export const refusal = (code: string, reason: string, remedy: string): Refusal => ({ code, reason, remedy });

/** The first reason that there is; checks after it are not asked. */
export function firstOf(...checks: readonly (() => Refusal | null)[]): Refusal | null {
  for (const check of checks) {
    const found = check();
    if (found) return found;
  }
  return null;
}

export const PROPOSE_AGAIN = 'Scan the account, look at what changed, and propose it again.';

/** `2026-11-22 09:15 UTC`. */
export const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Of the user or role, to begin a sentence with. */
export const called = ({ course, name }: { readonly course: string; readonly name: string }): string =>
  `The ${course === 'role' ? 'role' : 'user'} ${name}`;
