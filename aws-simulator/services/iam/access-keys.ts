import type { IamCall, IamOperation } from './iam-call';
import { ACCESS_KEY_ID, shown, userOf } from './iam-call';
import { paged } from './paging';
import { accessDenied, limitExceeded, noSuchEntity } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { SimAccessKey, SimUser } from '../../world/model';

const MAX_KEYS = 2;

export const accessKeyOperations: Record<string, IamOperation> = {
  ListAccessKeys: (call) => {
    const user = userOf(call);
    const { items, answer } = paged(call, user.accessKeys, ({ accessKeyId }) => accessKeyId);
    return {
      AccessKeyMetadata: members(
        items.map((key) => ({
          UserName: user.name,
          AccessKeyId: key.accessKeyId,
          Status: key.active ? 'Active' : 'Inactive',
          CreateDate: shown(call, key.createdAt),
        })),
      ),
      UserName: user.name,
      ...answer,
    };
  },

  /** A key that was never used, or before tracking began, has region and service `N/A` and no date. */
  GetAccessKeyLastUsed: (call) => {
    const accessKeyId = call.parameters.text('AccessKeyId', ACCESS_KEY_ID);
    const owner = ownerOfKey(call, accessKeyId);
    if (!owner) throw unknownKey(call, accessKeyId);
    const use = call.simulation.world.keyLastUse(owner.key);
    return {
      UserName: owner.user.name,
      AccessKeyLastUsed: use
        ? { LastUsedDate: shown(call, use.at), ServiceName: use.service, Region: use.region }
        : { ServiceName: 'N/A', Region: 'N/A' },
    };
  },

  CreateAccessKey: (call) => {
    const user = userOf(call);
    if (user.accessKeys.length >= MAX_KEYS)
      throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${MAX_KEYS}`);
    const key: SimAccessKey = {
      accessKeyId: call.simulation.world.newUniqueId('AKIA', call.account.summary.accountId),
      secretAccessKey: call.simulation.world.newSecret(),
      active: true,
      createdAt: call.simulation.world.time.second(),
      lastUse: null,
    };
    user.accessKeys.push(key);
    return {
      AccessKey: {
        UserName: user.name,
        AccessKeyId: key.accessKeyId,
        Status: 'Active',
        SecretAccessKey: key.secretAccessKey,
        CreateDate: shown(call, key.createdAt),
      },
    };
  },

  UpdateAccessKey: (call) => {
    const key = keyOf(call, userOf(call));
    call.parameters.text('Status');
    key.active = call.parameters.oneOf('Status', ['Active', 'Inactive']) === 'Active';
    return undefined;
  },

  DeleteAccessKey: (call) => {
    const user = userOf(call);
    const key = keyOf(call, user);
    user.accessKeys = user.accessKeys.filter((candidate) => candidate !== key);
    return undefined;
  },
};

function keyOf(call: IamCall, user: SimUser): SimAccessKey {
  const accessKeyId = call.parameters.text('AccessKeyId', ACCESS_KEY_ID);
  const key = user.accessKeys.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (!key) throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
  return key;
}

export function ownerOfKey(
  { account }: Pick<IamCall, 'account'>,
  accessKeyId: string,
): { user: SimUser; key: SimAccessKey } | undefined {
  for (const user of account.users.values()) {
    const key = user.accessKeys.find((candidate) => candidate.accessKeyId === accessKeyId);
    if (key) return { user, key };
  }
  return undefined;
}

const unknownKey = (call: IamCall, accessKeyId: string): Error =>
  call.simulation.switches.unknownAccessKeyError === 'NoSuchEntity'
    ? noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`)
    : accessDenied(
        `User: ${call.principal.arn} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${accessKeyId}`,
      );
