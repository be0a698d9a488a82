import type { AnyCheck } from '../check';
import type { CheckId } from '../policy';
import { accessKeyNotRotated } from './access-key-not-rotated.check';
import { inactiveAccessKey } from './inactive-access-key.check';
import { rootAccessKey } from './root-access-key.check';
import { secondActiveKey } from './second-active-key.check';
import { unusedAccessKey } from './unused-access-key.check';
import { unusedPassword } from './unused-password.check';
import { unusedRole } from './unused-role.check';
import { unusedUser } from './unused-user.check';

/** Every check there is. Adding one: its file, its spec, its settings in `policy.ts`, one line here. */
export const checks: readonly AnyCheck[] = [
  unusedAccessKey,
  unusedPassword,
  unusedUser,
  unusedRole,
  accessKeyNotRotated,
  secondActiveKey,
  inactiveAccessKey,
  rootAccessKey,
];

const byId = new Map<string, AnyCheck>(checks.map((check) => [check.id, check]));

export const isCheckId = (id: string): id is CheckId => byId.has(id);

/** Undefined for an id that no check has (or no longer has). */
export function findCheck(id: CheckId): AnyCheck;
export function findCheck(id: string): AnyCheck | undefined;
export function findCheck(id: string): AnyCheck | undefined {
  return byId.get(id);
}
