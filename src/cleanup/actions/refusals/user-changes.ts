import { sameSecond } from '../../../scans/collectors/tracking';
import type { ActionContext } from '../../action';
import type { ApprovedFacts } from '../../items/plan-item';
import type { ObservedKey, ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { attachmentsChanged, documentsChanged, newAttachment } from './changes';
import { mayHaveDone } from './intended';
import { called, firstOf, PROPOSE_AGAIN, refusal } from './refusal';

type ApprovedKey = ApprovedFacts['keys'][number];

/** Policies, groups and documents of a user against what was approved and saved. */
export const userAttachmentsChanged = (seen: ObservedUser, context: ActionContext): Refusal | null => {
  const { approved, name: UserName } = context.item;
  return firstOf(
    () =>
      attachmentsChanged(
        [
          {
            what: 'managed policy',
            seen: seen.attachedPolicyArns,
            approved: approved.attachedPolicyArns,
            takenByUs: (PolicyArn) => mayHaveDone(context, 'iam:DetachUserPolicy', { UserName, PolicyArn }),
          },
          {
            what: 'inline policy',
            seen: Object.keys(seen.inlinePolicies),
            approved: approved.inlinePolicyNames,
            takenByUs: (PolicyName) => mayHaveDone(context, 'iam:DeleteUserPolicy', { UserName, PolicyName }),
          },
          {
            what: 'group',
            seen: seen.groups,
            approved: approved.groups,
            takenByUs: (GroupName) => mayHaveDone(context, 'iam:RemoveUserFromGroup', { UserName, GroupName }),
          },
        ],
        context,
      ),
    () => documentsChanged(seen, context),
  );
};

/** Whether it is this key: by id where it was known when approved, by the second of its creation in any case. */
export const isKey = (approved: ApprovedKey, { id, createdAt }: Pick<ObservedKey, 'id' | 'createdAt'>): boolean =>
  (approved.id === null || approved.id === id) && sameSecond(new Date(approved.createdAt), createdAt);

/** Every key and the password of a user against what was approved. */
export function userCredentialsChanged(seen: ObservedUser, context: ActionContext): Refusal | null {
  return firstOf(
    () => keysChanged(seen, context),
    () => passwordChanged(seen, context),
    () => otherCredentials(seen, context),
  );
}

function keysChanged(seen: ObservedUser, context: ActionContext): Refusal | null {
  const { item, snapshot } = context;
  for (const key of seen.keys) {
    const known = item.approved.keys.find((approved) => isKey(approved, key));
    if (!known) return newAttachment(`${called(item)} has an access key that was not approved: ${key.id}.`);
    if (key.active && !known.active) {
      return refusal(
        'ACTIVE_AGAIN',
        `The access key ${key.id} of ${item.name} was inactive when this was approved and is active now.`,
        PROPOSE_AGAIN,
      );
    }
  }
  const saved = snapshot?.kind === 'user' ? snapshot.keys : [];
  for (const approved of item.approved.keys) {
    if (seen.keys.some((key) => isKey(approved, key))) continue;
    const id = approved.id ?? saved.find((key) => isKey(approved, key))?.id;
    const ours =
      id !== undefined && mayHaveDone(context, 'iam:DeleteAccessKey', { UserName: item.name, AccessKeyId: id });
    if (!ours) {
      const which = id ?? `of ${approved.createdAt}`;
      return refusal('CHANGED', `${called(item)} does not have the access key ${which} any more.`, PROPOSE_AGAIN);
    }
  }
  return null;
}

/** A password that was set after the approval was not approved. */
export function passwordChanged({ password }: ObservedUser, context: ActionContext): Refusal | null {
  const { item, snapshot } = context;
  const { hasPassword, passwordChangedAt } = item.approved;
  if (!password) {
    const ours = mayHaveDone(context, 'iam:DeleteLoginProfile', { UserName: item.name });
    return !hasPassword || ours ? null : refusal('CHANGED', `${called(item)} has no password any more.`, PROPOSE_AGAIN);
  }
  const saved = snapshot?.kind === 'user' ? snapshot.password : null;
  const another =
    !hasPassword ||
    (passwordChangedAt !== null && password.createdAt.getTime() >= new Date(passwordChangedAt).getTime() + 1000) ||
    (saved !== null && !sameSecond(saved.createdAt, password.createdAt)) ||
    (snapshot?.kind === 'user' && saved === null);
  return another ? newAttachment(`${called(item)} has a password that was not approved.`) : null;
}

/** SSH keys, service-specific credentials and certificates: active ones may be in use, and no use of them is known. */
export function otherCredentials(seen: ObservedUser, { item, snapshot }: ActionContext): Refusal | null {
  const before = snapshot?.kind === 'user' ? snapshot : null;
  const kinds = [
    { what: 'SSH public key', now: seen.sshKeys, saved: before?.sshKeys },
    { what: 'service-specific credential', now: seen.serviceCredentials, saved: before?.serviceCredentials },
    { what: 'signing certificate', now: seen.certificates, saved: before?.certificates },
  ];
  for (const { what, now, saved } of kinds) {
    const active = now.find((credential) => credential.active);
    if (active) {
      return refusal(
        'ACTIVE_CREDENTIAL',
        `${called(item)} has an active ${what}, ${active.id}, whose use cannot be known.`,
        'Make it inactive if it is not needed, and propose it again.',
      );
    }
    const added = saved && now.find(({ id }) => !saved.some((one) => one.id === id));
    if (added) return newAttachment(`${called(item)} has a ${what} that was not there: ${added.id}.`);
  }
  const device =
    before && seen.mfaDevices.find((now) => !before.mfaDevices.some((one) => one.serialNumber === now.serialNumber));
  return device ? newAttachment(`${called(item)} has an MFA device that was not there: ${device.serialNumber}.`) : null;
}
