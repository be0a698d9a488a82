import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  tenant = await build.tenant();
});
afterAll(() => app.stop());

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${tenant.token}` });

async function post(body: object, headers = bearer()): Promise<unknown> {
  const response = await fetch(app.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return response.json();
}

describe('a document with several operations', () => {
  const query = `query a { viewer { name } } query b { viewer { role } } mutation c {
    createToken(name: "made by c", role: VIEWER) { token { name } } }`;

  it('runs the one that is named, whichever was asked for first', async () => {
    expect(await post({ query, operationName: 'a' })).toEqual({
      data: { viewer: { name: expect.any(String) as unknown } },
    });
    expect(await post({ query, operationName: 'b' })).toEqual({ data: { viewer: { role: 'ADMIN' } } });
    expect(await post({ query, operationName: 'c' })).toEqual({
      data: { createToken: { token: { name: 'made by c' } } },
    });
  });

  it('cannot smuggle a mutation into a GET request, nor into somebody else’s query', async () => {
    const fresh = query.replace('made by c', 'smuggled');
    // A stranger without a token comes first, and names the mutation.
    expect(JSON.stringify(await post({ query: fresh, operationName: 'c' }, {}))).toContain('UNAUTHENTICATED');
    const url = `${app.graphqlUrl}?operationName=a&query=${encodeURIComponent(fresh)}`;
    const answer = await fetch(url, {
      headers: { ...bearer(), accept: 'application/json', 'x-requested-with': 'a test' },
    });
    expect(await answer.json()).toEqual({ data: { viewer: { name: expect.any(String) as unknown } } });
    expect(JSON.stringify(await post({ query: '{ apiTokens { nodes { name } } }' }))).not.toContain('smuggled');
  });
});

describe('what cannot be read', () => {
  it('is not sent back', async () => {
    const response = await fetch(app.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer() },
      body: `{"query": "a secret ${'x'.repeat(1000)}`,
    });
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).not.toContain('a secret');
    expect(text).toContain('BAD_REQUEST');
  });

  it.each([
    ['a variable', 'mutation ($v: JSON!) { setPolicy(settings: $v, idempotencyKey: "deep") { version } }', 50_000],
    ['a literal', `mutation { setPolicy(settings: ${'['.repeat(2_400)}${']'.repeat(2_400)}) { version } }`, 0],
  ])('because it is nested too deeply is BAD_INPUT: %s', async (_what, query, levels) => {
    const body = `{"query":${JSON.stringify(query)},"variables":{"v":${'['.repeat(levels)}${']'.repeat(levels)}0}}`;
    const response = await fetch(app.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer() },
      body: levels === 0 ? JSON.stringify({ query }) : body.replace(']0}', ']}'),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
  });
});

describe('a subscription', () => {
  const sweep = async (): Promise<string> => {
    await build.account(tenant.id);
    // Nobody works here, so it does not end.
    const { startSweep } = await app.get<{ startSweep: { id: string } }>(
      tenant.token,
      'mutation { startSweep { id } }',
    );
    return startSweep.id;
  };
  const follow = async (query: string, variables: Record<string, unknown>, token = tenant.token) => {
    const client = createClient({
      url: app.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const values = client.iterate<Record<string, unknown>>({ query, variables });
    return { values, end: () => client.dispose() };
  };

  it.each([
    ['another variable’s value', 'subscription ($other: ID!) { sweepProgress(id: $other) { total } }'],
    ['a value that is written out', 'subscription { sweepProgress(id: "ID") { total } }'],
  ])('takes its argument from %s', async (_what, query) => {
    const id = await sweep();
    const { values, end } = await follow(query.replace('ID"', `${id}"`), { other: id, id: 'of no interest' });
    const first = await values.next();
    expect(first.value).toEqual({ data: { sweepProgress: { total: expect.any(Number) as unknown } } });
    await end();
  });

  it('ends when its token is revoked', async () => {
    const id = await sweep();
    const { createToken } = await app.get<{ createToken: { token: { id: string }; secret: string } }>(
      tenant.token,
      'mutation { createToken(name: "watches", role: VIEWER) { token { id } secret } }',
    );
    const query = 'subscription ($id: ID!) { sweepProgress(id: $id) { total } }';
    const { values, end } = await follow(query, { id }, createToken.secret);
    expect((await values.next()).value).toHaveProperty('data');
    await app.get(tenant.token, 'mutation ($id: ID!) { revokeToken(id: $id) { revokedAt } }', {
      id: createToken.token.id,
    });
    const last = await values.next().catch((error: unknown) => error);
    expect(JSON.stringify(last)).toContain('UNAUTHENTICATED');
    await end();
  });
});

describe('a WebSocket', () => {
  const open = (url = app.wsUrl): WebSocket => new WebSocket(url, 'graphql-transport-ws');
  const closed = (socket: WebSocket): Promise<number> =>
    new Promise((resolve) => {
      socket.on('error', () => {});
      socket.on('close', (code) => resolve(code));
    });

  it('takes no message of more than 1 MB, also before a token is seen', async () => {
    // The server says so on its console.
    const said = jest.spyOn(console, 'error').mockImplementation(() => {});
    const socket = open();
    const code = closed(socket);
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { x: 'x'.repeat(1_100_000) } })),
    );
    // 1009: message too big.
    expect(await code).toBe(1009);
    said.mockRestore();
  });

  it('exists at the API’s path only; elsewhere the connection is ended', async () => {
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.write('GET /elsewhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    });
    expect(answer).toContain('404');
  });
});

describe('a request that never ends', () => {
  it('does not keep the service from stopping', async () => {
    const other = await startTestApp();
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{');
    // Until it is being read.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startedAt = performance.now();
    await other.stop();
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }, 30_000);
});
