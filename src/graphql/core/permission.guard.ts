import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { DomainError } from '../../errors';
import { operationOf } from './allow';
import { isAllowed, OPERATIONS } from './permissions';
import type { RequestContext } from './request-context';

/** Stands before each root field. What declares no operation is closed to everybody. */
@Injectable()
export class PermissionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType<string>() !== 'graphql') return true;
    const operation = operationOf(context.getHandler());
    if (operation === undefined) throw new Error(`${context.getHandler().name} declares no operation with @Allow.`);
    const { principal } = GqlExecutionContext.create(context).getContext<{ mothball: RequestContext }>().mothball;
    if (isAllowed(operation, principal.scope, principal.role)) return true;
    const own = `${principal.scope === 'platform' ? 'platform' : 'tenant'} ${principal.role.toUpperCase()}`;
    throw new DomainError(
      'FORBIDDEN',
      `This is for ${OPERATIONS[operation].who}; your token "${principal.name}" is ${own}.`,
    );
  }
}
