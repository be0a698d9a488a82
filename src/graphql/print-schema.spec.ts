import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, printSchema } from 'graphql';
import { breakingChanges, schemaOfResolvers } from './print-schema';

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
      for (const field of Object.values(type.getFields())) {
        if (!field.description) silent.push(`${type.name}.${field.name}`);
        for (const argument of 'args' in field ? field.args : []) {
          if (!argument.description) silent.push(`${type.name}.${field.name}(${argument.name}:)`);
        }
      }
    }
    expect(silent).toEqual([]);
  });

  it('does not lose what callers may use', async () => {
    const now = await schemaOfResolvers();
    const before = `${printSchema(now)}\nextend type Finding { gone: String }`;
    expect(breakingChanges(before, now)).toEqual(['Finding.gone was removed.']);
    expect(breakingChanges(printSchema(now), now)).toEqual([]);
  });
});
