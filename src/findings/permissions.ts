/** The IAM actions behind each part of the inventory; checks name what their data needs from these. */
export const REPORT = ['iam:GenerateCredentialReport', 'iam:GetCredentialReport'] as const;
export const DETAILS = ['iam:GetAccountAuthorizationDetails'] as const;
export const USERS = ['iam:ListUsers'] as const;
/** The report has no key ids; these are asked only for users with a flagged key. */
export const KEY_IDS = ['iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed'] as const;
/** Neither the report nor authorization details show these; asked only for users about to be flagged. */
export const OTHER_CREDENTIALS = ['iam:ListSSHPublicKeys', 'iam:ListServiceSpecificCredentials'] as const;
