import { auditKeys } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleVerdict } from '../idle-verdict';
import { KEY_IDS, REPORT } from '../permissions';
import { putKeyAway } from '../remediation';
import { unusedCredential } from '../standards';

export const unusedAccessKey: Check<'access-key'> = {
  id: 'unused-access-key',
  kind: 'access-key',
  title: 'Active access keys should be in use',
  severity: 'high',
  risk: RISK.high,
  rationale:
    'An active key that nobody uses is missed by nobody when it leaks: it still opens the account, without MFA, until someone deactivates it.',
  standards: unusedCredential,
  permissions: [...REPORT, ...KEY_IDS],
  measures: 'idle',
  defaultIdleDays: 90,
  provisional: false,
  audit: auditKeys('Look for active keys whose last use, or creation if never used, is 90 days ago or more.'),
  remediation: putKeyAway,
  judge({ key, owner }, policy, at) {
    if (owner.isRoot || !key.active) return undefined;
    const life = { lastUsed: key.lastUsed, bornAt: key.createdAt, born: 'created' } as const;
    return idleVerdict(life, policy.checks['unused-access-key'].idleDays, at);
  },
};
