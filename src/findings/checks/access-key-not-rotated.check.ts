import { auditKeys } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleTime, reached, valid } from '../../scans/idle';
import { KEY_IDS, REPORT } from '../permissions';
import { rotateKey } from '../remediation';
import { keyRotation } from '../standards';
import { day } from '../wording';

export const accessKeyNotRotated: Check<'access-key'> = {
  id: 'access-key-not-rotated',
  kind: 'access-key',
  title: 'Active access keys should be rotated',
  severity: 'medium',
  risk: RISK.medium,
  rationale: 'A key that is replaced regularly is of use to a thief only until its next replacement.',
  standards: keyRotation,
  permissions: [...REPORT, ...KEY_IDS],
  measures: 'age',
  defaultIdleDays: 90,
  provisional: false,
  audit: auditKeys('Look for active keys that were created 90 days ago or more.'),
  remediation: rotateKey,
  judge({ key, owner }, policy, at) {
    if (owner.isRoot || !key.active) return undefined;
    const { idleDays } = policy.checks['access-key-not-rotated'];
    const createdAt = valid(key.createdAt);
    if (!createdAt) return { state: 'unknown', cause: 'unread', reason: 'AWS did not say when it was created.' };
    const created = `Active and created on ${day(createdAt)}`;
    if (!reached(createdAt, idleDays, at)) {
      return { state: 'compliant', why: `${created}: younger than ${idleDays} days.` };
    }
    const why = `${created}: ${idleDays} days old or more, without rotation.`;
    return { state: 'non-compliant', why, ...idleTime(key.lastUsed, createdAt) };
  },
};
