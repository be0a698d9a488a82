import type { InventoryRole, InventoryUser } from '../scans/inventory';
import type { Steps } from './check';
import type { KeySubject } from './subject';
import { day } from './wording';

/** A word for a POSIX shell that is taken literally, whatever it holds. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** An AWS managed policy that nobody in the account can edit; as a boundary its deny wins over every allow. */
const denyAllArn = (arn: string): string => `arn:${arn.split(':')[1] ?? 'aws'}:iam::aws:policy/AWSDenyAll`;

const openUser = (name: string): string =>
  `Open the IAM console at https://console.aws.amazon.com/iam/, choose Users and then the user "${name}".`;

/** The key as commands name it; where its id has not been read yet, a placeholder and how to find the right one. */
function keyInCommands({ key, owner }: KeySubject): { id: string; label: string; find: string[] } {
  if (key.accessKeyId !== null) {
    return { id: quoted(key.accessKeyId), label: `the access key ${key.accessKeyId}`, find: [] };
  }
  const created = key.createdAt ? `created on ${day(key.createdAt)}` : `in slot ${key.slot} of the credential report`;
  return {
    id: quoted('ACCESS_KEY_ID'),
    label: `the access key ${created}`,
    find: [
      `# The id of the key has not been read yet. Put that of the key ${created} in place of ACCESS_KEY_ID.`,
      `aws iam list-access-keys --user-name ${quoted(owner.name)}`,
    ],
  };
}

/** Deactivate, wait, delete: one key only; its sibling is never named. */
export function putKeyAway(subject: KeySubject): Steps {
  const { id, label, find } = keyInCommands(subject);
  const user = quoted(subject.owner.name);
  const deactivate = subject.key.active
    ? [`aws iam update-access-key --user-name ${user} --access-key-id ${id} --status Inactive`]
    : [];
  return {
    console: [
      openUser(subject.owner.name),
      `On the tab Security credentials, under Access keys, find ${label}.`,
      ...(subject.key.active ? ['Choose Actions, Deactivate, and wait until nobody misses it.'] : []),
      'Then choose Actions, Delete. A deleted key never comes back.',
    ],
    cli: [
      ...find,
      ...deactivate,
      `# Later, when nobody has missed it. A deleted key never comes back.`,
      `aws iam delete-access-key --user-name ${user} --access-key-id ${id}`,
    ],
  };
}

/** A new key takes over before the old one goes. */
export function rotateKey(subject: KeySubject): Steps {
  const old = putKeyAway(subject);
  const user = quoted(subject.owner.name);
  const makeRoom = subject.sibling
    ? ['The user has two keys, the most there can be: use the other one, or delete it if it is unused, first.']
    : [];
  return {
    console: [
      openUser(subject.owner.name),
      ...makeRoom,
      'On the tab Security credentials choose Create access key, and give the new key to every program that has the old one.',
      ...old.console.slice(1),
    ],
    cli: [
      ...makeRoom.map((step) => `# ${step}`),
      ...(subject.sibling ? [] : [`aws iam create-access-key --user-name ${user}`]),
      '# Give the new key to every program that has the old one. Then:',
      ...old.cli,
    ],
  };
}

export function removePassword(name: string): Steps {
  return {
    console: [
      openUser(name),
      'On the tab Security credentials, under Console sign-in, choose Manage console access, Disable access.',
      'An administrator can set a new password at any time.',
    ],
    cli: [`aws iam delete-login-profile --user-name ${quoted(name)}`],
  };
}

/** Deny everything first, delete later, in the order that IAM demands. The boundary stays to the end. */
export function deleteUser(user: InventoryUser): Steps {
  const name = `--user-name ${quoted(user.name)}`;
  const credentials = user.credentials.state === 'known' ? user.credentials.value : null;
  const keyIds = credentials?.accessKeys.flatMap((key) => (key.accessKeyId === null ? [] : [key.accessKeyId])) ?? [];
  const allKeysNamed = credentials !== null && keyIds.length === credentials.accessKeys.length;
  return {
    console: [
      openUser(user.name),
      'If unsure: on the tab Permissions set the permissions boundary AWSDenyAll and wait until nobody misses the user; removing it undoes this.',
      'To delete: choose Delete and confirm with the name. Its keys, password and MFA devices never come back.',
    ],
    cli: [
      '# If unsure, deny everything first and wait until nobody misses the user; delete-user-permissions-boundary undoes this.',
      `aws iam put-user-permissions-boundary ${name} --permissions-boundary ${quoted(denyAllArn(user.arn))}`,
      '# Then delete what belongs to the user. The lists show what else there is; delete each entry.',
      ...(credentials?.password === null ? [] : [`aws iam delete-login-profile ${name}`]),
      ...(allKeysNamed ? [] : [`aws iam list-access-keys ${name}`]),
      ...keyIds.map((id) => `aws iam delete-access-key ${name} --access-key-id ${quoted(id)}`),
      ...['signing-certificates', 'ssh-public-keys', 'service-specific-credentials', 'mfa-devices'].map(
        (what) => `aws iam list-${what} ${name}`,
      ),
      ...user.attachedPolicyArns.map((arn) => `aws iam detach-user-policy ${name} --policy-arn ${quoted(arn)}`),
      ...user.groups.map((group) => `aws iam remove-user-from-group ${name} --group-name ${quoted(group)}`),
      ...user.inlinePolicyNames.map((policy) => `aws iam delete-user-policy ${name} --policy-name ${quoted(policy)}`),
      `aws iam delete-user ${name}`,
    ],
  };
}

export function deleteRole(role: InventoryRole): Steps {
  const name = `--role-name ${quoted(role.name)}`;
  const profiles = role.instanceProfileArns.map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
  return {
    console: [
      `Open the IAM console at https://console.aws.amazon.com/iam/, choose Roles and then the role "${role.name}".`,
      ...(profiles.length > 0 ? [`It is in the instance profile ${profiles.join(', ')}: an instance may use it.`] : []),
      'If unsure: on the tab Permissions set the permissions boundary AWSDenyAll and wait until nobody misses the role; removing it undoes this.',
      'To delete: choose Delete and confirm with the name. A role made again under that name is not trusted by policies that named the old one.',
    ],
    cli: [
      '# If unsure, deny everything first and wait until nobody misses the role; delete-role-permissions-boundary undoes this.',
      `aws iam put-role-permissions-boundary ${name} --permissions-boundary ${quoted(denyAllArn(role.arn))}`,
      '# Then delete.',
      ...profiles.map((p) => `aws iam remove-role-from-instance-profile ${name} --instance-profile-name ${quoted(p)}`),
      ...role.attachedPolicyArns.map((arn) => `aws iam detach-role-policy ${name} --policy-arn ${quoted(arn)}`),
      ...role.inlinePolicyNames.map((policy) => `aws iam delete-role-policy ${name} --policy-name ${quoted(policy)}`),
      `aws iam delete-role ${name}`,
    ],
  };
}
