import type { IamCall, IamOperation } from './iam-call';
import { namedUserOf, roleOf } from './iam-call';
import { modifiable } from './protected-roles';
import { parseIamArn } from '../../arns';
import { isAwsManaged } from '../../authorization/aws-managed-policies';
import { AwsError, noSuchEntity, validationError } from '../../protocol/aws-error';
import type { SimPrincipal } from '../../world/model';

/** A boundary must be a managed policy that exists, of this partition. */
export function checkBoundary(call: IamCall, arn: string | undefined): string | null {
  if (arn === undefined) return null;
  const parsed = parseIamArn(arn);
  if (parsed?.type !== 'policy' || parsed.partition !== call.account.partition) {
    throw validationError(`Value ${arn} at 'permissionsBoundary' is not the ARN of a managed policy.`);
  }
  if (!isAwsManaged(arn) && !call.account.policies.has(arn)) {
    throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
  }
  return arn;
}

const put =
  (find: (call: IamCall) => SimPrincipal): IamOperation =>
  (call) => {
    const identity = find(call);
    identity.boundaryArn = checkBoundary(call, call.parameters.text('PermissionsBoundary', { min: 20, max: 2_048 }));
    return undefined;
  };

const remove =
  (find: (call: IamCall) => SimPrincipal): IamOperation =>
  (call) => {
    const identity = find(call);
    if (identity.boundaryArn === null) {
      throw new AwsError('NoSuchEntity', `${identity.name} does not have a permissions boundary.`, 404);
    }
    identity.boundaryArn = null;
    return undefined;
  };

const modifiableRole = (call: IamCall): SimPrincipal => modifiable(roleOf(call));

export const boundaryOperations: Record<string, IamOperation> = {
  PutUserPermissionsBoundary: put(namedUserOf),
  PutRolePermissionsBoundary: put(modifiableRole),
  DeleteUserPermissionsBoundary: remove(namedUserOf),
  DeleteRolePermissionsBoundary: remove(modifiableRole),
};
