import { auditUsers } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { DETAILS, KEY_IDS, OTHER_CREDENTIALS, REPORT, USERS } from '../permissions';
import { deleteUser } from '../remediation';
import { unusedUser as standards } from '../standards';
import { usersIdleness } from '../user-idleness';

export const unusedUser: Check<'user'> = {
  id: 'unused-user',
  kind: 'user',
  title: 'Users should be in use',
  severity: 'medium',
  risk: RISK.medium,
  rationale:
    'A user that nobody works as still has its permissions and group memberships; a new key or password is all it takes to use them.',
  standards,
  permissions: [...DETAILS, ...REPORT, ...USERS, ...KEY_IDS, ...OTHER_CREDENTIALS],
  measures: 'idle',
  defaultIdleDays: 90,
  provisional: true,
  audit: auditUsers,
  remediation: ({ user }) => deleteUser(user),
  judge({ user }, policy, at) {
    if (user.isRoot) return undefined;
    const { idleDays, mode } = policy.checks['unused-user'];
    const found = usersIdleness(user, mode, idleDays, at);
    if (found.state !== 'non-compliant') return found;

    const { credentials, otherCredentials: other } = user;
    const certificates = credentials.state === 'known' ? credentials.value.activeCertificates : 0;
    if (certificates > 0) return { state: 'compliant', why: 'Has an active signing certificate.' };
    if (other.state === 'unknown') {
      const reason = `Unused as far as passwords and access keys go; other credentials not known: ${other.reason}`;
      return { state: 'unknown', cause: 'provisional', reason };
    }
    if (other.value.activeSshKeys > 0) return { state: 'compliant', why: 'Has an active SSH public key.' };
    if (other.value.activeServiceSpecific > 0) {
      return { state: 'compliant', why: 'Has an active service-specific credential.' };
    }
    return found;
  },
};
