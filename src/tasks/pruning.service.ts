import { Injectable } from '@nestjs/common';
import { Clock, DAY_MS } from '../clock';
import { Config } from '../config';
import { CrossTenantDatabase } from '../tenancy/cross-tenant-database';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenancy/tenant-database';

/** As much as one short transaction may delete: some tens of milliseconds. */
const ROWS_AT_ONCE = 1_000;

/** A plan that nobody has proposed for so long was a look at what it would be. */
const DRAFT_DAYS = 7;

/** A week, and a day for one that is made late. */
const LONGEST_DIGEST_DAYS = 8;

/**
 * Forgets what has been over for the days that are configured: tasks that are done or cancelled, idempotency keys,
 * sessions, finished previews of policies, deliveries of notifications, and the events that were published; drafts of plans
 * after a week; snapshots of clean-up when their time is over. Parked tasks stay until somebody decides about them; the
 * audit log has a command of its own.
 */
@Injectable()
export class Pruning {
  constructor(
    private readonly database: TenantDatabase,
    private readonly everyTenant: CrossTenantDatabase,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** One batch of each. Answers whether there may be more. Several processes may do it at once. */
  async prune(): Promise<boolean> {
    const tasks = await this.pruneTasks();
    const others = await this.pruneOthers();
    const snapshots = await this.pruneSnapshots();
    const deliveries = await this.pruneDeliveries();
    const published = await this.prunePublished();
    return tasks || others || snapshots || deliveries || published;
  }

  private async pruneTasks(): Promise<boolean> {
    const deleted = await this.everyTenant.acrossTenants('dispatcher', 'forget tasks that are over', (manager) =>
      manager.query<[unknown[], number]>(
        `WITH old AS MATERIALIZED (
           SELECT tenant_id, id FROM tasks
           WHERE state IN ('done', 'cancelled') AND finished_at < now() - make_interval(days => $1)
           ORDER BY finished_at LIMIT ${ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED
         ) DELETE FROM tasks t USING old WHERE t.tenant_id = old.tenant_id AND t.id = old.id`,
        [this.config.retentionDays],
      ),
    );
    return deleted[1] === ROWS_AT_ONCE;
  }

  /** What the dispatcher's login has no business with: by a function that does just this. */
  private async pruneOthers(): Promise<boolean> {
    const [row] = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<{ deleted: number }[]>('SELECT prune_what_is_over($1, $2) + prune_plan_drafts($3, $2) AS deleted', [
        this.config.retentionDays,
        ROWS_AT_ONCE,
        DRAFT_DAYS,
      ]),
    );
    return (row?.deleted ?? 0) > 0;
  }

  /** Messages that are over, with their attempts, by the service's clock as they were ended by it. */
  private async pruneDeliveries(): Promise<boolean> {
    const before = new Date(this.clock.now().getTime() - this.config.retentionDays * DAY_MS);
    const [row] = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<{ deleted: number }[]>('SELECT prune_deliveries($1, $2) AS deleted', [before, ROWS_AT_ONCE]),
    );
    return (row?.deleted ?? 0) > 0;
  }

  /** What was published, once no delivery of it is kept; not before the longest digest has counted it. */
  private async prunePublished(): Promise<boolean> {
    const days = Math.max(this.config.retentionDays, LONGEST_DIGEST_DAYS);
    const before = new Date(this.clock.now().getTime() - days * DAY_MS);
    const [row] = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<{ deleted: number }[]>('SELECT prune_published_events($1, $2) AS deleted', [before, ROWS_AT_ONCE]),
    );
    return (row?.deleted ?? 0) > 0;
  }

  /** What is kept to bring something back has a day of its own, by the service's clock. */
  private async pruneSnapshots(): Promise<boolean> {
    const [row] = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<{ deleted: number }[]>('SELECT prune_snapshots($1, $2) AS deleted', [
        this.clock.now(),
        ROWS_AT_ONCE,
      ]),
    );
    return (row?.deleted ?? 0) > 0;
  }
}
