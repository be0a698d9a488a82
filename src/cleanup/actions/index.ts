import { DomainError } from '../../errors';
import type { CleanupAction } from '../action';
import type { Course } from '../items/plan-item';
import { announcePassword } from './announce-password.action';
import { deactivateAccessKey } from './deactivate-access-key.action';
import { deleteAccessKey } from './delete-access-key.action';
import { deleteObservedKey } from './delete-observed-key.action';
import { deletePassword } from './delete-password.action';
import { deleteRole } from './delete-role.action';
import { deleteUser } from './delete-user.action';
import { quarantineRole } from './quarantine-role.action';
import { quarantineUser } from './quarantine-user.action';
import { restoreRole } from './restore-role.action';
import { restoreUser } from './restore-user.action';
import { silenceUser } from './silence-user.action';

/** Everything that clean-up may do. An action that is not listed here does not exist. */
export const cleanupActions: readonly CleanupAction[] = [
  deactivateAccessKey,
  deleteAccessKey,
  deleteObservedKey,
  announcePassword,
  deletePassword,
  quarantineUser,
  silenceUser,
  deleteUser,
  quarantineRole,
  deleteRole,
  restoreUser,
  restoreRole,
];

/** `restore`: making again what was deleted, or re-attaching what a halted deletion took. */
export type ActionPurpose = 'quarantine' | 'silence' | 'deletion' | 'restore';

const BY_COURSE: Readonly<Record<Course, Readonly<Partial<Record<ActionPurpose, CleanupAction>>>>> = {
  'access-key': { quarantine: deactivateAccessKey, deletion: deleteAccessKey },
  'observed-key': { quarantine: quarantineUser, silence: silenceUser, deletion: deleteObservedKey },
  password: { quarantine: announcePassword, deletion: deletePassword },
  user: { quarantine: quarantineUser, silence: silenceUser, deletion: deleteUser, restore: restoreUser },
  role: { quarantine: quarantineRole, deletion: deleteRole, restore: restoreRole },
};

/**
 * What does it to an item of a course.
 * @throws DomainError `NOT_POSSIBLE` for what does not exist: only users and keys that are listened to are silenced, and
 * a deleted key or password never comes back.
 */
export function actionFor(course: Course, purpose: ActionPurpose): CleanupAction {
  const action = BY_COURSE[course][purpose];
  if (action) return action;
  throw new DomainError('NOT_POSSIBLE', `There is no ${purpose} for the course ${course}.`, {
    remedy:
      purpose === 'restore'
        ? 'Secrets cannot be brought back: make a new access key or password for its owner.'
        : 'Report this as a fault of Mothball.',
  });
}
