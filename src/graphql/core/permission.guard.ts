import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { operationOf } from './allow';
import type { RequestContext } from './request-context';

/**
 * Stands before each root field, behind the look at the whole request (`entry.ts`). What declares no operation is closed
 * to everybody.
 */
@Injectable()
export class PermissionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType<string>() !== 'graphql') return true;
    const operation = operationOf(context.getHandler());
    if (operation === undefined) throw new Error(`${context.getHandler().name} declares no operation with @Allow.`);
    const { mothball } = GqlExecutionContext.create(context).getContext<{ mothball: RequestContext }>();
    mothball.mustBeAllowed(operation);
    return true;
  }
}
