import { Logger } from '@nestjs/common';
import { createRemoteJWKSet, customFetch, type FlattenedJWSInput, type JWTHeaderParameters } from 'jose';
import type { Clock } from '../../clock';
import { fetchJson, unavailable } from './bounded-fetch';
import { isSafe, type IssuerSettings } from './oidc-settings';

/** What an issuer says of itself (OpenID Connect Discovery 1.0, section 3), as far as it was looked at here. */
export interface IssuerMetadata {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly [name: string]: unknown;
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** After that a look for newer ones is due, which nobody waits for. */
const FRESH_MS = 10 * 60_000;
/** With an issuer that does not answer, the keys that we have go on for so long. */
const LONGEST_MS = 24 * 3_600_000;
/** So long nobody asks an issuer again that gave no answer: else each request would wait for it. */
const AFTER_FAILURE_MS = 5_000;

/** One issuer's word about itself and its keys: fetched when first needed, kept, and looked at again now and then. */
export class Issuer {
  private readonly logger = new Logger(Issuer.name);
  private readonly metadata: Kept<IssuerMetadata>;
  private keys: { readonly address: string; readonly set: KeySet; readonly attempts: Attempts } | undefined;

  constructor(
    readonly settings: IssuerSettings,
    private readonly clock: Clock,
  ) {
    this.metadata = new Kept(clock, () => this.discover());
  }

  /** Throws UNAVAILABLE. */
  async describe(): Promise<IssuerMetadata> {
    return this.metadata.get();
  }

  /** The key that a token's header names. Throws UNAVAILABLE, or jose's error when the issuer has no such key. */
  readonly key = async (header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> => {
    const { jwks_uri: address } = await this.describe();
    if (this.keys?.address !== address) this.keys = this.keysAt(address);
    const { set, attempts } = this.keys;
    if (set.jwks() !== undefined && attempts.age() > FRESH_MS && !set.reloading) {
      set.reload().catch((error: unknown) => this.logger.warn(`Keys of ${this.settings.issuer}: ${String(error)}`));
    }
    return set(header, token);
  };

  private keysAt(address: string): NonNullable<Issuer['keys']> {
    const attempts = new Attempts(this.clock, address);
    const set = createRemoteJWKSet(new URL(address), {
      cooldownDuration: this.settings.keyCooldownSeconds * 1_000,
      cacheMaxAge: LONGEST_MS,
      [customFetch]: () => attempts.make(async () => new Response(JSON.stringify(await fetchJson(address)))),
    });
    return { address, set, attempts };
  }

  private async discover(): Promise<IssuerMetadata> {
    const { issuer } = this.settings;
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const found = await fetchJson(address);
    // Else an issuer could speak for another one (section 4.3).
    if (found['issuer'] !== issuer) throw unavailable(address, 'its discovery document names another issuer');
    const keys = found['jwks_uri'];
    if (typeof keys !== 'string' || !URL.canParse(keys) || !isSafe(keys)) {
      throw unavailable(address, 'its discovery document names no https:// address of keys');
    }
    return { ...found, issuer, jwks_uri: keys };
  }
}

/** Keeps a failure for a moment, so that an issuer that is down is not asked for each request. */
class Attempts {
  private failed: { readonly at: number; readonly error: unknown } | undefined;
  private succeededAt = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly what: string,
  ) {}

  /** Milliseconds since it went well. */
  age(): number {
    return this.clock.now().getTime() - this.succeededAt;
  }

  async make<T>(work: () => Promise<T>): Promise<T> {
    const now = this.clock.now().getTime();
    if (this.failed && now - this.failed.at < AFTER_FAILURE_MS) {
      throw unavailable(this.what, 'it gave no good answer a moment ago', this.failed.error);
    }
    try {
      const value = await work();
      this.failed = undefined;
      this.succeededAt = this.clock.now().getTime();
      return value;
    } catch (error) {
      this.failed = { at: this.clock.now().getTime(), error };
      throw error;
    }
  }
}

/** A value that is fetched once, and again behind the back of those who use it. */
class Kept<T> {
  private value: T | undefined;
  private pending: Promise<T> | undefined;
  private readonly attempts: Attempts;

  constructor(
    clock: Clock,
    private readonly fetchIt: () => Promise<T>,
  ) {
    this.attempts = new Attempts(clock, '');
  }

  async get(): Promise<T> {
    const age = this.attempts.age();
    if (this.value === undefined || age > LONGEST_MS) return this.renew();
    if (age > FRESH_MS) this.renew().catch(() => {});
    return this.value;
  }

  private renew(): Promise<T> {
    this.pending ??= this.attempts
      .make(this.fetchIt)
      .then((value) => (this.value = value))
      .finally(() => (this.pending = undefined));
    return this.pending;
  }
}
