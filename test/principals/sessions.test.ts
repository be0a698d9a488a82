import { request as httpRequest } from 'node:http';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Sessions } from '../../src/tenancy/people/sessions.service';
import type { Identity } from '../../src/tenancy/credential';
import { type Builders, builders } from '../builders';
import { asAdmin } from '../harness/database';
import { startWorld, type World } from './people';

jest.setTimeout(60_000);

let world: World;
let build: Builders;

beforeAll(async () => {
  world = await startWorld({ sessionIdleMinutes: 10 });
  build = builders(world.app.app);
  await build.tenant('one');
});
afterAll(() => world.stop());

const VIEWER = '{ viewer { kind name role } }';
const BEA = { viewer: { kind: 'PERSON', name: 'bea', role: 'ADMIN' } };

/** As if the person had signed in with a browser just now. */
async function session(subject: string, groups: readonly string[] = ['admins-of-one']): Promise<string> {
  const identity: Identity = {
    issuer: world.issuer.url,
    subject,
    name: subject,
    email: null,
    emailVerified: false,
    claims: { groups },
    expiresAt: new Date(),
    sessionId: null,
  };
  return (await world.app.app.get(Sessions, { strict: false }).open(identity)).secret;
}

const cookie = (secret: string): Record<string, string> => ({ cookie: `other=1; mothball=${secret}; more=x` });
const own = (): Record<string, string> => ({ origin: world.app.url });
const codeOf = async (headers: Record<string, string>, query = VIEWER): Promise<unknown> =>
  (await world.send(headers, query)).code;

const change = (statement: string, values: unknown[] = []): Promise<unknown> =>
  asAdmin(world.app.database.adminUrl, async (client) => {
    await client.query('SET search_path = mothball');
    return client.query(statement, values);
  });

describe('a browser’s session', () => {
  it('says who somebody is, and follows the mapping of their groups', async () => {
    expect((await world.send({ ...cookie(await session('bea')), ...own() }, VIEWER)).data).toEqual(BEA);
    expect(await codeOf({ ...cookie(await session('zoe', ['none'])), ...own() })).toBe('NOT_A_MEMBER');
  });

  it.each<[string, Record<string, string>]>([
    ['nothing that says who sends it', {}],
    ['another site’s origin', { origin: 'https://evil.example' }],
    ['another port’s origin', { origin: 'http://127.0.0.1:1' }],
    ['the origin null, of a sandbox', { origin: 'null' }],
    ['the browser’s word that it is cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['the browser’s word that it is another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a link that was followed', { 'sec-fetch-site': 'none' }],
    ['a header of its own, but from elsewhere', { 'x-requested-with': 'x', origin: 'https://evil.example' }],
    ['a header of its own, but cross-site', { 'x-requested-with': 'x', 'sec-fetch-site': 'cross-site' }],
  ])('counts for nothing in a request with %s', async (_what, headers) => {
    expect(await codeOf({ ...cookie(await session('bea')), ...headers })).toBe('UNAUTHENTICATED');
  });

  it.each<[string, () => Record<string, string>]>([
    ['our own origin', own],
    ['the browser’s word that it is ours', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a header that other sites cannot send', () => ({ 'x-requested-with': 'mothball' })],
  ])('counts in a request with %s', async (_what, headers) => {
    expect(await codeOf({ ...cookie(await session('bea')), ...headers() })).toBeNull();
  });

  it('does not help where an API token was sent along that is no good', async () => {
    const headers = { ...cookie(await session('bea')), ...own(), authorization: 'Bearer mothball_nothing_of_the_kind' };
    expect(await codeOf(headers)).toBe('UNAUTHENTICATED');
  });

  it('is not taken at a host name that is not ours', async () => {
    const headers = { ...cookie(await session('bea')), host: 'rebound.example', origin: 'http://rebound.example' };
    // `fetch` would not send this host.
    const { port } = new URL(world.app.url);
    const body = JSON.stringify({ query: VIEWER });
    const status = await new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path: '/graphql',
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
    expect(status).toBe(401);
  });

  it('ends when it was not used for long, however long it may last', async () => {
    const secret = await session('bea');
    await change(
      "UPDATE sessions SET last_seen_at = now() - interval '9 minutes' WHERE hash = sha256($1::text::bytea)",
      [secret],
    );
    expect(await codeOf({ ...cookie(secret), ...own() })).toBeNull();
    await change(
      "UPDATE sessions SET last_seen_at = now() - interval '17 minutes' WHERE hash = sha256($1::text::bytea)",
      [secret],
    );
    expect(await codeOf({ ...cookie(secret), ...own() })).toBe('UNAUTHENTICATED');
  });

  it('ends at its time, however much it is used', async () => {
    const secret = await session('bea');
    await change('UPDATE sessions SET expires_at = now() WHERE hash = sha256($1::text::bytea)', [secret]);
    expect(await codeOf({ ...cookie(secret), ...own() })).toBe('UNAUTHENTICATED');
  });

  it('ends with all others of its person, when they say so', async () => {
    const [first, second, stranger] = [await session('bea'), await session('bea'), await session('ann')];
    expect(await codeOf({ ...cookie(first), ...own() }, 'mutation { signOutEverywhere }')).toBeNull();
    expect(await codeOf({ ...cookie(first), ...own() })).toBe('UNAUTHENTICATED');
    expect(await codeOf({ ...cookie(second), ...own() })).toBe('UNAUTHENTICATED');
    expect(await codeOf({ ...cookie(stranger), ...own() })).toBeNull();
  });

  it('ends by the form on the home page, which no other site can send', async () => {
    const secret = await session('bea');
    const post = (headers: Record<string, string>) =>
      fetch(`${world.app.url}/auth/sign-out`, {
        method: 'POST',
        headers: { ...cookie(secret), ...headers },
        redirect: 'manual',
      });
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
    expect(await codeOf({ ...cookie(secret), ...own() })).toBeNull();
    const out = await post(own());
    expect(out.status).toBe(303);
    expect(out.headers.get('set-cookie')).toMatch(/^mothball=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/);
    expect(await codeOf({ ...cookie(secret), ...own() })).toBe('UNAUTHENTICATED');
  });

  it('opens a WebSocket from our own pages only', async () => {
    const secret = await session('bea');
    const connect = (origin: string): Promise<unknown> => {
      class FromPage extends WebSocket {
        constructor(url: string, protocol: string) {
          super(url, protocol, { headers: { ...cookie(secret), origin } });
        }
      }
      return new Promise((resolve) => {
        const client = createClient({
          url: world.app.wsUrl,
          webSocketImpl: FromPage,
          lazy: false,
          retryAttempts: 0,
          onNonLazyError: () => {},
          on: { connected: () => resolve('connected'), closed: (event) => resolve((event as { code: number }).code) },
        });
        setTimeout(() => void client.dispose(), 2_000);
      });
    };
    expect(await connect('https://evil.example')).toBe(4403);
    expect(await connect(world.app.url)).toBe('connected');
  });
});

describe('the home page', () => {
  const page = async (
    headers: Record<string, string> = {},
    path = '/',
  ): Promise<{ text: string; headers: Headers }> => {
    const response = await fetch(`${world.app.url}${path}`, { headers });
    return { text: await response.text(), headers: response.headers };
  };

  it('offers to sign in, and runs and loads nothing', async () => {
    const { text, headers } = await page();
    expect(text).toContain(`/auth/sign-in?issuer=${encodeURIComponent(world.issuer.url)}`);
    expect(text).not.toContain('<script');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('says who is signed in, and what a name holds is text', async () => {
    const { text } = await page(cookie(await session('<b onload="x">&')));
    expect(text).toContain('&#60;b onload=&#34;x&#34;&#62;&#38;');
    expect(text).not.toContain('<b onload');
    expect(text).toContain('<span>one</span><span class="soft">admin</span>');
  });

  it('sends nobody elsewhere after signing in', async () => {
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const response = await fetch(`${world.app.url}/auth/sign-in?to=${encodeURIComponent(to)}`, {
        redirect: 'manual',
      });
      const leaving = /mothball-sign-in=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? '';
      expect(JSON.parse(Buffer.from(leaving, 'base64url').toString())).toMatchObject({ returnTo: '/' });
      const address = new URL(response.headers.get('location') ?? '');
      expect(address.origin).toBe(world.issuer.url);
      expect(address.searchParams.get('code_challenge_method')).toBe('S256');
    }
  });

  it.each([
    ['without a beginning', {}, ''],
    ['with another state', {}, '?code=x&state=other'],
  ])('does not sign in somebody who comes back %s', async (_what, _headers, query) => {
    const begun = await fetch(`${world.app.url}/auth/sign-in`, { redirect: 'manual' });
    const kept = (begun.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const headers: Record<string, string> = query === '' ? {} : { cookie: kept };
    const back = await fetch(`${world.app.url}/auth/callback${query || '?code=x&state=y'}`, {
      headers,
      redirect: 'manual',
    });
    expect(back.status).toBe(401);
    expect(back.headers.get('set-cookie')).not.toMatch(/mothball=[^;]/);
  });

  it('knows no issuer but the configured ones', async () => {
    const response = await fetch(`${world.app.url}/auth/sign-in?issuer=https%3A%2F%2Fevil.example`, {
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
  });
});
