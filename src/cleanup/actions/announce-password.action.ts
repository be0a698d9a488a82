import type { CleanupAction } from '../action';
import { CREDENTIAL_READS } from '../fresh-reads';
import { refusePassword } from './refusals/the-password';

/** Signing in cannot be switched off reversibly, so a password has a notice period, in which nothing is changed. */
export const announcePassword: CleanupAction = {
  id: 'announce-password',
  fixes: ['unused-password'],
  courses: ['password'],
  role: 'cleanup',
  permissions: CREDENTIAL_READS,
  refuse: refusePassword,
  apply: () => [],
  undo: () => [],
};
