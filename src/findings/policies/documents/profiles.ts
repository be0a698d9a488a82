import type { PolicyWritten } from './policy-document';

/** A named set of defaults. It changes only what its source speaks of; the rest is as in `standard`. */
interface Profile {
  readonly about: string;
  readonly source: string;
  readonly settings: Pick<PolicyWritten, 'checks' | 'rolePatternWhitelist' | 'exclusions'>;
}

export const profileIds = ['standard', 'cis', 'aws-config-rule', 'iam-029'] as const;
export type ProfileId = (typeof profileIds)[number];

export const profiles: Readonly<Record<ProfileId, Profile>> = {
  standard: {
    about: 'Every check, 90 days.',
    source:
      'AWS Security Hub IAM.8 (unused credentials, 90 days) and IAM.3 (rotation, 90 days), https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html',
    settings: {},
  },
  cis: {
    about: 'Passwords, access keys and users after 45 days; keys are rotated after 90 days.',
    source:
      'CIS AWS Foundations Benchmark v1.5 and v3.0, 1.12 (45 days) and 1.14 (90 days); v5.0, 1.11 and 1.13; AWS Security Hub IAM.22. It says nothing of roles.',
    settings: {
      checks: {
        'unused-access-key': { idleDays: 45 },
        'unused-password': { idleDays: 45 },
        'unused-user': { idleDays: 45 },
        'access-key-not-rotated': { idleDays: 90 },
      },
    },
  },
  'aws-config-rule': {
    about:
      'Roles after 60 days, the default of MaxDaysForLastUsed; paste the RolePatternWhitelist into rolePatternWhitelist.',
    source:
      'AWS Config’s sample rule for unused IAM roles, https://aws.amazon.com/blogs/security/how-to-centralize-findings-and-automate-deletion-for-unused-iam-roles/',
    settings: { checks: { 'unused-role': { idleDays: 60 } } },
  },
  'iam-029': {
    about: 'Users that have never signed in and have no access key.',
    source: 'Trend Micro Cloud One Conformity, IAM-029 “Unused IAM User”',
    settings: { checks: { 'unused-user': { mode: 'never-signed-in-and-no-key' } } },
  },
};
