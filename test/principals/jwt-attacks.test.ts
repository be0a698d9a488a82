import { createHmac, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { exportJWK, exportSPKI, importJWK, SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { Clock } from '../../src/clock';
import { DomainError } from '../../src/errors';
import { Authentication } from '../../src/tenancy/authentication.service';
import { startTestApp, type TestApp } from '../harness/app';
import { SIGN_IN } from '../harness/database';
import { type OwnIssuer, type SigningKey, signingKey, signToken, startOwnIssuer, type TokenToSign } from './own-issuer';

jest.setTimeout(60_000);

/** Ahead of the system's by as much as a test says. */
class MovedClock extends Clock {
  aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }
}

const clock = new MovedClock();
let app: TestApp;
let issuer: OwnIssuer;
let strange: OwnIssuer;
/** Its keys are asked for by nobody before the test that needs it so. */
let late: OwnIssuer;
let key: SigningKey;

const settings = (url: string): object => ({
  issuer: url,
  audience: 'mothball',
  clientId: 'mothball-web',
  clockSkewSeconds: 5,
  keyCooldownSeconds: 1,
  roles: [{ claim: 'groups', value: 'admins', platform: 'admin' }],
});

beforeAll(async () => {
  key = await signingKey('first');
  [issuer, strange, late] = await Promise.all([
    startOwnIssuer([key.publicJwk]),
    startOwnIssuer([key.publicJwk]),
    startOwnIssuer([key.publicJwk]),
  ]);
  const oidc = JSON.stringify({ issuers: [settings(issuer.url), settings(late.url)] });
  app = await startTestApp({ clock, config: { signIn: { ...SIGN_IN, oidc } } });
});
afterAll(async () => {
  await app.stop();
  await Promise.all([issuer.stop(), strange.stop(), late.stop().catch(() => {})]);
});

const token = (changes: Partial<TokenToSign> = {}): Promise<string> =>
  signToken({ key, issuer: issuer.url, ...changes });

const VIEWER = '{ viewer { kind name role scope } }';
const ALICE = { viewer: { kind: 'PERSON', name: 'Alice', role: 'ADMIN', scope: 'PLATFORM' } };

async function answerTo(bearer: string): Promise<{ code: unknown; message: string; data: unknown }> {
  const { data, errors } = await app.ask(bearer, VIEWER);
  return { code: errors[0]?.extensions?.['code'] ?? null, message: errors[0]?.message ?? '', data };
}

/** Refused for this reason, and the service goes on: the good token is accepted right after. */
async function isRefused(bearer: string, reason: RegExp): Promise<void> {
  const { code, message } = await answerTo(bearer);
  expect(code).toBe('UNAUTHENTICATED');
  expect(message).toMatch(reason);
  expect((await answerTo(await token())).data).toEqual(ALICE);
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = async (): Promise<string> => (await token()).split('.')[1] ?? '';

describe('a good token', () => {
  it('is accepted', async () => {
    expect(await answerTo(await token())).toEqual({ code: null, message: '', data: ALICE });
  });

  it.each([
    ['with several audiences', { audience: ['other', 'mothball'] }],
    ['an access token by its type', { header: { typ: 'at+jwt' } }],
    ['expired by less than the clock skew', { expiresIn: -3 }],
    ['issued by a clock that is a little ahead', { issuedIn: 3, notBeforeIn: 3 }],
  ] as const)('is accepted: %s', async (_what, changes) => {
    expect((await answerTo(await token(changes as Partial<TokenToSign>))).data).toEqual(ALICE);
  });
});

describe('a signature', () => {
  it.each(['none', 'None', 'NONE', 'nOnE'])('cannot be left out: alg %s', async (alg) => {
    await isRefused(`${encoded({ alg, kid: 'first' })}.${await payloadOf()}.`, /malformed|not allowed/);
  });

  it('cannot be made with the public key as a shared secret', async () => {
    const publicKey = (await importJWK(key.publicJwk, 'RS256')) as CryptoKey;
    const pem = await exportSPKI(publicKey);
    const head = `${encoded({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${await payloadOf()}`;
    for (const secret of [pem, pem.trim(), JSON.stringify(key.publicJwk)]) {
      const signature = createHmac('sha256', secret).update(head).digest('base64url');
      await isRefused(`${head}.${signature}`, /algorithm is not allowed/);
    }
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    await isRefused(`${head}.${createHmac('sha256', der).update(head).digest('base64url')}`, /not allowed/);
  });

  it('must be that of the key it names', async () => {
    const other = await signingKey('first');
    await isRefused(await token({ key: other }), /signature is wrong/);
    const [head, , signature] = (await token()).split('.');
    const forged = encoded({ ...JSON.parse(Buffer.from(await payloadOf(), 'base64url').toString()), sub: 'mallory' });
    await isRefused(`${head}.${forged}.${signature}`, /signature is wrong/);
    await isRefused(`${head}.${await payloadOf()}.`, /signature is wrong|malformed/);
  });

  it('must be by an algorithm of the list', async () => {
    const longer = await signingKey('first', 'RS512');
    await isRefused(await token({ key: longer, alg: 'RS512' }), /algorithm is not allowed/);
  });

  it('cannot bring its own key: jwk, jku and x5u are not looked at', async () => {
    const mine = await signingKey('mine');
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys: [mine.publicJwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const jwk = await exportJWK(await importJWK(mine.publicJwk, 'RS256'));
    for (const header of [{ jwk }, { jku: address }, { x5u: address }, { jku: address, jwk, x5c: ['MIIB'] }]) {
      await isRefused(await token({ key: mine, header: { ...header, kid: 'first' } }), /signature is wrong/);
      await isRefused(await token({ key: mine, header }), /no such key/);
    }
    expect(asked).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['an unknown key', 'nobody'],
    ['a path', '../../../../dev/null'],
    ['an address', 'https://127.0.0.1/keys'],
    ['SQL', "x' UNION SELECT 'secret"],
    ['the prototype', '__proto__'],
  ])('whose key id is %s is refused', async (_what, kid) => {
    await isRefused(await token({ header: { kid } }), /no such key/);
  });

  it('must not demand what we do not understand', async () => {
    const demanding = await new SignJWT({ iss: issuer.url })
      .setProtectedHeader({ alg: 'RS256', kid: 'first', crit: ['exp2'], exp2: 1 })
      .sign(key.privateKey, { crit: { exp2: true } });
    await isRefused(demanding, /malformed/);
  });
});

describe('a claim', () => {
  it.each<[string, Partial<TokenToSign>, RegExp]>([
    ['for somebody else', { audience: 'another-service' }, /"aud" does not fit/],
    ['for a client of the same issuer', { audience: 'mothball-web' }, /"aud" does not fit/],
    ['for nobody', { claims: { aud: undefined } }, /"aud" is missing/],
    ['expired', { expiresIn: -60 }, /has expired/],
    ['without an end', { expiresIn: null }, /"exp" is missing/],
    ['not yet valid', { notBeforeIn: 120 }, /"nbf" does not fit/],
    ['from the future', { issuedIn: 120 }, /"iat" does not fit/],
    ['that does not say since when', { issuedIn: null }, /"iat" is missing/],
    ['too old, whatever its end', { issuedIn: -2 * 86_400, expiresIn: 86_400 }, /too old/],
    ['of nobody', { subject: '' }, /"sub" is missing/],
    ['of an empty subject', { claims: { sub: '' } }, /"sub"|malformed/],
    ['of a subject that is no text', { claims: { sub: 7 } }, /"sub"|malformed/],
    ['whose end is a text', { claims: { exp: '9999999999' } }, /"exp"|malformed/],
    ['whose end is no number', { claims: { exp: null } }, /"exp"|malformed/],
    ['that is for logging out', { header: { typ: 'logout+jwt' } }, /another type/],
  ])('is looked at: a token %s is refused', async (_what, changes, reason) => {
    await isRefused(await token(changes), reason);
  });

  it('is believed of trusted issuers only', async () => {
    await isRefused(await token({ issuer: strange.url }), /does not trust its issuer/);
    await isRefused(await token({ issuer: `${issuer.url}/` }), /does not trust its issuer/);
    await isRefused(await token({ claims: { iss: [issuer.url] } }), /does not trust its issuer|malformed/);
    expect(strange.keyRequests).toBe(0);
  });

  it('makes nobody a member by itself', async () => {
    const { code } = await answerTo(
      await token({ subject: 'eve', claims: { groups: ['Admins', 'admins2', 'xadmins'] } }),
    );
    expect(code).toBe('NOT_A_MEMBER');
  });
});

describe('what is no token', () => {
  it.each([
    ['three dots', '....................'],
    ['two dots', '..'.padStart(30, 'a')],
    ['no JSON', `${'a'.repeat(30)}.${'b'.repeat(30)}.${'c'.repeat(30)}`],
    ['an encrypted one', `${encoded({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`],
    ['JSON null', `${encoded(null)}.${encoded(null)}.x`],
    ['a list', `${encoded([])}.${encoded([])}.x`],
  ])('is refused: %s', async (_what, bearer) => {
    await isRefused(bearer, /./);
  });

  it('is refused when it is huge, in a header and on a WebSocket', async () => {
    const huge = await token({ claims: { filler: 'x'.repeat(40_000) } });
    // More than Node takes in headers at all.
    const response = await fetch(app.graphqlUrl, { headers: { authorization: `Bearer ${huge}` } });
    expect(response.status).toBe(431);
    const large = await token({ claims: { filler: 'x'.repeat(15_900 - 800) } });
    expect(large.length).toBeGreaterThan(16 * 1024);
    const closed = new Promise((resolve) => {
      const client = createClient({
        url: app.wsUrl,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        lazy: false,
        connectionParams: { authorization: `Bearer ${large}` },
        onNonLazyError: () => {},
        on: { closed: resolve },
      });
      void client;
    });
    expect(await closed).toMatchObject({ code: 4403 });
    const { answer } = await app.app
      .get(Authentication, { strict: false })
      .ask({ authorization: `Bearer ${large}`, session: undefined, tenant: null, sourceAddress: null });
    expect(answer instanceof DomainError && answer.message).toMatch(/larger than 16 KB/);
    expect((await answerTo(await token())).data).toEqual(ALICE);
  });
});

describe('keys', () => {
  it('that are new are found, and old ones are taken no more once they are gone', async () => {
    const second = await signingKey('second', 'ES256');
    await isRefused(await token({ key: second, alg: 'ES256' }), /no such key/);
    issuer.keys = [key.publicJwk, second.publicJwk];
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await answerTo(await token({ key: second, alg: 'ES256' }))).data).toEqual(ALICE);
    issuer.keys = [second.publicJwk];
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    // An unknown one makes us look; then the first is known no more.
    expect((await answerTo(await token({ header: { kid: 'third' } }))).code).toBe('UNAUTHENTICATED');
    expect((await answerTo(await token())).code).toBe('UNAUTHENTICATED');
    issuer.keys = [key.publicJwk, second.publicJwk];
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await answerTo(await token())).data).toEqual(ALICE);
  });

  it('are not asked for again and again by tokens with made-up ids', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const before = issuer.keyRequests;
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, at) => token({ header: { kid: `made-up-${at}` } })),
    );
    const answers = await Promise.all(tokens.map(answerTo));
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['UNAUTHENTICATED']));
    expect(issuer.keyRequests - before).toBeLessThanOrEqual(2);
  });

  it('that we have go on while the issuer is down', async () => {
    await issuer.stop();
    expect((await answerTo(await token())).data).toEqual(ALICE);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await answerTo(await token({ header: { kid: 'unknown' } }))).code).toBe('UNAVAILABLE');
    expect((await answerTo(await token())).data).toEqual(ALICE);
    await issuer.start();
  });

  it.each<[string, OwnIssuer['answer'], number]>([
    ['gives an error', (_request, response) => void response.writeHead(500).end('no'), 3_000],
    ['gives no JSON', (_request, response) => void response.end('<html>'), 3_000],
    ['names another issuer', (_request, response) => void response.end('{"issuer":"https://evil.example"}'), 3_000],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(302, { location: strange.url }).end(),
      3_000,
    ],
    ['never ends its answer', (_request, response) => endless(response), 8_000],
    ['answers too slowly', () => {}, 8_000],
  ])('cannot be had from an issuer that %s: that is UNAVAILABLE, soon, and mends itself', async (_what, answer, ms) => {
    late.answer = answer;
    // Of a moment ago: nobody asks again so soon.
    clock.aheadMs += 6_000;
    const began = performance.now();
    const first = await answerTo(await signToken({ key, issuer: late.url }));
    expect([first.code, first.message]).toEqual(['UNAVAILABLE', expect.stringMatching(/Try again soon/)]);
    expect(performance.now() - began).toBeLessThan(ms);
    // The next one does not wait for it, and others are not touched.
    const again = performance.now();
    expect((await answerTo(await signToken({ key, issuer: late.url }))).code).toBe('UNAVAILABLE');
    expect((await answerTo(await token())).data).toEqual(ALICE);
    expect(performance.now() - again).toBeLessThan(2_000);
  });

  it('are had once that issuer is well again, and after one that was down from the start', async () => {
    await late.stop();
    clock.aheadMs += 6_000;
    expect((await answerTo(await signToken({ key, issuer: late.url }))).code).toBe('UNAVAILABLE');
    late.answer = late.usual;
    await late.start();
    clock.aheadMs += 6_000;
    expect((await answerTo(await signToken({ key, issuer: late.url }))).data).toEqual(ALICE);
  });
});

function endless(response: Parameters<OwnIssuer['answer']>[1]): void {
  response.write('{');
  const timer = setInterval(() => {
    if (response.destroyed) clearInterval(timer);
    else response.write(' '.repeat(64 * 1024));
  }, 5);
}
