import type { LastUsed } from '../scans/inventory';
import type { Verdict } from './check';
import { idleness } from '../scans/idle';
import { history } from './wording';

/** What an identity is judged by: its last use and its birth, and what that birth is called. */
export interface Life {
  readonly lastUsed: LastUsed;
  readonly bornAt: Date | null;
  readonly born: 'created' | 'last changed';
}

/** The verdict of the checks that ask nothing but "idle for the threshold or longer?". */
export function idleVerdict(life: Life, idleDays: number, at: Date): Verdict {
  const idle = idleness(life.lastUsed, life.bornAt, idleDays, at);
  const told = history(life.born, life.bornAt, life.lastUsed);
  switch (idle.state) {
    case 'active':
      return { state: 'compliant', why: `${told}: not idle for ${idleDays} days.` };
    case 'idle': {
      const { idleSince, idleAtLeast } = idle;
      return { state: 'non-compliant', why: `${told}: idle for ${idleDays} days or more.`, idleSince, idleAtLeast };
    }
    case 'unknown':
      return { state: 'unknown', cause: 'unread', reason: idle.reason };
  }
}
