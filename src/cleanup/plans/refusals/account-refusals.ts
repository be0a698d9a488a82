import type { Refusal } from '../../steps';
import type { AccountState } from '../considered';

/** Why nothing can be done in an account. */
export function accountRefusal(account: AccountState): Refusal | null {
  const { awsAccountId, status, awsState, hasAccess, hasCleanupRole } = account;
  if (status === 'left') {
    return {
      code: 'ACCOUNT_LEFT',
      reason: `The account ${awsAccountId} has left its organization.`,
      remedy: 'Register the account by itself if it is still yours.',
    };
  }
  if (status === 'pending') {
    return {
      code: 'ACCOUNT_PENDING',
      reason: `Nobody has proven yet that the account ${awsAccountId} is this tenant's.`,
      remedy: 'Create the roles that its setup shows, and have the account verified.',
    };
  }
  if (awsState !== null && awsState !== 'ACTIVE') {
    return {
      code: 'ACCOUNT_NOT_ACTIVE',
      reason: `AWS Organizations says that the account ${awsAccountId} is ${awsState}.`,
      remedy: 'Wait until it is ACTIVE again, or leave its identities to the closing of the account.',
    };
  }
  if (!hasAccess) {
    return {
      code: 'NO_ACCESS',
      reason: `The scan role of the account ${awsAccountId} cannot be assumed.`,
      remedy: 'Mend the role as the account’s page says, and have the account scanned again.',
    };
  }
  if (!hasCleanupRole) {
    return {
      code: 'NO_CLEANUP_ROLE',
      reason: `No clean-up role is configured for the account ${awsAccountId}.`,
      remedy: 'Create the clean-up role from the account’s template, and name it in the account’s roles.',
    };
  }
  return null;
}
