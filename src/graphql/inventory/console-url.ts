import type { IdentityRow } from '../../scans/identity';

const HOSTS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The identity's page in the AWS console, of whichever account one is signed in to; null for a partition without one. */
export function consoleUrl(
  identity: Pick<IdentityRow, 'kind' | 'arn' | 'name' | 'user_name' | 'is_root'>,
): string | null {
  const host = HOSTS[identity.arn.split(':')[1] ?? ''];
  if (host === undefined) return null;
  const console = `https://${host}/iam/home#`;
  if (identity.is_root) return `${console}/security_credentials`;
  if (identity.kind === 'role') return `${console}/roles/details/${encodeURIComponent(identity.name)}`;
  const user = `${console}/users/details/${encodeURIComponent(identity.user_name ?? identity.name)}`;
  return identity.kind === 'user' ? user : `${user}?section=security_credentials`;
}
