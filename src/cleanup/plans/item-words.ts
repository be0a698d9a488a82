import { graceDaysOf, isSilenced } from '../items/course-facts';
import type { Course, PlanGoal, PlanItemRow } from '../items/plan-item';
import type { CleanupRules } from '../rules/cleanup-rules';

/** What a plan means for one item, in sentences for people. */
export interface ItemWords {
  /** What will be done, in order. */
  readonly willBeDone: readonly string[];
  /** What a restore brings back. */
  readonly comesBack: readonly string[];
  /** What nothing brings back. */
  readonly neverComesBack: readonly string[];
}

type Item = Pick<PlanItemRow, 'course' | 'access_key_id' | 'approved' | 'continues_item_id'>;

/** Pure; `rules` are those that the plan was made under. */
export function itemWords(item: Item, goal: PlanGoal, rules: CleanupRules): ItemWords {
  const deletes = goal === 'deletion';
  const begins =
    item.continues_item_id === null ? quarantineOf(item) : ['It is in quarantine already, and stays in it.'];
  return {
    willBeDone: [...begins, ...(deletes ? [...waitOf(item, rules), ...deletionOf(item)] : [staysOf(item.course)])],
    comesBack: deletes ? afterDeletion(item) : [BACK_FROM_QUARANTINE[item.course]],
    neverComesBack: deletes ? neverAfterDeletion(item) : [],
  };
}

const LOOK =
  'Read it again, save everything that IAM tells of it, and refuse if anything has changed since the approval.';
const USERS_BOUNDARY =
  'Give the user the permissions boundary AWSDenyAll, which stops everything it does; its keys stay active, so that their use is noticed.';

function quarantineOf({ course, access_key_id }: Item): string[] {
  switch (course) {
    case 'access-key':
      return [LOOK, `Make the access key ${access_key_id ?? ''} inactive. An inactive key may show no sign of life.`];
    case 'observed-key':
      return [LOOK, USERS_BOUNDARY];
    case 'password':
      return [LOOK, 'Announce that the password goes. Signing in cannot be switched off, so nothing is changed yet.'];
    case 'user':
      return [LOOK, USERS_BOUNDARY];
    case 'role':
      return [LOOK, 'Give the role the permissions boundary AWSDenyAll, which stops its old and new sessions alike.'];
  }
}

const staysOf = (course: Course): string =>
  course === 'password'
    ? 'Nothing else: this plan deletes nothing.'
    : 'Look for signs of life, and give it back at once when there is one. It stays in quarantine: this plan deletes nothing.';

function waitOf({ course }: Item, rules: CleanupRules): string[] {
  const silent = `Make its active keys inactive, and wait for ${rules.silenceHours} more hours.`;
  return [
    `For ${graceDaysOf(course, rules)} days look for signs of life, and give it back at once when there is one.`,
    ...(isSilenced(course) ? [silent] : []),
    'Read it once more: anything that is not known, used, new or exempt by then ends it here.',
  ];
}

function deletionOf({ course, access_key_id, approved }: Item): string[] {
  switch (course) {
    case 'access-key':
      return [`Delete the access key ${access_key_id ?? ''}, and no other one.`];
    case 'observed-key':
      return [
        `Delete the access key ${access_key_id ?? ''}, and no other one.`,
        'Take the boundary off the user, which has no credential left.',
      ];
    case 'password':
      return ['Delete the login profile. The user and its keys stay.'];
    case 'user':
      return [
        'Ask for the deletion first: where AWS refuses it, nothing has been lost.',
        `Delete or detach what belongs to it, the boundary last of all: ${partsOfUser(approved)}.`,
        'Delete the user.',
      ];
    case 'role':
      return [
        'Ask for the deletion first: where AWS refuses it, nothing has been lost.',
        `Detach what belongs to it; the boundary stays to the end: ${partsOfRole(approved)}.`,
        'Delete the role.',
      ];
  }
}

const counted = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${many}`];

const told = (parts: readonly string[]): string => (parts.length === 0 ? 'nothing is attached' : parts.join(', '));

const policiesOf = ({ attachedPolicyArns, inlinePolicyNames }: Item['approved']): string[] => [
  ...counted(attachedPolicyArns.length, 'managed policy', 'managed policies'),
  ...counted(inlinePolicyNames.length, 'inline policy', 'inline policies'),
];

const partsOfUser = (approved: Item['approved']): string =>
  told([
    ...(approved.hasPassword ? ['its password'] : []),
    ...counted(approved.keys.length, 'access key', 'access keys'),
    'certificates, SSH keys, service-specific credentials and MFA devices where it has any',
    ...policiesOf(approved),
    ...counted(approved.groups.length, 'group', 'groups'),
  ]);

const partsOfRole = (approved: Item['approved']): string =>
  told([
    ...counted(
      approved.instanceProfileArns.length,
      'instance profile (which is kept)',
      'instance profiles (which are kept)',
    ),
    ...policiesOf(approved),
  ]);

const BACK_FROM_QUARANTINE: Readonly<Record<Course, string>> = {
  'access-key': 'The key, active again.',
  'observed-key': 'All of it: the boundary is taken off.',
  password: 'All of it: nothing was changed.',
  user: 'All of it: the boundary is taken off, and its keys are active again.',
  role: 'All of it: the boundary is taken off.',
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html, and what IAM's own documents call lost. */
function afterDeletion({ course }: Item): string[] {
  switch (course) {
    case 'access-key':
    case 'observed-key':
      return ['While it is in quarantine all of it; of the deleted key nothing.'];
    case 'password':
      return ['The user can be given a new password by an administrator.'];
    case 'user':
      return [
        'A user of the same name and path with its policies, groups, tags, SSH public keys and signing certificates, made by the restore role.',
      ];
    case 'role':
      return [
        'A role of the same name and path with its trust policy, policies, tags, boundary and instance profiles, made by the restore role.',
      ];
  }
}

const DEAD_ID =
  'The unique id: policies that named it hold a dead one, and do not trust or allow the new one until somebody mends them.';
const AWS_TAGS = 'Tags that begin with "aws:".';

function neverAfterDeletion({ course }: Item): string[] {
  switch (course) {
    case 'access-key':
    case 'observed-key':
      return ['The key and its secret.'];
    case 'password':
      return ['The password.'];
    case 'user':
      return [
        'Access keys and their secrets, the password, MFA devices, the secrets of service-specific credentials.',
        DEAD_ID,
        AWS_TAGS,
      ];
    case 'role':
      return [DEAD_ID, 'Grants of KMS keys that were made for it.', AWS_TAGS];
  }
}
