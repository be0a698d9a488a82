import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type Actor, actingAs } from '../../../tenancy/actor';
import { AuditLog } from '../../../tenancy/audit-log.service';
import { TenantDatabase } from '../../../tenancy/tenant-database';

const WINDOW_MS = 60_000;
/** Principals times fields that are remembered at once; beyond that the log line must do. */
const MOST_KEPT = 10_000;

interface Waiting {
  readonly actor: Actor;
  readonly field: string;
  count: number;
  timer: NodeJS.Timeout;
}

/**
 * Writes into a tenant's audit log what its people were refused: the first time at once, what follows within a minute as
 * one entry with its count, so that nobody can fill the log.
 */
@Injectable()
export class RefusalNotes implements OnModuleDestroy {
  private readonly logger = new Logger(RefusalNotes.name);
  private readonly waiting = new Map<string, Waiting>();
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly auditLog: AuditLog,
  ) {}

  note(actor: Actor, field: string): void {
    const key = `${actor.tenantId} ${actor.kind} ${actor.id} ${field}`;
    const known = this.waiting.get(key);
    if (known) {
      known.count += 1;
      return;
    }
    if (this.waiting.size >= MOST_KEPT) return;
    const timer = setTimeout(() => this.close(key), WINDOW_MS).unref();
    this.waiting.set(key, { actor, field, count: 0, timer });
    this.write(actor, field, 1);
  }

  /** Writes what still waits. */
  async onModuleDestroy(): Promise<void> {
    for (const [key, { timer }] of this.waiting) {
      clearTimeout(timer);
      this.close(key);
    }
    await Promise.all(this.writing);
  }

  private close(key: string): void {
    const known = this.waiting.get(key);
    this.waiting.delete(key);
    if (known && known.count > 0) this.write(known.actor, known.field, known.count);
  }

  private write(actor: Actor, field: string, count: number): void {
    const written = actingAs(actor, () =>
      this.database.inTenant(actor.tenantId, (manager) => {
        this.auditLog.note(manager, { action: 'request.refused', object: null, after: { field, count } });
        return Promise.resolve();
      }),
    )
      // The refusal itself stands, and is in the log.
      .catch((error: unknown) => this.logger.error({ err: error }, 'A refusal could not be noted in the audit log.'))
      .finally(() => this.writing.delete(written));
    this.writing.add(written);
  }
}
