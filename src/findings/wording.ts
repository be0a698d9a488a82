import type { LastUsed } from '../scans/inventory';
import { ROLE_TRACKING_DAYS } from '../scans/inventory';

/** UTC, `YYYY-MM-DD`. */
export const day = (date: Date): string =>
  Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().slice(0, 10);

const NO_RECORD = 'no record of usage';

/** "last used on 2026-01-02 for s3 in eu-west-1", "no record of usage", …: never a count of days that grows. */
export function usage(lastUsed: LastUsed): string {
  switch (lastUsed.state) {
    case 'at': {
      const service = lastUsed.service ? ` for ${lastUsed.service}` : '';
      const region = lastUsed.region ? ` in ${lastUsed.region}` : '';
      return `last used on ${day(lastUsed.at)}${service}${region}`;
    }
    case 'never':
      return NO_RECORD;
    case 'before-tracking':
      return lastUsed.since
        ? `${NO_RECORD} since AWS began to record it on ${day(lastUsed.since)}`
        : `${NO_RECORD} in the ${ROLE_TRACKING_DAYS} days that AWS looks back`;
    case 'unknown':
      return `last use not known (${lastUsed.reason})`;
  }
}

/** "Last used on 2026-01-02 for s3 in eu-west-1; created on 2025-01-01". `born` says what the date is. */
export function history(born: 'created' | 'last changed', bornAt: Date | null, lastUsed: LastUsed): string {
  const birth = bornAt ? `${born} on ${day(bornAt)}` : `not known when ${born}`;
  const sentence = `${usage(lastUsed)}; ${birth}`;
  return sentence[0]!.toUpperCase() + sentence.slice(1);
}
