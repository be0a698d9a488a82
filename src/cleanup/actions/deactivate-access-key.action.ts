import type { CleanupAction } from '../action';
import { KEY_READS } from '../fresh-reads';

/** A key is quarantined by making it inactive, and comes back by making it active again. */
export const deactivateAccessKey: CleanupAction = {
  id: 'deactivate-access-key',
  fixes: ['unused-access-key', 'access-key-not-rotated', 'second-active-key'],
  role: 'cleanup',
  permissions: [...KEY_READS, { on: 'users', actions: ['iam:UpdateAccessKey'] }],
};
