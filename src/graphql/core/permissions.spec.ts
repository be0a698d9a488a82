import { type GraphQLObjectType, isObjectType } from 'graphql';
import { schemaOfResolvers } from '../print-schema';
import { resolvers } from '../resolvers';
import { operationOf, operationOfField } from './allow';
import { isAllowed, OPERATIONS, type Operation } from './permissions';

/** As Nest marks methods of resolvers. */
const TYPE = 'graphql:resolver_type';
const NAME = 'graphql:resolver_name';
const PROPERTY = 'graphql:resolve_property';

interface Resolved {
  /** Query, Mutation, Subscription; undefined: a field of another type. */
  readonly type: string | undefined;
  readonly name: string;
  readonly where: string;
  readonly operation: Operation | undefined;
}

const methods: Resolved[] = resolvers.flatMap((resolver) => {
  const prototype = resolver.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((property) => {
    const method = prototype[property];
    if (!method || property === 'constructor') return [];
    const type = Reflect.getMetadata(TYPE, method) as string | undefined;
    if (type === undefined && Reflect.getMetadata(PROPERTY, method) !== true) return [];
    const name = (Reflect.getMetadata(NAME, method) as string | undefined) ?? property;
    return [{ type, name, where: `${resolver.name}.${property}`, operation: operationOf(method) }];
  });
});

const roots = methods.filter(({ type }) => type !== undefined);

describe('every method that resolves a field', () => {
  it('declares what it does with @Allow', () => {
    expect(methods.length - roots.length).toBeGreaterThan(20);
    expect(methods.filter(({ operation }) => operation === undefined)).toEqual([]);
  });

  it('is known: no root field of the schema comes from elsewhere', async () => {
    const schema = await schemaOfResolvers();
    const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const inSchema = types.flatMap((type) => Object.keys((type as GraphQLObjectType).getFields()));
    expect(roots.map(({ name }) => name).sort()).toEqual(inSchema.sort());
  });

  it('says it in the schema, too, where requests are looked at', async () => {
    const schema = await schemaOfResolvers();
    const said = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).flatMap((field) =>
            operationOfField(field) ? [{ type: type.name, name: field.name, operation: operationOfField(field) }] : [],
          )
        : [],
    );
    for (const { type, name, operation } of roots) expect(said).toContainEqual({ type, name, operation });
    for (const { name, operation } of methods) {
      expect(said.map((field) => `${field.name} ${field.operation}`)).toContain(`${name} ${operation}`);
    }
    // An interface's fields are those of each type behind it.
    expect(said).toContainEqual({ type: 'AccessKey', name: 'lastUsed', operation: 'read' });
  });

  // Everybody's own: who they are, and where they are signed in.
  const ofOneself = ['acceptInvitation', 'signOutEverywhere'];
  it.each(roots.filter(({ type, name }) => type === 'Mutation' && !ofOneself.includes(name)))(
    '$name changes nothing for those who only read',
    ({ operation }) => {
      if (operation === undefined) throw new Error('declares nothing');
      for (const role of ['viewer', 'auditor'] as const) {
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

  it('lets an admin do whatever anybody of its scope may', () => {
    for (const [name, grant] of Object.entries(OPERATIONS)) {
      for (const scope of ['tenant', 'platform'] as const) {
        if (grant[scope].length > 0) expect([name, scope, grant[scope].includes('admin' as never)]).toContain(true);
      }
    }
  });
});
