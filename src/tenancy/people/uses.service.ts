import { Injectable, Logger, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../clock';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenant-database';

/** How exact "last used" is. */
const STEP_MS = 5 * 60_000;
const FLUSH_MS = 10_000;
const MOST_REMEMBERED = 100_000;

/**
 * When tokens, people and sessions were last here: collected in memory and written for all of them together, so that no
 * request waits for it. What a process that is killed has not written is lost.
 */
@Injectable()
export class Uses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Uses.name);
  private readonly written = new Map<string, number>();
  private readonly pending = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.flush().catch((error: unknown) => this.logger.warn(`Last uses were not written: ${String(error)}`));
    }, FLUSH_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush().catch(() => {});
  }

  /** `id`: a token's, a person's or a session's. */
  note(tenantId: string, id: string): void {
    const now = this.clock.now().getTime();
    if (now - (this.written.get(id) ?? -Infinity) < STEP_MS) return;
    if (this.written.size >= MOST_REMEMBERED) this.written.clear();
    this.written.set(id, now);
    this.pending.set(id, tenantId);
  }

  noteSession(id: string): void {
    this.note(PLATFORM_TENANT_ID, id);
  }

  async flush(): Promise<void> {
    if (this.pending.size === 0) return;
    const uses = [...this.pending];
    this.pending.clear();
    await this.database.ofNoTenant((manager) =>
      manager.query('SELECT note_use($1, $2)', [uses.map(([, tenantId]) => tenantId), uses.map(([id]) => id)]),
    );
  }
}
