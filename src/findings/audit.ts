import type { Steps } from './check';

/** How a person would look for the same thing by hand, without Mothball. */
const OPEN_IAM = 'Sign in to the AWS Management Console and open IAM at https://console.aws.amazon.com/iam/.';

const REPORT_CLI = [
  'aws iam generate-credential-report',
  "aws iam get-credential-report --query 'Content' --output text | base64 --decode",
];

/** Reading the credential report; `columns` says what to look at in it. */
export const auditReport = (columns: string): Steps => ({
  console: [OPEN_IAM, 'Choose Credential report in the navigation and download it.', columns],
  cli: [...REPORT_CLI, `# ${columns}`],
});

export const auditKeys = (columns: string): Steps => ({
  console: [OPEN_IAM, 'Choose Users, then a user, then the tab Security credentials.', columns],
  cli: [
    ...REPORT_CLI,
    `# ${columns}`,
    "aws iam list-access-keys --user-name 'USER_NAME'",
    "aws iam get-access-key-last-used --access-key-id 'ACCESS_KEY_ID'",
  ],
});

export const auditUsers: Steps = {
  console: [
    OPEN_IAM,
    'Choose Users and look at the columns Console last sign-in, Access key ID and Access key last used.',
    'For each user without recent use, open the tab Security credentials and look for SSH public keys, service-specific credentials and signing certificates.',
  ],
  cli: [
    "aws iam list-users --query 'Users[].[UserName,CreateDate,PasswordLastUsed]' --output table",
    "aws iam list-access-keys --user-name 'USER_NAME'",
    "aws iam list-ssh-public-keys --user-name 'USER_NAME'",
    "aws iam list-service-specific-credentials --user-name 'USER_NAME'",
    "aws iam list-signing-certificates --user-name 'USER_NAME'",
  ],
};

export const auditRoles: Steps = {
  console: [OPEN_IAM, 'Choose Roles and look at the column Last activity; leave out service-linked roles.'],
  cli: [
    "aws iam get-account-authorization-details --filter Role --query 'RoleDetailList[].[Path,RoleName,CreateDate,RoleLastUsed.LastUsedDate,RoleLastUsed.Region]' --output table",
  ],
};
