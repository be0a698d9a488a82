import { awsPolicyArn } from '../../../aws/arns';
import { usesBoundary } from '../../items/course-facts';
import type { Refusal } from '../../steps';
import type { Considered } from '../considered';
import { describedBy } from '../courses';
import { managedAsCodeBy } from '../managed-as-code';

const ORGANIZATION_ROLE = 'OrganizationAccountAccessRole';

/** The names that Mothball's templates give its roles, in whichever account and under whichever path. */
export const OWN_ROLE_NAMES: ReadonlySet<string> = new Set([
  'mothball-scan',
  'mothball-list',
  'mothball-cleanup',
  'mothball-restore',
  'mothball-notifications',
]);

/** What is never put away, whatever was found. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export function untouchable({ candidate, ownRoleArns, namedByPolicy }: Considered): Refusal | null {
  const { principal } = candidate;
  const { arn, name, path } = describedBy(principal);
  if (principal.kind === 'user') {
    if (!principal.stored.user.isRoot) return null;
    return {
      code: 'ROOT',
      reason: 'This is the root user of its account; Mothball reports on it and never touches it.',
      remedy: 'Sign in as the root user and delete its access keys there.',
    };
  }
  if (path.startsWith('/aws-service-role/')) {
    return {
      code: 'SERVICE_LINKED_ROLE',
      reason: 'This is a service-linked role: only the AWS service that it belongs to can have it deleted.',
      remedy: 'Stop using the service in this account, and delete the role from the service or the IAM console.',
    };
  }
  if (path.startsWith('/aws-reserved/')) {
    return {
      code: 'RESERVED_ROLE',
      reason: 'This role is reserved by AWS, for example by IAM Identity Center.',
      remedy: 'Remove the permission set’s assignment to this account in IAM Identity Center.',
    };
  }
  if (ownRoleArns.has(arn) || OWN_ROLE_NAMES.has(name)) {
    return {
      code: 'OWN_ROLE',
      reason: 'This is one of the roles by which Mothball itself reads or cleans accounts.',
      remedy: 'Delete the stack that made it once the account is no longer Mothball’s to look at.',
    };
  }
  if (name === ORGANIZATION_ROLE && !namedByPolicy) {
    return {
      code: 'ORGANIZATION_ROLE',
      reason: 'By this role the management account gets into the account; without it a locked-out account stays so.',
      remedy: `Write a policy whose scope names "${ORGANIZATION_ROLE}" if it must go all the same.`,
    };
  }
  return null;
}

/** "Remove it in code first": what is deleted by hand comes back with the next deployment, or breaks it. */
export function asCode({ candidate, rules }: Considered): Refusal | null {
  const by = managedAsCodeBy(describedBy(candidate.principal), rules.managedAsCode);
  return by === null
    ? null
    : {
        code: 'MANAGED_AS_CODE',
        reason: `It is managed as code (CloudFormation, CDK, Terraform or the like), by ${by}.`,
        remedy: 'Remove it in code first. If it is not managed as code any more, take the tag off it.',
      };
}

/** What the course cannot do, or cannot do safely, as the identity was last seen. */
export function unfit(considered: Considered): Refusal | null {
  const { candidate, account, continues } = considered;
  const { course, key, principal } = candidate;
  if ((course === 'access-key' || course === 'observed-key') && key !== null && key.key.accessKeyId === null) {
    return {
      code: 'KEY_ID_UNKNOWN',
      reason: 'The id of this access key has not been looked up yet, so it cannot be told from the user’s other key.',
      remedy: 'Have the finding rechecked, which asks IAM for the id, and make the plan again.',
    };
  }
  const { boundaryArn } = describedBy(principal);
  if (!usesBoundary(course) || boundaryArn === null) return otherCredentials(considered);
  const ours = boundaryArn === awsPolicyArn(account.partition, 'AWSDenyAll') && continues !== null;
  return ours
    ? otherCredentials(considered)
    : {
        code: 'BOUNDARY_OF_ITS_OWN',
        reason: `It has a permissions boundary of its own, ${boundaryArn}: the clean-up role may not put back another boundary.`,
        remedy: 'Take the boundary off, or put it away by hand.',
      };
}

/** The report and authorization details do not show these, and a user that has one is not unused for lack of keys. */
function otherCredentials({ candidate: { course, principal } }: Considered): Refusal | null {
  if (course !== 'user' || principal.kind !== 'user') return null;
  const { otherCredentials: other, credentials } = principal.stored.user;
  if (other.state === 'unknown') {
    return {
      code: 'CREDENTIALS_UNKNOWN',
      reason: `Whether it has SSH keys or service-specific credentials is not known: ${other.reason}`,
      remedy: 'Have the finding rechecked, and make the plan again.',
    };
  }
  const active = [
    [other.value.activeSshKeys, 'SSH public keys'],
    [other.value.activeServiceSpecific, 'service-specific credentials'],
    [credentials.state === 'known' ? credentials.value.activeCertificates : 0, 'signing certificates'],
  ] as const;
  const told = active.filter(([count]) => count > 0).map(([count, what]) => `${count} active ${what}`);
  if (told.length === 0) return null;
  return {
    code: 'OTHER_CREDENTIALS',
    reason: `It has ${told.join(' and ')}, whose use AWS does not record.`,
    remedy:
      'Find out whether they are used; deactivate them if not, have the account scanned, and make the plan again.',
  };
}
