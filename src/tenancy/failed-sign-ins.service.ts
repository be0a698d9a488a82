import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Config } from '../config';
import { DomainError } from '../errors';
import { newId } from '../ids';
import { actingAs } from './actor';
import { AuditLog } from './audit-log.service';
import { PLATFORM_TENANT_ID, TenantDatabase } from './tenant-database';

/** Failures are forgotten after so long without another one. */
const MEMORY_SECONDS = 15 * 60;
const LONGEST_WAIT_SECONDS = 15 * 60;
const AUDIT_EVERY_MS = 15_000;
/** Whoever sends from thousands of addresses gets no thousands of entries. */
const ADDRESSES_PER_AUDIT = 20;
const MOST_ADDRESSES = 10_000;
const MOST_GOOD = 10_000;
const EXAMPLES = 5;

interface Attempts {
  count: number;
  readonly credentials: Set<string>;
  readonly reasons: Set<string>;
}

/**
 * Slows down whoever tries credentials: after some failures from one address, or with one credential, each further one
 * doubles how long they have to wait. Counted in this process. What was good before goes on: others behind the same
 * address cannot lock it out. Failures are in the platform's audit log, added up by address.
 */
@Injectable()
export class FailedSignIns implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(FailedSignIns.name);
  private readonly failures: RateLimiterMemory;
  private readonly waits = new RateLimiterMemory({ keyPrefix: 'wait', points: 1, duration: LONGEST_WAIT_SECONDS });
  private readonly good = new Set<string>();
  private readonly noted = new Map<string, Attempts>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: Config,
    private readonly database: TenantDatabase,
    private readonly auditLog: AuditLog,
  ) {
    this.failures = new RateLimiterMemory({ keyPrefix: 'failed', points: 1_000_000_000, duration: MEMORY_SECONDS });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.writeDown().catch((error: unknown) => this.logger.warn(`Failed sign-ins were not noted: ${String(error)}`));
    }, AUDIT_EVERY_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writeDown().catch(() => {});
  }

  /** Throws RATE_LIMITED while whoever tries has to wait. `credential` null: a browser that comes from its issuer. */
  async mayTry(address: string | null, credential: string | null): Promise<void> {
    if (credential !== null && this.good.has(fingerprint(credential))) return;
    const waiting = await Promise.all(keysOf(address, credential).map((key) => this.waits.get(key)));
    const ms = Math.max(0, ...waiting.map((one) => (one && one.consumedPoints > 1 ? one.msBeforeNext : 0)));
    if (ms === 0) return;
    this.note(address, credential, 'had to wait');
    const seconds = Math.ceil(ms / 1_000);
    throw new DomainError(
      'RATE_LIMITED',
      `Too many attempts to sign in have failed. Try again in ${seconds} seconds.`,
      {
        retryable: true,
        retryAfterSeconds: seconds,
      },
    );
  }

  async failed(address: string | null, credential: string | null, reason: string): Promise<void> {
    this.note(address, credential, reason);
    for (const key of keysOf(address, credential)) {
      const { consumedPoints } = await this.failures.penalty(key);
      const beyond = consumedPoints - this.config.signIn.failedSignIns;
      if (beyond >= 0) await this.waits.block(key, Math.min(2 ** Math.min(beyond, 10), LONGEST_WAIT_SECONDS));
    }
  }

  succeeded(credential: string): void {
    if (this.good.size >= MOST_GOOD) this.good.clear();
    this.good.add(fingerprint(credential));
  }

  /** Writes what was noted since the last time: one entry for an address. */
  async writeDown(): Promise<void> {
    const all = [...this.noted].sort(([, a], [, b]) => b.count - a.count);
    this.noted.clear();
    const others = all.slice(ADDRESSES_PER_AUDIT);
    for (const [address, attempts] of all.slice(0, ADDRESSES_PER_AUDIT)) {
      const { count, credentials, reasons } = attempts;
      await this.write(address === '' ? null : address, {
        count,
        credentials: [...credentials],
        reasons: [...reasons],
      });
    }
    const rest = others.reduce((sum, [, { count }]) => sum + count, 0);
    if (rest > 0) await this.write(null, { count: rest, otherAddresses: others.length });
  }

  private write(sourceAddress: string | null, after: object): Promise<void> {
    const actor = {
      kind: 'anonymous',
      id: 'unknown',
      name: 'unknown',
      tenantId: PLATFORM_TENANT_ID,
      role: null,
      standsFor: 'unknown',
      requestId: newId(),
      sourceAddress,
    } as const;
    return actingAs(actor, () =>
      this.database.inTenant(PLATFORM_TENANT_ID, async (manager) => {
        this.auditLog.note(manager, { action: 'sign-in.failed', object: null, before: null, after });
      }),
    );
  }

  private note(address: string | null, credential: string | null, reason: string): void {
    const known = this.noted.get(address ?? '');
    const key = known || this.noted.size < MOST_ADDRESSES ? (address ?? '') : '';
    const attempts = this.noted.get(key) ?? { count: 0, credentials: new Set(), reasons: new Set() };
    this.noted.set(key, attempts);
    attempts.count += 1;
    if (credential !== null && attempts.credentials.size < EXAMPLES) attempts.credentials.add(shown(credential));
    if (attempts.reasons.size < EXAMPLES) attempts.reasons.add(reason);
  }
}

/** By the whole credential: the start of an API token is no secret, and with it anybody could hold its holder up. */
const keysOf = (address: string | null, credential: string | null): string[] => [
  ...(address === null ? [] : [`address ${networkOf(address)}`]),
  ...(credential === null ? [] : [`credential ${fingerprint(credential)}`]),
];

/** Of IPv6 the first 64 bits: any host has all addresses behind those. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head.split(':').filter((group) => group !== '');
  const after = tail?.split(':').filter((group) => group !== '').length ?? 0;
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - after)).fill('0');
  const first = [...groups, ...zeros, ...(tail?.split(':') ?? [])].slice(0, 4);
  return `${first.map((group) => parseInt(group || '0', 16).toString(16)).join(':')}::/64`;
}

/** What tells credentials apart and gives none away: the start of an API token, else the start of a hash. */
function shown(credential: string): string {
  if (/^mothball_[A-Za-z0-9_-]{43}$/.test(credential)) return credential.slice(0, 15);
  return `sha256 ${fingerprint(credential).slice(0, 12)}`;
}

const fingerprint = (credential: string): string => createHash('sha256').update(credential).digest('hex');
