import { dateOrNull } from '../../scans/collectors/tracking';
import type { ObservedUse } from '../observed';

/** A date of last use as AWS gave it; absent: AWS has seen none; unreadable: unknown, never "none". */
export function useAt(date: Date | undefined, what: string): ObservedUse {
  if (date === undefined) return { known: true, at: null };
  const at = dateOrNull(date);
  return at ? { known: true, at } : { known: false, reason: `${what} holds a date that cannot be read.` };
}
