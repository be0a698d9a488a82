import 'reflect-metadata';
import { Extensions } from '@nestjs/graphql';
import type { GraphQLField } from 'graphql';
import type { Operation } from './permissions';

const ALLOW = Symbol('mothball:allow');

/** Where a field of the schema keeps its operation. */
const EXTENSION = 'mothballOperation';

/**
 * Says what a field does, and so who may use it: `@Allow('read')`. Stands on every method that resolves a field; without
 * it nobody may. On a plain field of a type it asks for more than its parent does.
 */
export function Allow(operation: Operation): MethodDecorator & PropertyDecorator {
  const extend = Extensions({ [EXTENSION]: operation });
  return (target: object, name: string | symbol, descriptor?: PropertyDescriptor) => {
    if (typeof descriptor?.value === 'function') Reflect.defineMetadata(ALLOW, operation, descriptor.value as object);
    // In the schema, too, where requests are looked at before they run.
    extend(target, name as string);
  };
}

/** What a resolver's method declares; undefined: nothing. */
export function operationOf(method: object): Operation | undefined {
  return Reflect.getMetadata(ALLOW, method) as Operation | undefined;
}

/** What a field of the schema asks for besides what its parent did; undefined: nothing. */
export function operationOfField({ extensions }: GraphQLField<unknown, unknown>): Operation | undefined {
  return extensions[EXTENSION] as Operation | undefined;
}
