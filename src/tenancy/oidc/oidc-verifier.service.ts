import { Injectable, Logger } from '@nestjs/common';
import { decodeJwt, errors, type JWTPayload, jwtVerify, type JWTVerifyResult } from 'jose';
import { Clock } from '../../clock';
import { DomainError } from '../../errors';
import type { Identity } from '../credential';
import { Issuer } from './issuer';
import { type IssuerSettings, OidcSettings } from './oidc-settings';
import { claimsOfRules } from './role-mapping';

/** Real ones, with a hundred groups, have some 6 KB. */
const LARGEST_TOKEN = 16 * 1024;
const LONGEST_SUBJECT = 500;
const LONGEST_NAME = 200;
/** Tokens for something else have another type: "logout+jwt", "secevent+jwt" (RFC 8725, section 3.11). */
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Checks tokens of OpenID Connect issuers: signature, issuer, audience, times. */
@Injectable()
export class OidcVerifier {
  private readonly logger = new Logger(OidcVerifier.name);
  private readonly issuers: ReadonlyMap<string, Issuer>;

  constructor(
    settings: OidcSettings,
    private readonly clock: Clock,
  ) {
    this.issuers = new Map(settings.issuers.map((one) => [one.issuer, new Issuer(one, clock)]));
  }

  all(): readonly Issuer[] {
    return [...this.issuers.values()];
  }

  of(issuer: string): Issuer | undefined {
    return this.issuers.get(issuer);
  }

  /** Who sent this token to the API. Throws UNAUTHENTICATED saying why, or UNAVAILABLE. */
  async verify(token: string): Promise<Identity> {
    return this.check(token, ({ audience, clientId }) => audience ?? clientId);
  }

  /** Who has signed in, by the ID token that the issuer gave to us. */
  async verifyIdToken(token: string): Promise<Identity> {
    return this.check(token, ({ clientId }) => clientId, true);
  }

  private async check(
    token: string,
    audienceOf: (settings: IssuerSettings) => string | string[],
    isIdToken = false,
  ): Promise<Identity> {
    if (token.length > LARGEST_TOKEN) throw refused(`it is larger than ${LARGEST_TOKEN / 1024} KB`);
    const issuer = this.issuers.get(issuerIn(token) ?? '');
    if (!issuer) throw refused('this service does not trust its issuer');
    const { settings } = issuer;
    let verified: JWTVerifyResult;
    try {
      verified = await jwtVerify(token, issuer.key, {
        issuer: settings.issuer,
        audience: audienceOf(settings),
        algorithms: settings.algorithms,
        clockTolerance: settings.clockSkewSeconds,
        maxTokenAge: settings.maxAgeHours * 3_600,
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: this.clock.now(),
      });
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw refused(this.reasonOf(error), error);
    }
    mustBeForUs(verified, settings, isIdToken);
    return identityOf(verified.payload, settings);
  }

  private reasonOf(error: unknown): string {
    if (error instanceof errors.JWTExpired) return error.claim === 'iat' ? 'it is too old' : 'it has expired';
    if (error instanceof errors.JWTClaimValidationFailed) {
      return error.reason === 'missing'
        ? `its claim "${error.claim}" is missing`
        : `its claim "${error.claim}" does not fit`;
    }
    if (error instanceof errors.JOSEAlgNotAllowed) return 'its signature’s algorithm is not allowed here';
    if (error instanceof errors.JWKSNoMatchingKey) return 'its issuer has no such key';
    if (error instanceof errors.JWKSMultipleMatchingKeys) return 'it does not say which key signed it';
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
    if (!(error instanceof errors.JOSEError)) this.logger.warn(`A token could not be checked: ${String(error)}`);
    return 'it is malformed';
  }
}

/** Read before anything is checked: it only says whose keys to check with. */
function issuerIn(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function mustBeForUs(
  { payload, protectedHeader }: JWTVerifyResult,
  settings: IssuerSettings,
  isIdToken: boolean,
): void {
  const { typ } = protectedHeader;
  if (typ !== undefined && !TYPES.has(typ.toLowerCase())) throw refused(`it is of another type, ${typ.slice(0, 40)}`);
  const party = payload['azp'];
  if (party === undefined) {
    // OpenID Connect Core 1.0, section 3.1.3.7, steps 4 and 5.
    if (isIdToken && Array.isArray(payload.aud) && payload.aud.length > 1) throw refused('its claim "azp" is missing');
    if (settings.authorizedParties && !isIdToken) throw refused('its claim "azp" is missing');
    return;
  }
  const allowed = isIdToken ? [settings.clientId] : settings.authorizedParties;
  if (allowed && !(typeof party === 'string' && allowed.includes(party))) throw refused('its claim "azp" does not fit');
}

function identityOf(payload: JWTPayload, settings: IssuerSettings): Identity {
  const { sub, exp = 0 } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > LONGEST_SUBJECT)
    throw refused('its claim "sub" is malformed');
  const email = textIn(payload, settings.emailClaim, 320);
  return {
    issuer: settings.issuer,
    subject: sub,
    name:
      textIn(payload, settings.nameClaim, LONGEST_NAME) ?? email?.slice(0, LONGEST_NAME) ?? sub.slice(0, LONGEST_NAME),
    email,
    // It speaks of the claim "email" (OpenID Connect Core 1.0, section 5.1): another one may be the person's own choice.
    emailVerified:
      email !== null &&
      (settings.emailsAreVerified || (settings.emailClaim === 'email' && payload['email_verified'] === true)),
    claims: claimsOfRules(settings.roles, payload),
    expiresAt: new Date((exp + settings.clockSkewSeconds) * 1_000),
    sessionId: null,
  };
}

function textIn(payload: JWTPayload, claim: string, longest: number): string | null {
  const value = payload[claim];
  return typeof value === 'string' && value.trim() !== '' ? printable(value).trim().slice(0, longest) : null;
}

/** Names are shown to people and written to logs: no control characters, no change of direction. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');

const refused = (reason: string, cause?: unknown): DomainError =>
  new DomainError('UNAUTHENTICATED', `This sign-in is not accepted: ${reason}. Sign in again.`, { cause });
