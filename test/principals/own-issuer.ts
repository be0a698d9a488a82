import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export interface OwnIssuer {
  readonly url: string;
  /** What is in its set of keys at the moment. */
  keys: JWK[];
  /** How it answers; a test may put something else here. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly usual: (request: IncomingMessage, response: ServerResponse) => void;
  /** Requests for its keys so far. */
  keyRequests: number;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function signingKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An OpenID Connect issuer, as far as those who check its tokens see it. */
export async function startOwnIssuer(keys: JWK[]): Promise<OwnIssuer> {
  let server: Server;
  let port = 0;
  const listen = async (): Promise<void> => {
    server = createServer((request, response) => own.answer(request, response));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  };
  const json = (response: ServerResponse, value: unknown): void => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
  const usual = (request: IncomingMessage, response: ServerResponse): void => {
    const url = `http://127.0.0.1:${port}`;
    if (request.url === '/.well-known/openid-configuration') {
      return json(response, { issuer: url, jwks_uri: `${url}/keys`, authorization_endpoint: `${url}/authorize` });
    }
    if (request.url === '/keys') {
      own.keyRequests += 1;
      return json(response, { keys: own.keys });
    }
    response.statusCode = 404;
    response.end();
  };
  const own: OwnIssuer = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    keys,
    usual,
    answer: usual,
    keyRequests: 0,
    start: listen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await listen();
  return own;
}

export interface TokenToSign {
  readonly key: SigningKey;
  readonly issuer: string;
  readonly audience?: string | string[];
  readonly subject?: string;
  /** Seconds from now. */
  readonly expiresIn?: number | null;
  readonly issuedIn?: number | null;
  readonly notBeforeIn?: number;
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly alg?: string;
}

const seconds = (): number => Math.floor(Date.now() / 1_000);

/** A good token, but for what the test says. */
export async function signToken(wanted: TokenToSign): Promise<string> {
  const { key, issuer, audience = 'mothball', subject = 'alice', expiresIn = 300, issuedIn = 0, claims = {} } = wanted;
  const payload: Record<string, unknown> = { iss: issuer, aud: audience, name: 'Alice', groups: ['admins'] };
  if (subject !== '') payload['sub'] = subject;
  if (expiresIn !== null) payload['exp'] = seconds() + expiresIn;
  if (issuedIn !== null) payload['iat'] = seconds() + issuedIn;
  if (wanted.notBeforeIn !== undefined) payload['nbf'] = seconds() + wanted.notBeforeIn;
  return new SignJWT({ ...payload, ...claims })
    .setProtectedHeader({ alg: wanted.alg ?? 'RS256', kid: key.kid, typ: 'JWT', ...wanted.header })
    .sign(key.privateKey);
}
