import type { World } from './world/world';

export interface ServiceCredentials {
  accountId: string;
  userArn: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Outside the organization, like a vendor's account. */
export const SERVICE_ACCOUNT_ID = '999900001111';
export const SERVICE_USER_NAME = 'mothball-service';

const ASSUME_ROLES = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'], Resource: '*' },
  ],
});

/** The account that calls from outside: one user who may assume roles, and nothing else. */
export function addServiceAccount(world: World): ServiceCredentials {
  const { partition } = world.addAccount({ accountId: SERVICE_ACCOUNT_ID, name: 'service' });
  const { accessKeys } = world.createUser(SERVICE_ACCOUNT_ID, {
    name: SERVICE_USER_NAME,
    inlinePolicies: { 'assume-roles': ASSUME_ROLES },
    keys: [{}],
  });
  const [key] = accessKeys;
  if (!key) throw new Error('The service user was made without its key.');
  return {
    accountId: SERVICE_ACCOUNT_ID,
    userArn: `arn:${partition}:iam::${SERVICE_ACCOUNT_ID}:user/${SERVICE_USER_NAME}`,
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
  };
}
