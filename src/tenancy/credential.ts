import type { Principal, Role } from './principal';

/** Who somebody is, as an issuer says. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** Those that decide roles. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expiresAt: Date;
  /** Of the browser's session; null: a token was sent along. */
  readonly sessionId: string | null;
}

/** A tenant that a credential opens. */
export interface Choice {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly kind: 'platform' | 'customer';
  readonly role: Role;
}

/** What was presented, found to be good. */
export interface Credential {
  readonly principal: Principal;
  readonly email: string | null;
  /** From when on it is refused; null: never by itself. */
  readonly expiresAt: Date | null;
  /** The token's, or the person's and the session's: with one of these it ends. */
  readonly endsWith: readonly string[];
  readonly choices: readonly Choice[];
}

/** Two principals with the same one count as one where a second person must agree. */
export const standsFor = ({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): string => `${issuer} ${subject}`;
