import { createHash, randomBytes } from 'node:crypto';
import { clientId } from '../../issuer/settings.mjs';
import { Failure } from '../../lib/failure.mjs';

const redirectUri = 'http://127.0.0.1/auth/callback';

/**
 * Signs one of the issuer's people in, as a browser would, and answers with a token that the API takes for ten minutes.
 * @param {string} issuer
 * @param {string} person
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
export async function signIn(issuer, person, signal) {
  const verifier = randomBytes(32).toString('base64url');
  const browser = new Browser(issuer, signal);
  const asked = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid profile email groups',
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'login',
  });
  const page = await browser.follow(`/auth?${asked}`);
  const back = await browser.follow(page, new URLSearchParams({ person }));
  const code = new URL(await browser.follow(back), issuer).searchParams.get('code');
  if (!code) throw new Failure(`The issuer did not sign ${person} in.`);
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    }),
    signal,
  });
  const { id_token: token } = await answer.json();
  if (!token) throw new Failure(`The issuer gave no token for ${person} (${answer.status}).`);
  return token;
}

/** Cookies, and one redirect at a time. */
class Browser {
  #issuer;
  #signal;
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /**
   * @param {string} issuer
   * @param {AbortSignal} signal
   */
  constructor(issuer, signal) {
    this.#issuer = issuer;
    this.#signal = signal;
  }

  /**
   * Where it is sent on to.
   * @param {string} address
   * @param {URLSearchParams} [form]
   */
  async follow(address, form) {
    const answer = await fetch(new URL(address, this.#issuer), {
      ...(form ? { method: 'POST', body: form } : {}),
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
      signal: this.#signal,
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    const next = answer.headers.get('location');
    if (!next) throw new Failure(`The issuer did not go on with signing in (${answer.status}).`);
    return next;
  }
}
