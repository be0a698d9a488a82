import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { bearer, startWorld, type World } from './people';

jest.setTimeout(60_000);

let world: World;
let build: Builders;
let one: BuiltTenant;

beforeAll(async () => {
  world = await startWorld();
  build = builders(world.app.app);
  one = await build.tenant('one');
});
const clients: Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await world.stop();
});

async function sweep(): Promise<string> {
  await build.account(one.id);
  // Nobody works here, so it does not end, and nothing happens in it.
  const { startSweep } = await world.app.get<{ startSweep: { id: string } }>(
    one.token,
    'mutation { startSweep { id } }',
  );
  return startSweep.id;
}

const QUERY = 'subscription ($id: ID!) { sweepProgress(id: $id) { total } }';

interface Followed {
  readonly first: unknown;
  /** What comes next: the last words, or nothing. */
  readonly next: Promise<unknown>;
  /** With which code the connection ends. */
  readonly closed: Promise<number>;
}

async function follow(token: string): Promise<Followed> {
  let close = (_code: number): void => {};
  const closed = new Promise<number>((resolve) => (close = resolve));
  const client = createClient({
    url: world.app.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    // Else the client itself would close a connection on which nothing goes on.
    lazy: false,
    onNonLazyError: () => {},
    connectionParams: { authorization: `Bearer ${token}` },
    on: { closed: (event) => close((event as { code: number }).code) },
  });
  clients.push(client);
  const values = client.iterate<Record<string, unknown>>({ query: QUERY, variables: { id: await sweep() } });
  const first = await values.next();
  const next = values.next().then(
    ({ value }) => value as unknown,
    // The connection may end before the last words come.
    (error: unknown) => ({ code: (error as { code?: number }).code, text: String(error) }),
  );
  return { first: first.value, next, closed };
}

const within = <T>(ms: number, promise: Promise<T>): Promise<T | 'too late'> =>
  Promise.race([promise, new Promise<'too late'>((resolve) => setTimeout(() => resolve('too late'), ms))]);

async function mustEndSoon({ first, next, closed }: Followed): Promise<void> {
  expect(first).toMatchObject({ data: { sweepProgress: {} } });
  expect(JSON.stringify(await within(800, next))).toMatch(/UNAUTHENTICATED|NOT_A_MEMBER|Forbidden|4403/);
  expect(await within(800, closed)).toBe(4403);
}

const makeToken = async (by: string, args = ''): Promise<{ id: string; secret: string }> => {
  const { createToken } = await world.app.get<{ createToken: { token: { id: string }; secret: string } }>(
    by,
    `mutation { createToken(name: "follows", role: VIEWER ${args}) { token { id } secret } }`,
  );
  return { id: createToken.token.id, secret: createToken.secret };
};

const personId = async (name: string): Promise<string> => {
  const { people } = await world.app.get<{ people: { nodes: { id: string; name: string }[] } }>(
    one.token,
    '{ people(first: 200) { nodes { id name } } }',
  );
  return people.nodes.find((person) => person.name === name)?.id ?? '';
};

describe('an open subscription ends at once', () => {
  it('when its token is revoked; others go on', async () => {
    const [ended, other] = [await makeToken(one.token), await makeToken(one.token)];
    const followed = await follow(ended.secret);
    const goesOn = await follow(other.secret);
    await world.app.get(one.token, 'mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: ended.id });
    await mustEndSoon(followed);
    expect(await within(300, goesOn.closed)).toBe('too late');
  });

  it('when its token expires', async () => {
    const at = new Date(Date.now() + 2_000).toISOString();
    const token = await makeToken(one.token, `expiresAt: "${at}"`);
    const followed = await follow(token.secret);
    await new Promise((resolve) => setTimeout(resolve, Date.parse(at) - Date.now()));
    await mustEndSoon(followed);
  });

  it('when its person’s sign-in expires', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 3;
    const followed = await follow(await world.as('max', ['viewers-of-one'], { exp }));
    await new Promise((resolve) => setTimeout(resolve, exp * 1_000 - Date.now()));
    await mustEndSoon(followed);
  });

  it('when its person’s membership ends, or means something else', async () => {
    const mia = await follow(await world.as('mia', ['viewers-of-one']));
    await world.app.get(one.token, 'mutation ($id: ID!) { endMembership(id: $id) { tokensRevoked } }', {
      id: await personId('mia'),
    });
    await mustEndSoon(mia);
    const ned = await follow(await world.as('ned', ['admins-of-one']));
    const set = 'mutation ($id: ID!) { setPersonRole(id: $id, role: VIEWER) { role } }';
    await world.app.get(one.token, set, { id: await personId('ned') });
    await mustEndSoon(ned);
  });

  it('when the person who made its token loses the membership', async () => {
    const made = await makeToken(await world.as('oda', ['admins-of-one']));
    const followed = await follow(made.secret);
    await world.app.get(one.token, 'mutation ($id: ID!) { endMembership(id: $id) { tokensRevoked } }', {
      id: await personId('oda'),
    });
    await mustEndSoon(followed);
  });

  it('over HTTP, too', async () => {
    const token = await makeToken(one.token);
    const response = await fetch(world.app.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(token.secret) },
      body: JSON.stringify({ query: QUERY, variables: { id: await sweep() } }),
    });
    let text = '';
    const whole = (async () => {
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>)
        text += Buffer.from(part).toString();
      return text;
    })();
    while (!text.includes('"total"')) await new Promise((resolve) => setTimeout(resolve, 20));
    await world.app.get(one.token, 'mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: token.id });
    expect(await within(800, whole)).toMatch(/UNAUTHENTICATED/);
  });
});
