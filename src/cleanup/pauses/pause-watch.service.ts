import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Listener } from '../../tenancy/listener';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import { CleanupPaused, PausesUnknown } from './cleanup-paused';
import { PAUSES_CHANNEL } from './pauses.service';

/** A notification may be lost with its connection, and a connection without anybody noticing. */
const READ_EVERY_MS = 500;
/** What is known for longer than this is not known. */
const KNOWN_FOR_MS = 2_000;

/**
 * Whose clean-up is paused, as this process knows it: told by the database on commit, and read again twice a second on
 * the same connection. A process that has not been answered for two seconds (it slept, the connection is gone) lets
 * nothing go. Asked by the last middleware of the SDK before each request that puts something away.
 */
@Injectable()
export class PauseWatch implements OnModuleInit, OnApplicationShutdown {
  private paused: ReadonlySet<string> = new Set();
  /** When the question was sent that the newest answer is to; by `performance.now()`. */
  private askedAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;

  constructor(private readonly listener: Listener) {}

  async onModuleInit(): Promise<void> {
    this.stopListening = await this.listener.listen(PAUSES_CHANNEL, () => void this.read());
    await this.read();
    this.timer = setInterval(() => void this.read(), READ_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.stopListening?.();
  }

  /** Throws `CleanupPaused` while the tenant's clean-up is paused, `PausesUnknown` while nobody can tell. */
  mayGo(tenantId: string): void {
    if (!this.isKnown()) throw new PausesUnknown();
    if (this.paused.has(PLATFORM_TENANT_ID)) throw new CleanupPaused('platform');
    if (this.paused.has(tenantId)) throw new CleanupPaused('tenant');
  }

  /**
   * The same for a caller who can wait: what is not known any more is read anew first, so that a process that was merely
   * busy goes on.
   */
  async mayGoNow(tenantId: string): Promise<void> {
    if (!this.isKnown()) await Promise.race([this.read(), afterMs(KNOWN_FOR_MS)]);
    this.mayGo(tenantId);
  }

  private isKnown(): boolean {
    return performance.now() - this.askedAt < KNOWN_FOR_MS;
  }

  /** Answers come in the order of the questions, so an older one never takes the place of a newer one. */
  private async read(): Promise<void> {
    const askedAt = performance.now();
    try {
      const rows = await this.listener.ask<{ tenant_id: string }>('SELECT tenant_id FROM mothball.paused_tenants()');
      this.paused = new Set(rows.map((row) => row.tenant_id));
      this.askedAt = askedAt;
    } catch {
      // It stays as old as it is, and after two seconds counts as unknown.
    }
  }
}

const afterMs = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());
