import type { CleanupAction } from '../action';
import { KEY_READS } from '../fresh-reads';

/** `DeleteAccessKey` is authorized on the user, so IAM cannot protect the sibling key: fresh reads have to. */
export const deleteAccessKey: CleanupAction = {
  id: 'delete-access-key',
  fixes: ['unused-access-key', 'access-key-not-rotated', 'second-active-key', 'inactive-access-key'],
  role: 'cleanup',
  permissions: [...KEY_READS, { on: 'users', actions: ['iam:DeleteAccessKey'] }],
};
