import { AwsError } from '../../protocol/aws-error';
import type { SimRole } from '../../world/model';

export const SERVICE_LINKED_PATH = '/aws-service-role/';

/** Only the linked service may change a service-linked role. Throws `UnmodifiableEntity`. */
export function modifiable(role: SimRole): SimRole {
  if (role.path.startsWith(SERVICE_LINKED_PATH)) {
    throw new AwsError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
      400,
    );
  }
  return role;
}
