import { tagsElement } from './answers';
import type { IamOperation } from './iam-call';
import { roleOf } from './iam-call';
import { modifiable } from './protected-roles';
import { describedRole } from './roles';

/** What is left out stays as it is, in both. */
export const roleUpdateOperations: Record<string, IamOperation> = {
  UpdateRole: (call) => {
    const role = modifiable(roleOf(call));
    const description = call.parameters.optional('Description', { max: 1_000 });
    const seconds = call.parameters.integer('MaxSessionDuration', 3_600, 43_200);
    if (description !== undefined) role.description = description;
    if (seconds !== undefined) role.maxSessionDuration = seconds;
    return {};
  },

  UpdateRoleDescription: (call) => {
    const role = modifiable(roleOf(call));
    role.description = call.parameters.optional('Description', { max: 1_000 }) ?? role.description;
    return { Role: { ...describedRole(call, role), Tags: tagsElement(role) } };
  },
};
