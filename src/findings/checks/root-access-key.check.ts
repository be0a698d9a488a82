import { auditReport } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleTime } from '../../scans/idle';
import { REPORT } from '../permissions';
import { noRootKey } from '../standards';
import { day, usage } from '../wording';

/** Report only: nothing but the root user itself can remove its keys, and Mothball never signs in as root. */
export const rootAccessKey: Check<'access-key'> = {
  id: 'root-access-key',
  kind: 'access-key',
  title: 'The root user should have no active access key',
  severity: 'critical',
  risk: RISK.critical,
  rationale:
    'A root key can do everything in the account; no policy, boundary or missing permission in the account limits it.',
  standards: noRootKey,
  permissions: [...REPORT],
  measures: 'fact',
  defaultIdleDays: null,
  provisional: false,
  audit: auditReport('Look at the line <root_account>: access_key_1_active and access_key_2_active should be FALSE.'),
  remediation: ({ key }) => {
    const created = key.createdAt ? ` created on ${day(key.createdAt)}` : '';
    return {
      console: [
        'Sign in to the AWS Management Console as the root user and open Security credentials in the account menu.',
        `Under Access keys deactivate the key${created}, wait until nobody misses it, then delete it.`,
      ],
      cli: [
        '# With the root user’s own credentials only; no user or role can do this.',
        'aws iam list-access-keys',
        "aws iam update-access-key --access-key-id 'ACCESS_KEY_ID' --status Inactive",
        "aws iam delete-access-key --access-key-id 'ACCESS_KEY_ID'",
      ],
    };
  },
  judge({ key, owner }) {
    if (!owner.isRoot) return undefined;
    if (!key.active) return { state: 'compliant', why: 'The root user’s access key is inactive.' };
    const created = key.createdAt ? `, created on ${day(key.createdAt)}` : '';
    const why = `The root user has an active access key: ${usage(key.lastUsed)}${created}.`;
    return { state: 'non-compliant', why, ...idleTime(key.lastUsed, key.createdAt) };
  },
};
