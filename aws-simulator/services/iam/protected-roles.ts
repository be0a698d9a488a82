import { AwsError } from '../../protocol/aws-error';
import type { SimRole } from '../../world/model';

export const SERVICE_LINKED_PATH = '/aws-service-role/';
/** IAM Identity Center's: `AWSReservedSSO_*`. */
export const RESERVED_PATH = '/aws-reserved/';

/** Only AWS changes a service-linked role, or one of IAM Identity Center. Throws `UnmodifiableEntity`. */
export function modifiable(role: SimRole): SimRole {
  if (role.path.startsWith(SERVICE_LINKED_PATH) || role.path.startsWith(RESERVED_PATH)) {
    throw new AwsError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
      400,
    );
  }
  return role;
}
