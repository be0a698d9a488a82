import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedUser } from '../observed';
import { settableTags } from './steps/re-creation';
import { profileName } from './steps/role-steps';
import { sshKey } from './steps/user-steps';
import { deadPrincipals } from './refusals/restoring';

/**
 * What a deletion takes for good, in sentences for people; pure.
 * @param after what is there after it was made again: what of the saved one is missing then is named, too. Null: it has
 * not been made again (yet).
 */
export function lossesOf(
  snapshot: Observed,
  after: Observed | null,
  item: Pick<PlanItemRow, 'course' | 'access_key_id' | 'references_found'>,
): string[] {
  switch (item.course) {
    case 'access-key':
    case 'observed-key':
      return [`The secret of the access key ${item.access_key_id} is gone. A new key has to be made for its owner.`];
    case 'password':
      return ['The password is gone. An administrator has to set a new one.'];
    case 'user':
    case 'role':
      return [
        ...identityLosses(snapshot, after, item),
        ...(snapshot.kind === 'user' ? userLosses(snapshot) : trustLosses(snapshot.trustPolicy)),
        ...(after ? missing(snapshot, after) : []),
      ];
  }
}

function identityLosses(
  snapshot: Observed,
  after: Observed | null,
  { references_found: references }: Pick<PlanItemRow, 'references_found'>,
): string[] {
  const tags = Object.keys(snapshot.tags).filter((key) => !settableTags({ [key]: '' }).length);
  const now = after && after.uniqueId !== snapshot.uniqueId ? `; the new one is ${after.uniqueId}` : '';
  const unseen = 'Key, bucket and other resource policies, also of other accounts, could not be looked at.';
  return [
    `The unique id ${snapshot.uniqueId} is gone${now}. Policies that named ${snapshot.name} hold that id and do not let the new one in until they are saved again with its ARN.`,
    ...references.filter(({ kind }) => kind === 'trust-policy').map(({ text }) => `Mend by hand: ${text}`),
    ...(references.some(({ kind }) => kind === 'unseen')
      ? references.filter(({ kind }) => kind === 'unseen').map(({ text }) => text)
      : [unseen]),
    ...(tags.length > 0 ? [`Tags that only AWS can set do not come back: ${tags.join(', ')}.`] : []),
  ];
}

function userLosses({ password, keys, mfaDevices, serviceCredentials }: ObservedUser): string[] {
  const named = (items: readonly string[]): string => items.join(', ');
  return [
    ...(password ? ['The password is gone. An administrator has to set a new one.'] : []),
    ...(keys.length > 0
      ? [`The secrets of its access keys are gone: ${named(keys.map(({ id }) => id))}. New keys have to be made.`]
      : []),
    ...(mfaDevices.length > 0
      ? [`Its MFA devices have to be set up anew: ${named(mfaDevices.map(({ serialNumber }) => serialNumber))}.`]
      : []),
    ...(serviceCredentials.length > 0
      ? [
          `Its service-specific credentials are gone: ${named(serviceCredentials.map(({ id, serviceName }) => `${id} (${serviceName})`))}. New ones have to be made.`,
        ]
      : []),
  ];
}

function trustLosses(trustPolicy: string): string[] {
  const dead = deadPrincipals(trustPolicy);
  return [
    'What was granted to the role by its unique id, such as KMS grants of Lambda functions, stays broken.',
    ...(dead.length > 0
      ? [`Its trust policy names principals that were deleted (${dead.join(', ')}): AWS makes no role with it.`]
      : []),
  ];
}

/** What was saved and is not there now, although it could have come back. */
function missing(snapshot: Observed, after: Observed): string[] {
  const gone = (what: string, before: readonly string[], now: readonly string[]): string[] => {
    const names = before.filter((name) => !now.includes(name));
    return names.length > 0 ? [`Not brought back: ${what} ${names.join(', ')}.`] : [];
  };
  const common = [
    ...gone('managed policy', snapshot.attachedPolicyArns, after.attachedPolicyArns),
    ...gone('inline policy', Object.keys(snapshot.inlinePolicies), Object.keys(after.inlinePolicies)),
  ];
  if (snapshot.kind === 'user' && after.kind === 'user') {
    const idsOf = (
      user: ObservedUser,
      now: readonly string[],
      key: (body: string) => string,
      kind: 'sshKeys' | 'certificates',
    ) => user[kind].filter(({ body }) => !now.includes(key(body))).map(({ id }) => id);
    const plain = (pem: string): string => pem.replaceAll(/\s/g, '');
    return [
      ...common,
      ...gone('group', snapshot.groups, after.groups),
      ...gone(
        'SSH public key',
        idsOf(
          snapshot,
          after.sshKeys.map(({ body }) => sshKey(body)),
          sshKey,
          'sshKeys',
        ),
        [],
      ),
      ...gone(
        'signing certificate',
        idsOf(
          snapshot,
          after.certificates.map(({ body }) => plain(body)),
          plain,
          'certificates',
        ),
        [],
      ),
    ];
  }
  if (snapshot.kind === 'role' && after.kind === 'role') {
    const names = (arns: readonly string[]): string[] => arns.map(profileName);
    return [
      ...common,
      ...gone('instance profile', names(snapshot.instanceProfileArns), names(after.instanceProfileArns)),
    ];
  }
  return common;
}
