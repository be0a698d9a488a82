import { matchesPathPattern } from '../../../findings/path-pattern';
import type { Refusal } from '../../steps';
import type { Considered } from '../considered';
import { describedBy } from '../courses';

/** Services whose work may come once a year or only after a disaster: no window of use proves such a role idle. */
const RARE_WORK: ReadonlySet<string> = new Set([
  'backup.amazonaws.com',
  'cloudformation.amazonaws.com',
  'controltower.amazonaws.com',
  'datapipeline.amazonaws.com',
  'dms.amazonaws.com',
  'drs.amazonaws.com',
  'events.amazonaws.com',
  'export.rds.amazonaws.com',
  'fis.amazonaws.com',
  'importexport.amazonaws.com',
  'member.org.stacksets.cloudformation.amazonaws.com',
  'mgn.amazonaws.com',
  'scheduler.amazonaws.com',
  'servicecatalog.amazonaws.com',
  'ssm-incidents.amazonaws.com',
  'stacksets.cloudformation.amazonaws.com',
  'states.amazonaws.com',
  'vmie.amazonaws.com',
]);

/** Roles of CloudFormation, CDK and Control Tower by the names that they are given, and of emergencies by usual ones. */
const NAMES: readonly { readonly pattern: string; readonly what: string }[] = [
  { pattern: '*/awscloudformationstackset*', what: 'a role of CloudFormation StackSets' },
  { pattern: '*/stacksets-exec-*', what: 'a role of CloudFormation StackSets' },
  { pattern: '*/cdk-*', what: 'a bootstrap role of the CDK' },
  { pattern: '*/awscontroltower*', what: 'a role of Control Tower' },
  { pattern: '*/aws-controltower*', what: 'a role of Control Tower' },
  { pattern: '*break*glass*', what: 'a role for emergencies' },
  { pattern: '*emergency*', what: 'an identity for emergencies' },
  { pattern: '*disaster*', what: 'an identity for disaster recovery' },
];

/** Of users that send mail by SMTP. https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html */
const SES_USERS = 'ses-smtp-user*';
const SES_POLICY = 'AmazonSesSendingAccess';

const byHand = (reason: string): Refusal => ({
  code: 'FOR_HANDS_ONLY',
  reason: `${reason} Only people put such a one away, never a policy by itself.`,
  remedy: 'Ask whoever knows it, and put it into a plan by hand; or exempt it.',
});

/** What policies never put away by themselves. Section 3 of AWS's facts: the work that it is for may be rarer than any window. */
export function forHandsOnly({ automatic, candidate, account }: Considered): Refusal | null {
  if (!automatic) return null;
  if (account.source === 'organization' && account.tagsReadAt === null) {
    return {
      code: 'ACCOUNT_TAGS_UNKNOWN',
      reason: `The tags of the account ${account.awsAccountId} have not been read yet, and policies may go by them.`,
      remedy: 'Wait for the next synchronization with AWS Organizations, which reads them.',
    };
  }
  const { principal } = candidate;
  const { path, name, inlinePolicyNames } = describedBy(principal);
  if (principal.kind === 'user') {
    const sendsMail = matchesPathPattern(SES_USERS, name) || inlinePolicyNames.some((policy) => policy === SES_POLICY);
    if (sendsMail) return byHand('By its name or its policies it sends mail by SMTP with Amazon SES.');
  } else {
    const rare = principal.stored.role.trustedPrincipals.find((trusted) => RARE_WORK.has(trusted.toLowerCase()));
    if (rare !== undefined) return byHand(`It is trusted by ${rare}, whose work may be rare.`);
    if (name === 'OrganizationAccountAccessRole') return byHand('By it the management account gets into the account.');
  }
  const known = NAMES.find(({ pattern }) => matchesPathPattern(pattern, (path + name).toLowerCase()));
  return known ? byHand(`By its name it is ${known.what}.`) : null;
}
