import type { GrantTarget } from '../../aws/grants';
import type { Partition } from '../../aws/partitions';
import { DENY_ALL_BOUNDARY, fill } from '../templates/policy';
import type { AccountRoleKind } from './findings';

/** The account whose roles are looked at. */
export interface Verified {
  readonly partition: Partition;
  readonly accountId: string;
  /** Of the roles that the account has. */
  readonly roleArns: Readonly<Partial<Record<AccountRoleKind, string>>>;
}

/** Things that need not exist: a simulation looks at policies only. */
const SAMPLES: Readonly<Record<Exclude<GrantTarget, 'any' | 'mothball-roles' | 'topics'>, string>> = {
  users: 'user/sample',
  roles: 'role/sample',
  groups: 'group/sample',
  'instance-profiles': 'instance-profile/sample',
  'mfa-devices': 'mfa/sample',
};

export const sampleArn = ({ partition, accountId }: Verified, resource: string): string =>
  `arn:${partition}:iam::${accountId}:${resource}`;

/** What stands for a target in a simulation; none: `*`. */
export function samplesOf(verified: Verified, on: GrantTarget): string[] {
  // Verification looks at the roles that read and clean up.
  if (on === 'any' || on === 'topics') return [];
  if (on === 'mothball-roles') return Object.values(verified.roleArns);
  return [sampleArn(verified, SAMPLES[on])];
}

export const denyAllArn = (partition: Partition): string => fill(DENY_ALL_BOUNDARY, { partition });

/** Every condition key that the template asks for, as it is in the requests that Mothball sends. */
export const requestContext = ({ partition }: Verified): Record<string, string> => ({
  'iam:PermissionsBoundary': denyAllArn(partition),
  'iam:PassedToService': partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com',
});
