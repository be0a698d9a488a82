import { auditReport } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleVerdict } from '../idle-verdict';
import { REPORT, USERS } from '../permissions';
import { removePassword } from '../remediation';
import { unusedCredential } from '../standards';

export const unusedPassword: Check<'password'> = {
  id: 'unused-password',
  kind: 'password',
  title: 'Console passwords should be in use',
  severity: 'medium',
  risk: RISK.medium,
  rationale:
    'A password that nobody signs in with can be guessed, reused from elsewhere or phished without its owner noticing.',
  standards: unusedCredential,
  permissions: [...REPORT, ...USERS],
  measures: 'idle',
  defaultIdleDays: 90,
  provisional: false,
  audit: auditReport(
    'Look for password_enabled TRUE where both password_last_used and password_last_changed are 90 days ago or more.',
  ),
  remediation: ({ owner }) => removePassword(owner.name),
  judge({ password, owner }, policy, at) {
    if (owner.isRoot) return undefined;
    // PasswordLastUsed survives the deletion of a password, so the last change counts as much as the last sign-in.
    const life = { lastUsed: password.lastUsed, bornAt: password.lastChangedAt, born: 'last changed' } as const;
    return idleVerdict(life, policy.checks['unused-password'].idleDays, at);
  },
};
