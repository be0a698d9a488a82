import { auditRoles } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleVerdict } from '../idle-verdict';
import { DETAILS } from '../permissions';
import { deleteRole } from '../remediation';

/** AWS's own: only services and IAM Identity Center may remove these, so no policy can bring them in. */
const NOT_OURS = ['/aws-service-role/', '/aws-reserved/'];

export const unusedRole: Check<'role'> = {
  id: 'unused-role',
  kind: 'role',
  title: 'Roles should be in use',
  severity: 'medium',
  risk: RISK.medium,
  rationale:
    'A role that nothing assumes keeps its permissions and its trust: whoever takes over a principal that it trusts gets them.',
  standards: [],
  permissions: [...DETAILS],
  measures: 'idle',
  defaultIdleDays: 90,
  provisional: false,
  audit: auditRoles,
  remediation: ({ role }) => deleteRole(role),
  judge({ role }, policy, at) {
    if (NOT_OURS.some((path) => role.path.startsWith(path))) return undefined;
    const life = { lastUsed: role.lastUsed, bornAt: role.createdAt, born: 'created' } as const;
    return idleVerdict(life, policy.checks['unused-role'].idleDays, at);
  },
};
