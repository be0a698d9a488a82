import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { loginPage, policy } from './login-page.mjs';
import { personOf } from './people.mjs';
import { clientId } from './settings.mjs';

const largestForm = 1_000;

/**
 * An OpenID Connect issuer on loopback, with a key of its own.
 * @param {number} port 0: any free one
 * @returns {Promise<{ issuer: string, stop: () => Promise<void> }>}
 */
export async function startIssuer(port) {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, await configuration());
  const serve = provider.callback();
  server.on('request', (request, response) => {
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    if (uid === undefined) return void serve(request, response);
    interact(provider, uid, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain' });
      response.end('This sign-in is over. Begin again where you came from.\n');
    });
  });
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { issuer, stop };
}

async function configuration() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' };
  return {
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: /** @type {const} */ ('none'),
        // On loopback a native client may come back to any port (RFC 8252, section 7.3).
        application_type: /** @type {const} */ ('native'),
        redirect_uris: ['http://127.0.0.1/auth/callback', 'http://localhost/auth/callback'],
        grant_types: ['authorization_code'],
        response_types: [/** @type {const} */ ('code')],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    // The service reads the ID token only.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: {
      url: (/** @type {unknown} */ _context, /** @type {{ uid: string }} */ { uid }) => `/interaction/${uid}`,
    },
    findAccount: (/** @type {unknown} */ _context, /** @type {string} */ id) => ({
      accountId: id,
      claims: () => claimsOf(id),
    }),
    loadExistingGrant,
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3_600, Grant: 3_600 },
  };
}

/** @param {string} id */
function claimsOf(id) {
  const { name, email, groups } = personOf(id);
  return { sub: id, name, email, email_verified: true, groups };
}

/**
 * Nobody is asked whether the client may know who they are.
 * @param {any} context
 */
async function loadExistingGrant({ oidc }) {
  const { Grant } = oidc.provider;
  const grant = new Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope('openid profile email groups');
  await grant.save();
  return grant;
}

/**
 * @param {Provider} provider
 * @param {string} uid
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function interact(provider, uid, request, response) {
  // Throws unless this browser began it.
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
    });
    return void response.end(loginPage(uid));
  }
  const id = new URLSearchParams(await bodyOf(request)).get('person') ?? '';
  if (!/^[a-z0-9._-]{1,60}$/.test(id)) throw new Error('no such person');
  await provider.interactionFinished(request, response, {
    login: { accountId: id, remember: false },
    // What is due from a native client's person each time; which grant it is says `loadExistingGrant`.
    consent: {},
  });
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > largestForm) throw new Error('too long');
  }
  return text;
}
