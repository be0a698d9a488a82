import { getNamedType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isCompositeType } from 'graphql';
import { operationOfField } from '../../src/graphql/core/allow';
import { encodeId, readId } from '../../src/api-id';
import { isAllowed, type Operation } from '../../src/graphql/core/permissions';
import { schemaOfResolvers } from '../../src/graphql/print-schema';
import { newId } from '../../src/ids';
import { type Arguments, argumentsOf } from './arguments';
import { ROLES, type Side, startWorld, type World } from './world';

jest.setTimeout(120_000);

interface Root {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly operation: Operation;
}

type Scope = (typeof ROLES)[number][0];
type Role = (typeof ROLES)[number][1];

interface Outcome {
  readonly code: string | null;
  readonly message: string;
  readonly data: unknown;
}

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let roots: Root[] = [];
beforeAll(async () => {
  roots = rootsOf(await schemaOfResolvers());
});

function rootsOf(schema: GraphQLSchema): Root[] {
  return (['query', 'mutation', 'subscription'] as const).flatMap((kind) => {
    const type = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[kind];
    return Object.values((schema.getType(type) as GraphQLObjectType).getFields()).map((field) => {
      const operation = operationOfField(field);
      if (!operation) throw new Error(`${field.name} declares no operation.`);
      return { kind, name: field.name, field, operation };
    });
  });
}

/** Each argument in a variable; of what comes back, its kind, and of lists their length. */
function documentOf({ kind, name, field }: Root, args: Arguments): string {
  const used = field.args.filter((arg) => arg.name in args);
  const declared = used.map((arg) => `$${arg.name}: ${arg.type.toString()}`).join(', ');
  const passed = used.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const type = getNamedType(field.type);
  const counted = 'getFields' in type && 'totalCount' in type.getFields() ? ' totalCount' : '';
  const selected = isCompositeType(type) ? ` { __typename${counted} }` : '';
  return `${kind} ${declared && `(${declared})`} { ${name}${passed && `(${passed})`}${selected} }`;
}

async function call(token: string, root: Root, args: Arguments): Promise<Outcome> {
  const stop = new AbortController();
  const response = await fetch(world.app.graphqlUrl, {
    method: 'POST',
    signal: stop.signal,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(root.kind === 'subscription' ? { accept: 'text/event-stream' } : {}),
    },
    body: JSON.stringify({ query: documentOf(root, args), variables: args }),
  });
  const text = root.kind === 'subscription' ? await firstEvent(response) : await response.text();
  stop.abort();
  const { data = null, errors: [error] = [] } = JSON.parse(text) as {
    data?: unknown;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  return { code: error ? (error.extensions?.code ?? 'none') : null, message: error?.message ?? '', data };
}

/** A subscription goes on; what it says first is enough. */
async function firstEvent(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  let text = '';
  for (;;) {
    const { value, done = true } = (await reader?.read()) ?? {};
    text += Buffer.from(value ?? []).toString();
    const data = /^data: (.+)$/m.exec(text)?.[1];
    if (data !== undefined || done) return data ?? text;
  }
}

const kept = new Map<string, Promise<Arguments>>();

/** Platform people name the tenant; a tenant's own need not. */
async function argumentsFor(root: Root, side: Side, scope: Scope): Promise<Arguments> {
  const args = (await argumentsOf[root.name]?.(side, world)) ?? {};
  const takesTenant = root.field.args.some(({ name }) => name === 'tenant');
  return scope === 'platform' && takesTenant ? { tenant: side.apiId, ...args } : args;
}

/** For calls that are refused, and so use nothing up: made once. */
function keptFor(root: Root, side: Side, scope: Scope): Promise<Arguments> {
  const key = `${root.name} ${side.name} ${scope}`;
  const made = kept.get(key) ?? argumentsFor(root, side, scope);
  kept.set(key, made);
  return made;
}

/** Who joins another tenant belongs to two from then on: somebody else does. */
function tokenOf(scope: Scope, role: Role, root: Root, side = world.ours): Promise<string> | string {
  const group = scope === 'platform' ? 'platform' : side.name;
  if (root.operation === 'join') return world.somebody(`${group}-${role}`);
  return scope === 'platform' ? world.platform[role as 'admin'] : side.people[role];
}

describe('every root field', () => {
  it('has arguments that work, in test/permissions/arguments.ts', () => {
    expect(roots.map(({ name }) => name).sort()).toEqual(Object.keys(argumentsOf).sort());
  });

  it.each(ROLES)('lets a %s %s in or refuses, exactly as the table says', async (scope, role) => {
    const wrong: string[] = [];
    for (const root of roots) {
      const expected = isAllowed(root.operation, scope, role) ? null : 'FORBIDDEN';
      const make = expected === null ? argumentsFor : keptFor;
      const { code, message } = await call(await tokenOf(scope, role, root), root, await make(root, world.ours, scope));
      if (code !== expected) wrong.push(`${root.name}: ${expected} expected, ${code} found: ${message}`);
    }
    expect(wrong).toEqual([]);
  });

  it('is open to somebody, so that each refusal has its counterpart', () => {
    for (const { operation } of roots) {
      expect(ROLES.some(([scope, role]) => isAllowed(operation, scope, role))).toBe(true);
    }
  });

  it('is closed to whoever is nobody', async () => {
    const stranger = await world.stranger();
    for (const root of roots) {
      const args = await keptFor(root, world.ours, 'tenant');
      // What anybody who has signed in may do: to come in.
      if (root.operation !== 'join') {
        expect({ field: root.name, ...(await call(stranger, root, args)) }).toMatchObject({ code: 'NOT_A_MEMBER' });
      }
      expect({ field: root.name, ...(await call('x', root, args)) }).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });
});

describe('another tenant’s id', () => {
  it.each(ROLES.filter(([scope]) => scope === 'tenant'))(
    'is to a %s %s as one that does not exist, wherever it stands',
    async (scope, role) => {
      const wrong: string[] = [];
      let tried = 0;
      for (const root of roots) {
        const own = await keptFor(root, world.ours, scope);
        const theirs = { ...(await keptFor(root, world.theirs, scope)), ...tenantOf(root) };
        for (const path of idsIn(theirs)) {
          // What only the platform has belongs to no tenant; refused already to all of them.
          if (!isForeign(at(theirs, path))) continue;
          tried += 1;
          const foreign = await call(await tokenOf(scope, role, root), root, put(own, path, at(theirs, path)));
          const unknown = await call(await tokenOf(scope, role, root), root, put(own, path, another(at(theirs, path))));
          const allowed = isAllowed(root.operation, scope, role);
          const asIt = JSON.stringify(foreign) === JSON.stringify(unknown);
          const refused = foreign.code === (allowed ? 'NOT_FOUND' : 'FORBIDDEN') || isEmpty(foreign);
          if (!asIt || !refused) wrong.push(`${root.name} ${path.join('.')}: ${told(foreign)} / ${told(unknown)}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(tried).toBeGreaterThan(30);
    },
  );

  it('is good for those whose it is', async () => {
    const wrong: string[] = [];
    for (const root of roots.filter(({ operation }) => isAllowed(operation, 'tenant', 'admin'))) {
      const { code, message } = await call(
        await tokenOf('tenant', 'admin', root, world.theirs),
        root,
        await argumentsFor(root, world.theirs, 'tenant'),
      );
      if (code !== null) wrong.push(`${root.name}: ${code} ${message}`);
    }
    expect(wrong).toEqual([]);
  });
});

const told = ({ code, message, data }: Outcome): string => `${code} ${message} ${JSON.stringify(data)}`;

const tenantOf = ({ field }: Root): Arguments =>
  field.args.some(({ name }) => name === 'tenant') ? { tenant: world.theirs.apiId } : {};

const isForeign = (id: unknown): boolean => readId(String(id), 'id').tenantId === world.theirs.id;

/** The same kind of id, of something that does not exist: of one's own tenant, or of a tenant that does not exist. */
function another(id: unknown): string {
  const { kind } = readId(String(id), 'id');
  const unknown = newId();
  return encodeId(kind, kind === 'Tenant' ? unknown : world.ours.id, unknown);
}

/** A list of nothing, or a count of it. */
const isEmpty = ({ code, data }: Outcome): boolean =>
  code === null && /"totalCount":0|"GroupList"|\[\]/.test(JSON.stringify(data));

type Path = readonly (string | number)[];

function idsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return isId(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => idsIn(inner, [...path, Array.isArray(value) ? +name : name]));
}

function isId(text: string): boolean {
  try {
    return readId(text, 'id') !== undefined;
  } catch {
    return false;
  }
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Record<string | number, unknown>)[name], value);

function put<T>(value: T, path: Path, leaf: unknown): T {
  const [name, ...rest] = path;
  if (name === undefined) return leaf as T;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as T;
  const key = name as keyof T;
  copy[key] = put(value[key], rest, leaf);
  return copy;
}
