import 'reflect-metadata';
import type { Operation } from './permissions';

const ALLOW = Symbol('mothball:allow');

/** Says what a root field does, and so who may use it: `@Allow('read')`. Without it nobody may. */
export function Allow(operation: Operation): MethodDecorator {
  return (_target, _name, descriptor) => {
    Reflect.defineMetadata(ALLOW, operation, descriptor.value as object);
  };
}

/** What a resolver's method declares; undefined: nothing. */
export function operationOf(method: object): Operation | undefined {
  return Reflect.getMetadata(ALLOW, method) as Operation | undefined;
}
