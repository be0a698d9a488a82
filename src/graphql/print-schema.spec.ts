import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, printSchema } from 'graphql';
import { breakingChanges, schemaOfResolvers } from './print-schema';
import { resolvers } from './resolvers';

interface Explained {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly args?: readonly Explained[];
}

describe('the schema', () => {
  it('is committed as the resolvers say', async () => {
    const committed = readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8');
    expect(committed).toContain(printSchema(await schemaOfResolvers()));
  });

  it('explains every type, field, argument and value', async () => {
    const schema = await schemaOfResolvers();
    const silent: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__') || ['Query', 'Mutation', 'Subscription'].includes(type.name)) continue;
      if (!type.description) silent.push(type.name);
    }
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__')) continue;
      if (isEnumType(type)) {
        silent.push(...type.getValues().flatMap((value) => (value.description ? [] : [`${type.name}.${value.name}`])));
      }
      if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
      const fields: readonly Explained[] = Object.values(type.getFields());
      for (const { name, description, args = [] } of fields) {
        if (!description) silent.push(`${type.name}.${name}`);
        silent.push(...args.flatMap((arg) => (arg.description ? [] : [`${type.name}.${name}(${arg.name}:)`])));
      }
    }
    expect(silent).toEqual([]);
  });

  it('is made of every resolver that there is a file for', () => {
    const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.resolver.ts'),
    );
    const found = files.flatMap((file) =>
      Object.values(jest.requireActual<Record<string, unknown>>(join(__dirname, file))),
    );
    const classes = found.filter((value) => typeof value === 'function' && value.name.endsWith('Resolver'));
    expect(classes.length).toBeGreaterThan(20);
    expect(new Set(resolvers)).toEqual(new Set(classes));
  });

  it('does not lose what callers may use', async () => {
    const now = await schemaOfResolvers();
    const before = `${printSchema(now)}\nextend type Finding { gone: String }`;
    expect(breakingChanges(before, now)).toEqual(['Finding.gone was removed.']);
    expect(breakingChanges(printSchema(now), now)).toEqual([]);
  });
});
