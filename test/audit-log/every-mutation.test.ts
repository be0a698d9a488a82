import { getNamedType, type GraphQLField, type GraphQLObjectType, isCompositeType } from 'graphql';
import { Client } from 'pg';
import { operationOfField } from '../../src/graphql/core/allow';
import { isAllowed } from '../../src/graphql/core/permissions';
import { schemaOfResolvers } from '../../src/graphql/print-schema';
import { type Arguments, argumentsOf } from '../permissions/arguments';
import { startWorld, type World } from '../permissions/world';

jest.setTimeout(120_000);

type Mutation = GraphQLField<unknown, unknown>;

interface Entry {
  readonly action: string;
  readonly kind: string;
  readonly tenant: string;
}

/** Generated from the schema: a new mutation is covered by existing. */
describe('every mutation', () => {
  let world: World;
  let admin: Client;
  let mutations: Mutation[];

  beforeAll(async () => {
    world = await startWorld();
    mutations = Object.values(((await schemaOfResolvers()).getMutationType() as GraphQLObjectType).getFields());
    admin = new Client({ connectionString: world.app.database.adminUrl, options: '-c search_path=mothball' });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await world.stop();
  });

  /** What the log has of one call; or why it failed, though it must not. */
  async function logged(token: string, mutation: Mutation, args: Arguments): Promise<readonly Entry[] | string> {
    const used = mutation.args.filter(({ name }) => name in args);
    const declared = used.map(({ name, type }) => `$${name}: ${type.toString()}`).join(', ');
    const passed = used.map(({ name }) => `${name}: $${name}`).join(', ');
    const selected = isCompositeType(getNamedType(mutation.type)) ? '{ __typename }' : '';
    const response = await fetch(world.app.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `mutation ${declared && `(${declared})`} { ${mutation.name}${passed && `(${passed})`} ${selected} }`,
        variables: args,
      }),
    });
    const { errors } = (await response.json()) as { errors?: object[] };
    if (errors) return JSON.stringify(errors);
    const { rows } = await admin.query<Entry>(
      'SELECT action, actor_kind AS kind, tenant_id AS tenant FROM audit_entries WHERE request_id = $1',
      [response.headers.get('x-request-id')],
    );
    return rows;
  }

  const isFor = (mutation: Mutation, scope: 'tenant' | 'platform'): boolean => {
    const operation = operationOfField(mutation);
    if (!operation) throw new Error(`${mutation.name} declares no operation.`);
    return isAllowed(operation, scope, 'admin');
  };

  it('of a tenant’s own people leaves an entry, by them, in their log', async () => {
    const silent: string[] = [];
    const told = mutations.filter((mutation) => isFor(mutation, 'tenant'));
    for (const mutation of told) {
      const args = (await argumentsOf[mutation.name]?.(world.ours, world)) ?? {};
      const joins = operationOfField(mutation) === 'join';
      const token = joins ? await world.somebody('nobody') : world.ours.people.admin;
      const entries = await logged(token, mutation, args);
      if (typeof entries === 'string' || !entries.some(({ kind }) => kind === 'person'))
        silent.push(`${mutation.name}: ${JSON.stringify(entries)}`);
    }
    expect(silent).toEqual([]);
    expect(told.length).toBeGreaterThan(20);
  });

  it('of the platform’s people leaves an entry, in the log of the tenant that they act in', async () => {
    const silent: string[] = [];
    // Whoever joins a tenant is one of its own from then on.
    const told = mutations.filter((one) => isFor(one, 'platform') && operationOfField(one) !== 'join');
    for (const mutation of told) {
      const args = (await argumentsOf[mutation.name]?.(world.ours, world)) ?? {};
      const inTenant = mutation.args.some(({ name }) => name === 'tenant');
      const named = inTenant ? { tenant: world.ours.apiId, ...args } : args;
      const entries = await logged(world.platform.admin, mutation, named);
      const there =
        typeof entries !== 'string' &&
        entries.some(({ tenant, kind }) => kind === 'person' && (!inTenant || tenant === world.ours.id));
      if (!there) silent.push(`${mutation.name}: ${JSON.stringify(entries)}`);
    }
    expect(silent).toEqual([]);
    expect(told.length).toBeGreaterThan(20);
  });
});
