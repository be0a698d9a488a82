import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import sql from 'sql-template-tag';
import { Clock, HOUR_MS } from '../../../clock';
import { run } from '../../../paging';
import { Events } from '../../../tasks/events.service';
import { CONNECTION_COLUMNS, isAtWork, type TicketConnectionRow, type TroubleWith } from './ticket-connection';

const SHORTEST_MS = 5_000;
const LONGEST_MS = 30 * 60_000;
/** Systems and proxies refuse what they should not for a while, in outages and upgrades. */
const REFUSED_FOR_MS = HOUR_MS;
/** Rarely enough that nobody's account is locked. */
const REFUSED_PAUSE_MS = 20 * 60_000;
/** Failures that lie further apart are not one trouble; what fails is tried again every half an hour at least. */
const TOGETHER_MS = HOUR_MS;

/** A trouble that goes on, or begins. */
type Trouble = Pick<TicketConnectionRow, 'failures' | 'refused_since' | 'trouble_with'>;
const NONE: Trouble = { failures: 0, refused_since: null, trouble_with: null };

/** What a connection goes through with its system: it waits where it is asked to, and stands still where it is refused. */
@Injectable()
export class ConnectionTrouble {
  constructor(
    private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /** A refusal is tried again for an hour. After that nothing more is sent until people have looked at it. */
  async refused(manager: EntityManager, row: TicketConnectionRow, what: TroubleWith, why: string): Promise<void> {
    const trouble = await this.present(manager, row);
    if (trouble === null) return;
    const now = this.clock.now();
    const since = trouble.refused_since ?? now;
    if (now.getTime() - since.getTime() >= REFUSED_FOR_MS) return this.disable(manager, row, why);
    await this.goesOn(manager, row, { ...trouble, refused_since: since }, what, REFUSED_PAUSE_MS);
  }

  /** Nothing more is sent for as long as the system said, or a while that grows with each failure. */
  async busy(
    manager: EntityManager,
    row: TicketConnectionRow,
    what: TroubleWith,
    retryAfterMs: number | null,
  ): Promise<void> {
    const trouble = await this.present(manager, row);
    if (trouble === null) return;
    const grown = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(trouble.failures, 12));
    const failures = trouble.failures + 1;
    await this.goesOn(manager, row, { ...trouble, failures }, what, Math.max(retryAfterMs ?? 0, grown));
  }

  /** It answered as it should: to a read, which ends no trouble with writing, or to what writes. */
  async answered(manager: EntityManager, row: TicketConnectionRow, what: TroubleWith): Promise<void> {
    await manager.query(
      `UPDATE ticket_connections SET failures = 0, refused_since = NULL, trouble_with = NULL, wait_until = NULL
       WHERE tenant_id = $1 AND id = $2 AND ($3 = 'writing' OR trouble_with = 'reading')`,
      [row.tenant_id, row.id, what],
    );
  }

  /** Where something asks for a longer wait already, that one holds. */
  async waitUntil(manager: EntityManager, row: TicketConnectionRow, until: Date): Promise<void> {
    await manager.query(
      'UPDATE ticket_connections SET wait_until = greatest(wait_until, $3) WHERE tenant_id = $1 AND id = $2',
      [row.tenant_id, row.id, until],
    );
  }

  /** Its settings are not what they must be any more. */
  async unusable(manager: EntityManager, tenantId: string, id: string, why: string): Promise<void> {
    const [row] = await manager.query<TicketConnectionRow[]>(
      'SELECT tenant_id, id, name, system FROM ticket_connections WHERE tenant_id = $1 AND id = $2',
      [tenantId, id],
    );
    if (row) await this.disable(manager, row, why);
  }

  /**
   * The trouble that it has. Null: people have paused, resumed or changed it since `row` was read, so what was answered to
   * that says nothing of what it is now.
   */
  private async present(manager: EntityManager, row: TicketConnectionRow): Promise<Trouble | null> {
    const [now] = await run<TicketConnectionRow>(
      manager,
      sql`SELECT ${CONNECTION_COLUMNS} FROM ticket_connections c
          WHERE c.tenant_id = ${row.tenant_id} AND c.id = ${row.id} AND c.deleted_at IS NULL FOR NO KEY UPDATE`,
    );
    if (!now || !isAtWork(now) || !isSame(now, row)) return null;
    const last = now.last_failure_at;
    return last !== null && this.clock.now().getTime() - last.getTime() <= TOGETHER_MS ? now : NONE;
  }

  private async goesOn(
    manager: EntityManager,
    row: TicketConnectionRow,
    { failures, refused_since, trouble_with }: Trouble,
    what: TroubleWith,
    waitMs: number,
  ): Promise<void> {
    const now = this.clock.now();
    await manager.query(
      `UPDATE ticket_connections SET failures = $3, refused_since = $4, trouble_with = $5, last_failure_at = $6, wait_until = $7
       WHERE tenant_id = $1 AND id = $2`,
      [
        ...[row.tenant_id, row.id, failures, refused_since, trouble_with === 'writing' ? trouble_with : what],
        ...[now, new Date(now.getTime() + waitMs)],
      ],
    );
  }

  private async disable(manager: EntityManager, row: TicketConnectionRow, why: string): Promise<void> {
    const [, count] = await manager.query<[unknown[], number]>(
      `UPDATE ticket_connections SET state = 'disabled', state_why = $3, state_changed_at = $4, wait_until = NULL
       WHERE tenant_id = $1 AND id = $2 AND state IN ('active', 'removing')`,
      [row.tenant_id, row.id, why, this.clock.now()],
    );
    if (count === 0) return;
    await this.events.record(manager, row.tenant_id, [
      {
        ...{ type: 'ticket-connection.disabled', objectType: 'ticket-connection', objectId: row.id },
        data: { name: row.name, system: row.system, why },
      },
    ]);
  }
}

type Changes = Pick<TicketConnectionRow, 'state_changed_at' | 'changed_at'>;

const isSame = (one: Changes, other: Changes): boolean =>
  one.state_changed_at.getTime() === other.state_changed_at.getTime() &&
  one.changed_at.getTime() === other.changed_at.getTime();
