import { readConfig } from '../../src/config';
import { builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { createTestDatabase, type TestDatabase } from '../harness/database';

jest.setTimeout(60_000);

/**
 * The checks of https://github.com/dolevf/graphql-cop, each sent as that tool sends it and judged as it judges (there
 * `lib/tests/*.py`): against a service in production mode, by a stranger and by somebody with a good token.
 */
let app: TestApp;
let database: TestDatabase;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const { production, introspection, explorer } = readConfig({
    NODE_ENV: 'production',
    MOTHBALL_APP_DATABASE_URL: database.urls.app,
    MOTHBALL_DISPATCHER_DATABASE_URL: database.urls.dispatcher,
    MOTHBALL_PLATFORM_DATABASE_URL: database.urls.platform,
    MOTHBALL_QUEUE_DATABASE_URL: database.urls.queue,
    MOTHBALL_ENCRYPTION_KEYS: database.config().encryptionKeys,
  });
  app = await startTestApp({ database, config: { production, introspection, explorer } });
  const build = builders(app.app);
  token = (await build.tenant()).token;
});
afterAll(async () => {
  await app.stop();
  await database.drop();
});

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: unknown;
}

interface Peer {
  /** The tool's `graph_query`. */
  query(query: string): Promise<Answer>;
  /** Its `request`; what comes back is a text. */
  request(options: { params?: object; form?: object; json?: unknown; accept?: string }): Promise<string>;
}

function peer(headers: Record<string, string>): Peer {
  const send: Peer['request'] = async ({ params, form, json, accept = '*/*' }) => {
    const address = params ? `${app.graphqlUrl}?${new URLSearchParams({ ...params }).toString()}` : app.graphqlUrl;
    const body = json === undefined ? form && new URLSearchParams({ ...form }) : JSON.stringify(json);
    const response = await fetch(address, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, accept, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body ?? null,
    });
    return response.text();
  };
  return {
    query: async (query) => JSON.parse(await send({ json: { query, operationName: 'cop' } })) as Answer,
    request: send,
  };
}

/** The tool's, and each other kind of mistake that graphql-js would put right. */
const MISTAKES = [
  'query cop { __schema { directive } }',
  'query cop { findings { nodes { idleDay } } }',
  'query cop { findings(frist: 1) { totalCount } }',
  'query cop { findings(filter: { status: OPNE }) { totalCount } }',
  'query cop { identities { nodes { ... on AcessKey { name } } } }',
];

const repeated = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join('');

describe.each([
  ['a stranger', () => peer({})],
  ['somebody with a token', () => peer({ authorization: `Bearer ${token}` })],
])('%s is refused', (_who, make) => {
  const cop = (): Peer => make();

  it('nothing that is in order', async () => {
    expect(await cop().query('query cop { __typename }')).toEqual({ data: { __typename: 'Query' } });
    expect(await cop().query('query cop { one: __typename two: __typename }')).toMatchObject({
      data: { one: 'Query', two: 'Query' },
    });
  });

  it('alias overloading', async () => {
    const answer = await cop().query(`query cop { ${repeated(101, (n) => `alias${n}:__typename \n`)} }`);
    expect(answer.data?.['alias100']).toBeUndefined();
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE' });
  });

  it('array-based batching', async () => {
    const text = await cop().request({
      json: Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })),
    });
    expect(text).not.toContain('"Query"');
    expect(text).toMatch(/errors/);
  });

  it('directive overloading, with one error and not one for each', async () => {
    const answer = await cop().query(`query cop { __typename ${'@aa'.repeat(10)} }`);
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toHaveLength(1);
    const known = await cop().query(`query cop { __typename ${'@include(if: true) '.repeat(10)} }`);
    expect(known.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('directives') as string }),
    ]);
  });

  it('introspection, also in circles', async () => {
    for (const query of [
      'query cop { __schema { types { name fields { name } } } }',
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
      'query cop { __type(name: "Query") { name } }',
    ]) {
      const { data, errors = [] } = await cop().query(query);
      expect(data).toBeUndefined();
      expect(errors.length).toBeGreaterThan(0);
    }
  });

  it('field duplication', async () => {
    const { data, errors } = await cop().query(`query cop { ${'__typename \n'.repeat(500)}} `);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE' });
  });

  it.each([
    ['queries', 'query cop {__typename}'],
    ['mutations', 'mutation cop {__typename}'],
  ])('%s by GET', async (_what, query) => {
    const text = await cop().request({ params: { query } });
    expect(text).not.toContain('"__typename"');
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'CSRF_REFUSED' } }] });
  });

  it('forms by POST', async () => {
    const text = await cop().request({ form: { query: 'query cop { __typename }' } });
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'CSRF_REFUSED' } }] });
  });

  it('tracing', async () => {
    const answer = await cop().query('query cop { __typename }');
    expect(answer).not.toHaveProperty('extensions');
    const failed = await cop().query('query cop { nothing }');
    expect(failed.errors?.[0]?.extensions).not.toHaveProperty('tracing');
    expect(JSON.stringify(failed)).not.toMatch(/tracing/i);
  });

  it('suggestions of fields, arguments, types and values', async () => {
    for (const query of MISTAKES) {
      const { data, errors = [] } = await cop().query(query);
      expect(data).toBeUndefined();
      expect(errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
    }
  });

  it('the explorer', async () => {
    const text = await cop().request({ accept: 'text/html' });
    expect(text).not.toMatch(/graphiql|playground/i);
  });

  it('what went wrong inside', async () => {
    for (const query of ['qwerty cop { abc }', 'query cop { account(id: "x") { name } }']) {
      const answer = await cop().query(query);
      expect(answer.errors?.length).toBeGreaterThan(0);
      for (const { extensions = {} } of answer.errors ?? []) expect(extensions).not.toHaveProperty('exception');
      expect(JSON.stringify(answer)).not.toMatch(/node_modules|\.ts:|\.js:|stacktrace/);
    }
  });
});

describe('outside of production', () => {
  it('suggestions, introspection and the explorer are there, so that the refusals above mean something', async () => {
    const open = await startTestApp({ config: { explorer: true } });
    try {
      for (const query of MISTAKES) {
        const { errors } = await open.ask(null, query);
        expect(JSON.stringify(errors)).toMatch(/Did you mean/);
      }
      expect((await open.ask(null, '{ __type(name: "Query") { name } }')).data).toEqual({ __type: { name: 'Query' } });
      const page = await fetch(open.graphqlUrl, { headers: { accept: 'text/html' } });
      expect(await page.text()).toContain('GraphiQL');
    } finally {
      await open.stop();
    }
  });
});
