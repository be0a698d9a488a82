import { Injectable } from '@nestjs/common';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { DomainError, notFound } from '../../errors';
import { BEYOND_RETURN } from '../decisions/item-stops';
import { run } from '../../paging';
import { Events } from '../../tasks/events.service';
import type { DueItem } from './due-item';
import type { PlanItemRow, Stage } from './plan-item';
import { listenAgain, TOUCHED } from './listen-again';
import { eventOf, isOver, markOf } from './stage-effects';

/** What a turn may change besides the stage. `undefined` leaves a column as it is, `null` empties it. */
export type ItemChanges = Partial<
  Pick<
    PlanItemRow,
    | 'code'
    | 'reason'
    | 'remedy'
    | 'next_at'
    | 'began_at'
    | 'quarantined_at'
    | 'quarantined_by'
    | 'deletion_due_at'
    | 'deletion_announced_at'
    | 'silenced_at'
    | 'point_of_no_return_at'
    | 'watched_at'
    | 'unknown_since'
    | 'life'
    | 'losses'
    | 'execution_id'
  >
> & { readonly failures?: number };

export interface ItemsOf {
  readonly tenantId: string;
  readonly accountId: string;
}

const JSON_COLUMNS: ReadonlySet<string> = new Set(['life', 'losses']);

/** Rows of a turn: more in one run would only make its memory grow, the rest comes in the next round. */
const ROUND = 500;

/**
 * Of items `i` and plans `p`. Giving back goes on whatever becomes of the plan, listening as long as something is held;
 * putting away needs a plan that is approved at this moment. What was being deleted when its plan was cancelled is halted.
 */
const MAY_GO: Sql = sql`(i.stage = 'returning' OR i.stage IN ('announced', 'quarantined', 'silenced', 'halted')
  OR (i.stage IN ('waiting', 'quarantining', 'deleting') AND p.state = 'approved')
  OR (i.stage = 'deleting' AND p.state = 'cancelled')
  OR (i.stage = 'deleting' AND p.state = 'halted' AND NOT ${BEYOND_RETURN})
  OR (i.stage = 'quarantining' AND p.state = 'halted' AND ${TOUCHED}))`;

const DUE_COLUMNS: Sql = sql`i.*, p.state AS plan_state, p.mode AS plan_mode, p.goal AS plan_goal, p.dry_run AS plan_dry_run`;

const FROM: Sql = sql`plan_items i JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id`;

/** The rows of items: whose turn it is, and the one way from stage to stage. */
@Injectable()
export class Items {
  constructor(
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Whose turn it is in an account, what gives back and listens first. */
  async due(manager: EntityManager, of: ItemsOf, limit = ROUND): Promise<DueItem[]> {
    return run<DueItem>(
      manager,
      sql`SELECT ${DUE_COLUMNS} FROM ${FROM}
          WHERE i.tenant_id = ${of.tenantId} AND i.account_id = ${of.accountId} AND i.next_at <= ${this.clock.now()}
            AND ${MAY_GO}
          ORDER BY CASE i.stage WHEN 'returning' THEN 0 WHEN 'deleting' THEN 2 WHEN 'quarantining' THEN 3
            WHEN 'waiting' THEN 4 ELSE 1 END, p.approved_at, i.plan_id, i.position LIMIT ${limit}`,
    );
  }

  /** When something must be done next in an account, by the service's clock; null: nothing is waiting. */
  async nextAt(manager: EntityManager, of: ItemsOf): Promise<Date | null> {
    const [row] = await run<{ at: Date | null }>(
      manager,
      sql`SELECT min(i.next_at) AS at FROM ${FROM}
          WHERE i.tenant_id = ${of.tenantId} AND i.account_id = ${of.accountId} AND i.next_at IS NOT NULL AND ${MAY_GO}`,
    );
    return row?.at ?? null;
  }

  /** Accounts in which something is due. */
  async accountsDue(manager: EntityManager, tenantId: string): Promise<string[]> {
    const rows = await run<{ id: string }>(
      manager,
      sql`SELECT DISTINCT i.account_id AS id FROM ${FROM}
          WHERE i.tenant_id = ${tenantId} AND i.next_at <= ${this.clock.now()} AND ${MAY_GO}`,
    );
    return rows.map(({ id }) => id);
  }

  /** As it is now. @throws NOT_FOUND */
  async load(manager: EntityManager, tenantId: string, itemId: string): Promise<DueItem> {
    const [row] = await run<DueItem>(
      manager,
      sql`SELECT ${DUE_COLUMNS} FROM ${FROM} WHERE i.tenant_id = ${tenantId} AND i.id = ${itemId}`,
    );
    if (!row) throw notFound('The item');
    return row;
  }

  /**
   * To another stage (or the same one), with its event and the mark on the identity. `by`: the person who asked for it.
   * @throws DomainError `ITEM_MOVED` when it is no longer in the stage that the caller knows: somebody decided meanwhile.
   */
  async move(
    manager: EntityManager,
    item: PlanItemRow,
    stage: Stage,
    changes: ItemChanges = {},
    by: string | null = null,
  ): Promise<PlanItemRow> {
    const now = this.clock.now();
    const over = isOver(stage);
    const before = stage === item.stage ? item.stage_before : item.stage;
    const moved = await this.update(manager, item, [
      sql`stage = ${stage}`,
      sql`stage_at = ${stage === item.stage ? item.stage_at : now}`,
      sql`stage_before = ${before}`,
      sql`ended_at = ${over ? now : null}`,
      ...columnsOf({
        code: null,
        reason: null,
        remedy: null,
        failures: 0,
        ...(over ? { next_at: null } : {}),
        ...changes,
      }),
    ]);
    await this.mark(manager, moved, now);
    if (stage !== item.stage) await this.events.record(manager, item.tenant_id, eventOf(moved, by));
    return moved;
  }

  /** Changes what is known about an item that stays where it is. @throws DomainError `ITEM_MOVED` */
  async note(manager: EntityManager, item: PlanItemRow, changes: ItemChanges): Promise<PlanItemRow> {
    return this.update(manager, item, columnsOf(changes));
  }

  /** What is not put away for now is listened to meanwhile; `all`: nothing of the account may be put away now. */
  async listenAgain(manager: EntityManager, of: ItemsOf, all: boolean): Promise<void> {
    await listenAgain(manager, of, { at: this.clock.now(), all });
  }

  /** All of an account's due items, or of those the named ones, without a turn. `why`: for people. */
  async putOffDue(
    manager: EntityManager,
    of: ItemsOf,
    waitMs: number,
    why: Pick<PlanItemRow, 'code' | 'reason' | 'remedy'>,
    ids: readonly string[] | null = null,
  ): Promise<void> {
    const now = this.clock.now();
    await run(
      manager,
      sql`UPDATE plan_items SET next_at = ${new Date(now.getTime() + waitMs)}, code = ${why.code},
            reason = ${why.reason}, remedy = ${why.remedy}
          WHERE tenant_id = ${of.tenantId} AND account_id = ${of.accountId} AND next_at <= ${now}
            AND (${ids}::uuid[] IS NULL OR id = ANY (${ids}::uuid[]))`,
    );
  }

  private async update(manager: EntityManager, item: PlanItemRow, set: readonly Sql[]): Promise<PlanItemRow> {
    const [row] = await run<PlanItemRow>(
      manager,
      sql`WITH moved AS (UPDATE plan_items SET ${join(set)}
            WHERE tenant_id = ${item.tenant_id} AND id = ${item.id} AND stage = ${item.stage} RETURNING *)
          SELECT * FROM moved`,
    );
    if (row) return row;
    throw new DomainError('ITEM_MOVED', `The item ${item.id} is no longer ${item.stage}: it was decided otherwise.`, {
      retryable: true,
    });
  }

  private async mark(manager: EntityManager, item: PlanItemRow, now: Date): Promise<void> {
    const mark = markOf(item.stage);
    if (mark === 'as-it-was') return;
    await run(
      manager,
      mark === 'held'
        ? sql`UPDATE identities SET quarantined_at = ${item.quarantined_at ?? now}
              WHERE tenant_id = ${item.tenant_id} AND id = ${item.identity_id}
                AND quarantined_at IS DISTINCT FROM ${item.quarantined_at ?? now}`
        : sql`UPDATE identities SET quarantined_at = NULL
              WHERE tenant_id = ${item.tenant_id} AND id = ${item.identity_id} AND quarantined_at IS NOT NULL`,
    );
  }
}

/** Names come from the type above, never from outside. */
const columnsOf = (changes: ItemChanges): Sql[] =>
  Object.entries(changes).flatMap(([column, value]) =>
    value === undefined
      ? []
      : [sql`${raw(column)} = ${JSON_COLUMNS.has(column) && value !== null ? JSON.stringify(value) : value}`],
  );
