import type { GraphQLObjectType } from 'graphql';
import { schemaOfResolvers } from '../print-schema';
import { resolvers } from '../resolvers';
import { operationOf } from './allow';
import { isAllowed, OPERATIONS, type Operation } from './permissions';

/** As Nest marks methods of resolvers. */
const TYPE = 'graphql:resolver_type';
const NAME = 'graphql:resolver_name';

interface RootField {
  readonly type: string;
  readonly name: string;
  readonly operation: Operation | undefined;
}

const rootFields: RootField[] = resolvers.flatMap((resolver) => {
  const prototype = resolver.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((property) => {
    const method = prototype[property];
    const type = method && (Reflect.getMetadata(TYPE, method) as string | undefined);
    if (!method || type === undefined || !['Query', 'Mutation', 'Subscription'].includes(type)) return [];
    const name = (Reflect.getMetadata(NAME, method) as string | undefined) ?? property;
    return [{ type, name, operation: operationOf(method) }];
  });
});

describe('every root field', () => {
  it('declares what it does with @Allow', async () => {
    const schema = await schemaOfResolvers();
    const inSchema = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys((type as GraphQLObjectType).getFields()),
    );
    expect(rootFields.map(({ name }) => name).sort()).toEqual(inSchema.sort());
    expect(rootFields.filter(({ operation }) => operation === undefined)).toEqual([]);
  });

  it.each(rootFields.filter(({ type }) => type === 'Mutation'))(
    '$name changes nothing for those who only read',
    ({ operation }) => {
      if (operation === undefined) throw new Error('declares nothing');
      for (const role of ['viewer', 'auditor', 'approver'] as const) {
        expect(isAllowed(operation, 'tenant', role)).toBe(false);
        expect(isAllowed(operation, 'platform', role)).toBe(false);
      }
    },
  );
});

describe('the table of permissions', () => {
  it('keeps what is the platform’s from every tenant', () => {
    const platforms = Object.keys(OPERATIONS).filter((name): name is Operation => name.endsWith('-platform'));
    expect(platforms).toHaveLength(2);
    for (const operation of platforms) {
      for (const role of ['admin', 'approver', 'viewer', 'auditor'] as const) {
        expect(isAllowed(operation, 'tenant', role)).toBe(false);
      }
    }
  });
});
