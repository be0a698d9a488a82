import { Injectable } from '@nestjs/common';
import * as client from 'openid-client';
import { badInput, DomainError } from '../../errors';
import type { Identity } from '../credential';
import { boundedFetch } from './bounded-fetch';
import type { Issuer } from './issuer';
import { isSafe, type IssuerSettings, OidcSettings } from './oidc-settings';
import { OidcVerifier } from './oidc-verifier.service';

/** What a browser keeps while its person is at the issuer. */
export interface Departure {
  readonly issuer: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Signing in by browser: OpenID Connect's authorization code flow with PKCE (RFC 7636). */
@Injectable()
export class BrowserSignIn {
  constructor(
    private readonly settings: OidcSettings,
    private readonly verifier: OidcVerifier,
  ) {}

  /** Whom people can choose to sign in with. */
  issuers(): readonly IssuerSettings[] {
    return this.settings.issuers;
  }

  /** Where the browser goes, and what it has to bring back. Throws BAD_INPUT for an unknown issuer, or UNAVAILABLE. */
  async begin(issuer: string, redirectUri: string): Promise<{ url: URL; departure: Departure }> {
    const known = this.known(issuer);
    const departure = {
      issuer,
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const { scopes, prompt } = known.settings;
    const url = client.buildAuthorizationUrl(await clientOf(known), {
      redirect_uri: redirectUri,
      scope: scopes,
      state: departure.state,
      nonce: departure.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(departure.codeVerifier),
      code_challenge_method: 'S256',
      ...(prompt === undefined ? {} : { prompt }),
    });
    if (!isSafe(url.href)) throw new DomainError('UNAVAILABLE', 'The issuer’s sign-in page is not on https://.');
    return { url, departure };
  }

  /** Who came back to `returned`. Throws UNAUTHENTICATED, or UNAVAILABLE. */
  async finish(returned: URL, { issuer, state, nonce, codeVerifier }: Departure): Promise<Identity> {
    const configuration = await clientOf(this.known(issuer));
    try {
      const tokens = await client.authorizationCodeGrant(configuration, returned, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      return await this.verifier.verifyIdToken(tokens.id_token ?? '');
    } catch (error) {
      if (error instanceof DomainError) throw error;
      if (error instanceof Error && error.cause instanceof DomainError) throw error.cause;
      throw new DomainError('UNAUTHENTICATED', `Signing in did not work: ${reasonOf(error)}. Try it once more.`, {
        cause: error,
      });
    }
  }

  private known(issuer: string): Issuer {
    const known = this.verifier.of(issuer);
    if (!known) throw badInput('issuer: this service does not trust it; choose one of those on the page.');
    return known;
  }
}

async function clientOf(issuer: Issuer): Promise<client.Configuration> {
  const { clientId, clientSecret, clockSkewSeconds } = issuer.settings;
  const metadata = await issuer.describe();
  const methods = metadata['token_endpoint_auth_methods_supported'];
  const posts = Array.isArray(methods) && methods.includes('client_secret_post');
  const authentication = posts ? client.ClientSecretPost(clientSecret) : client.ClientSecretBasic(clientSecret);
  const configuration = new client.Configuration(
    metadata as client.ServerMetadata,
    clientId,
    { [client.clockTolerance]: clockSkewSeconds },
    clientSecret === undefined ? client.None() : authentication,
  );
  configuration[client.customFetch] = (url, { body, headers, method }) =>
    boundedFetch(url, { body: body as BodyInit, headers, method });
  // Loopback only: every address was looked at when the issuer was described, and is again by `boundedFetch`.
  if (issuer.settings.issuer.startsWith('http:')) client.allowInsecureRequests(configuration);
  return configuration;
}

function reasonOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError) return `the issuer said "${error.error}"`;
  if (error instanceof client.ResponseBodyError) return `the issuer said "${error.error}"`;
  return 'what came back from the issuer does not belong to this browser, or is too old';
}
