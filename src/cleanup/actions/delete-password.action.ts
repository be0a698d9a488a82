import type { CleanupAction } from '../action';
import { KEY_READS } from '../fresh-reads';

/** Signing in cannot be switched off reversibly: after its notice period the password goes. */
export const deletePassword: CleanupAction = {
  id: 'delete-password',
  fixes: ['unused-password'],
  role: 'cleanup',
  permissions: [...KEY_READS, { on: 'users', actions: ['iam:GetLoginProfile', 'iam:DeleteLoginProfile'] }],
};
