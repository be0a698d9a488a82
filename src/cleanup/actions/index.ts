import type { CleanupAction } from '../action';
import { deactivateAccessKey } from './deactivate-access-key.action';
import { deleteAccessKey } from './delete-access-key.action';
import { deletePassword } from './delete-password.action';
import { deleteRole } from './delete-role.action';
import { deleteUser } from './delete-user.action';
import { quarantineRole } from './quarantine-role.action';
import { quarantineUser } from './quarantine-user.action';
import { restoreRole } from './restore-role.action';
import { restoreUser } from './restore-user.action';

/** Everything that clean-up may do. An action that is not listed here does not exist. */
export const cleanupActions: readonly CleanupAction[] = [
  deactivateAccessKey,
  deleteAccessKey,
  deletePassword,
  quarantineUser,
  deleteUser,
  quarantineRole,
  deleteRole,
  restoreUser,
  restoreRole,
];
