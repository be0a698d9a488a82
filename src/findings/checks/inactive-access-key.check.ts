import { auditKeys } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleTime, reached } from '../../scans/idle';
import { KEY_IDS, REPORT } from '../permissions';
import { putKeyAway } from '../remediation';
import { day } from '../wording';

/** AWS does not say since when a key is inactive, so the time counts from the first of our own scans that saw it so. */
export const inactiveAccessKey: Check<'access-key'> = {
  id: 'inactive-access-key',
  kind: 'access-key',
  title: 'Inactive access keys should be deleted',
  severity: 'low',
  risk: RISK.low,
  rationale:
    'A key that has been inactive for long is needed by nobody, but one call makes it work again for whoever still holds its secret.',
  standards: [],
  permissions: [...REPORT, ...KEY_IDS],
  measures: 'age',
  defaultIdleDays: 90,
  provisional: false,
  audit: auditKeys('Look for inactive keys, and ask their owners since when they have been so.'),
  remediation: putKeyAway,
  judge({ key, owner, inactiveSince }, policy, at) {
    if (owner.isRoot || key.active) return undefined;
    const { idleDays } = policy.checks['inactive-access-key'];
    if (!inactiveSince) return { state: 'compliant', why: 'Inactive, and not yet known since when.' };
    const seen = `Seen inactive since ${day(inactiveSince)}`;
    if (!reached(inactiveSince, idleDays, at)) {
      return { state: 'compliant', why: `${seen}: not yet for ${idleDays} days.` };
    }
    const why = `${seen}: for ${idleDays} days or more.`;
    return { state: 'non-compliant', why, ...idleTime(key.lastUsed, key.createdAt) };
  },
};
