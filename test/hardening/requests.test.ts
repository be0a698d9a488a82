import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { readTrustedDocuments } from '../../src/trusted-documents';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;

beforeAll(async () => {
  app = await startTestApp({ config: { explorer: true } });
  build = builders(app.app);
  tenant = await build.tenant();
});
afterAll(() => app.stop());

const post = (target: TestApp, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(target.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.token}`, ...headers },
    body,
  });

interface Errors {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[];
}
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as Errors).errors?.[0]?.extensions['code'];

describe('what a page of another site could make a browser send', () => {
  const query = '{ viewer { name } }';
  it.each([
    ['an address that is opened', { method: 'GET' }, `?query=${encodeURIComponent(query)}`],
    ['a form', { method: 'POST', body: new URLSearchParams({ query }) }, ''],
    ['plain text', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'text/plain' } }, ''],
    ['no type at all', { method: 'POST', body: new Blob([JSON.stringify({ query })]) }, ''],
  ])('is refused: %s', async (_what, init, parameters) => {
    const headers = { authorization: `Bearer ${tenant.token}`, ...('headers' in init ? init.headers : {}) };
    const response = await fetch(`${app.graphqlUrl}${parameters}`, { ...init, headers });
    expect([response.status, await codeOf(response)]).toEqual([403, 'CSRF_REFUSED']);
  });

  it('is refused as a form with parts', async () => {
    const body = new FormData();
    body.set('operations', JSON.stringify({ query }));
    body.set('map', '{}');
    const response = await fetch(app.graphqlUrl, { method: 'POST', body });
    expect([response.status, await codeOf(response)]).toEqual([403, 'CSRF_REFUSED']);
  });

  it('is answered with a header that such a page cannot send', async () => {
    const response = await fetch(`${app.graphqlUrl}?query=${encodeURIComponent(query)}`, {
      headers: { authorization: `Bearer ${tenant.token}`, 'x-requested-with': 'a test', accept: 'application/json' },
    });
    expect(((await response.json()) as Errors).data).toHaveProperty('viewer');
  });
});

describe('names that every object in JavaScript has', () => {
  it.each([
    ['a variable', 'query ($__proto__: ID) { accounts(tenant: $__proto__) { totalCount } }', { ['__proto__']: 'x' }],
    ['a variable', 'query ($constructor: ID) { accounts(tenant: $constructor) { totalCount } }', { constructor: 'x' }],
    ['a variable without a value', 'query ($toString: ID) { accounts(tenant: $toString) { totalCount } }', {}],
    ['an alias', '{ __proto__: viewer { name } }', {}],
    ['an alias', '{ constructor: viewer { name } }', {}],
    ['an operation', 'query hasOwnProperty { viewer { name } }', {}],
    ['a fragment', 'fragment valueOf on Viewer { name } { viewer { ...valueOf } }', {}],
  ])('are BAD_INPUT as %s', async (_what, query, variables) => {
    const body = `{"query":${JSON.stringify(query)},"variables":${JSON.stringify(variables)}}`;
    expect(await codeOf(await post(app, body))).toBe('BAD_INPUT');
  });

  it.each([
    [
      'as values of a variable',
      '{"query":"query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }","variables":{"f":{"__proto__":{"ouPath":"/"}}}}',
    ],
    [
      'as values of a variable',
      '{"query":"query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }","variables":{"f":{"constructor":1}}}',
    ],
    ['beside the query', '{"query":"{ viewer { name } }","__proto__":{"operationName":"x"}}'],
    [
      'as the variables',
      '{"query":"{ viewer { name } }","variables":{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}}}}',
    ],
    ['as the name of the operation', '{"query":"{ viewer { name } }","operationName":"__proto__"}'],
  ])('never go wrong inside %s', async (_where, body) => {
    const code = await codeOf(await post(app, body));
    expect(code).not.toBe('INTERNAL');
    expect(({} as Record<string, unknown>)['b']).toBeUndefined();
  });
});

describe('what every answer says to browsers', () => {
  it.each(['/graphql', '/health/live', '/nowhere'])('is there: %s', async (path) => {
    const { headers } = await fetch(`${app.url}${path}`, { headers: { accept: 'application/json' } });
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets the explorer run its own scripts, and load nothing from elsewhere', async () => {
    const response = await fetch(app.graphqlUrl, { headers: { accept: 'text/html' } });
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src 'sha256-/);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
  });
});

describe('metrics', () => {
  it('are read from this machine, but not through a proxy on it', async () => {
    expect((await fetch(`${app.url}/metrics`)).status).toBe(200);
    const passedOn = await fetch(`${app.url}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } });
    expect(passedOn.status).toBe(403);
  });

  it('are read from elsewhere with the token', async () => {
    const metricsToken = 'a token of a test, for metrics';
    const other = await startTestApp({ config: { metricsToken } });
    try {
      const read = (authorization: string): Promise<Response> =>
        fetch(`${other.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1', authorization } });
      expect((await read(`Bearer ${metricsToken}`)).status).toBe(200);
      expect((await read('Bearer something else')).status).toBe(403);
    } finally {
      await other.stop();
    }
  });
});

describe('trusted documents', () => {
  const query = 'query Me { viewer { role } }';
  const hash = createHash('sha256').update(query).digest('hex');
  let only: TestApp;
  let token: string;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mothball-trusted-'));
    const file = join(folder, 'documents.json');
    writeFileSync(file, JSON.stringify({ [hash]: query }));
    only = await startTestApp({ config: { trustedDocuments: readTrustedDocuments(file) } });
    token = (await builders(only.app).tenant()).token;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await only.stop();
  });
  const known = { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } };
  const send = (body: object): Promise<Response> =>
    post(only, JSON.stringify(body), { authorization: `Bearer ${token}` });

  it('are run by their hash', async () => {
    expect(await (await send(known)).json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
  });

  it.each([
    ['a query', { query: '{ __typename }' }],
    ['the listed query itself', { query }],
    ['a listed hash with another query', { ...known, query: '{ __typename }' }],
    ['an unknown hash', { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }],
    ['a name of every object', { extensions: { persistedQuery: { version: 1, sha256Hash: 'constructor' } } }],
    ['nothing', {}],
  ])('are all that is run: %s is refused', async (_what, body) => {
    expect(await codeOf(await send(body))).toBe('UNTRUSTED_DOCUMENT');
  });

  it('are all that is run over WebSockets, too', async () => {
    const client = createClient({
      url: only.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const first = async (payload: { query: string; extensions?: Record<string, unknown> }): Promise<unknown> => {
      const first: IteratorResult<unknown> = await client.iterate(payload).next();
      return first.value;
    };
    expect(await first({ query: '', ...known })).toEqual({ data: { viewer: { role: 'ADMIN' } } });
    await expect(first({ query })).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNTRUSTED_DOCUMENT' }) as unknown }),
    ]);
    await client.dispose();
  });

  it('are refused at start when a query is not what its hash says, or the file is none', () => {
    const file = join(folder, 'wrong.json');
    for (const content of [JSON.stringify({ [hash]: '{ other }' }), '[]', '{"x":"y"}', 'no JSON']) {
      writeFileSync(file, content);
      expect(() => readTrustedDocuments(file)).toThrow(/MOTHBALL_TRUSTED_DOCUMENTS/);
    }
    expect(() => readTrustedDocuments(join(folder, 'nothing.json'))).toThrow(/MOTHBALL_TRUSTED_DOCUMENTS/);
  });
});

describe('a request', () => {
  it('whose headers never end is given up', async () => {
    const { port } = new URL(app.url);
    const status = await new Promise<number | undefined>((resolve) => {
      const sent = request(
        { port, host: '127.0.0.1', path: '/graphql', method: 'POST', headers: { x: 'x'.repeat(20_000) } },
        (response) => resolve(response.statusCode),
      );
      sent.on('error', () => resolve(undefined));
      sent.end();
    });
    expect([431, undefined]).toContain(status);
  });
});
