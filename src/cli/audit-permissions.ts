import { accountPermissions } from '../scans/collectors/account.collector';
import { keyIdsPermissions } from '../scans/collectors/key-ids.collector';
import { otherCredentialsPermissions } from '../scans/collectors/other-credentials.collector';

/** What the collectors of an audit need, and no more; `sts:GetCallerIdentity` is allowed to everybody. */
export const auditPermissions: readonly string[] = [
  ...new Set<string>([...accountPermissions, ...keyIdsPermissions, ...otherCredentialsPermissions]),
].sort();

/** An identity policy to attach to whoever runs the audit. All of these read; most cannot be limited to a resource. */
export const auditPolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'MothballAudit', Effect: 'Allow', Action: auditPermissions, Resource: '*' }],
} as const;
