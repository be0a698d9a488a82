import { Injectable } from '@nestjs/common';
import sql, { join } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { DAY_MS } from '../../clock';
import { notFound } from '../../errors';
import { run } from '../../paging';
import { IDENTITIES } from '../../scans/identity';
import { Events } from '../../tasks/events.service';
import { TaskQueue } from '../../tasks/task-queue.service';
import { AuditLog } from '../../tenancy/audit-log.service';
import { Rejudging } from '../rejudging.service';
import { describeScope, type ExemptionRow, limitsOf, scopeOf } from './exemption';
import { reachOf } from './exemption-reach';
import { NOTICE_DAYS } from './exemption-terms';
import { watchExemption } from './watch-exemption.definition';

/** A change of an exemption: what is written besides the row itself, in the caller's transaction. */
@Injectable()
export class ExemptionRecords {
  constructor(
    private readonly events: Events,
    private readonly queue: TaskQueue,
    private readonly auditLog: AuditLog,
    private readonly rejudging: Rejudging,
  ) {}

  /** Holds the row until the commit, so that two people who decide at once do it one after the other. Throws NOT_FOUND. */
  async hold(manager: EntityManager, tenantId: string, id: string): Promise<ExemptionRow> {
    const [row] = await manager.query<ExemptionRow[]>(
      'SELECT * FROM exemptions WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
      [tenantId, id],
    );
    if (!row) throw notFound('The exemption');
    return row;
  }

  /** Tells the audit log and whoever follows events. `what`: in the past tense, "agreed". */
  async tell(manager: EntityManager, what: string, before: ExemptionRow, after: ExemptionRow): Promise<void> {
    this.note(manager, what, before, after);
    await this.announce(manager, what, [after]);
  }

  /** The same of new ones, which are of one tenant, are watched from now on, and spare what they spare. */
  async begin(manager: EntityManager, made: readonly ExemptionRow[], now: Date): Promise<void> {
    const pending = made.filter(({ state }) => state === 'pending');
    const inForce = made.filter(({ state }) => state === 'in-force');
    for (const row of made) this.note(manager, row.state === 'pending' ? 'proposed' : 'made', null, row);
    await this.announce(manager, 'proposed', pending);
    await this.announce(manager, 'made', inForce);
    await this.watch(manager, made, now);
    await this.rejudge(manager, inForce);
  }

  async announce(manager: EntityManager, what: string, rows: readonly ExemptionRow[]): Promise<void> {
    const [first] = rows;
    if (!first) return;
    await this.events.record(
      manager,
      first.tenant_id,
      rows.map((row) => {
        const { scope, reason, state, endsAt } = summary(row);
        const data = { scope, reason, state, endsAt };
        return { type: `exemption.${what}`, objectType: 'exemption', objectId: row.id, data };
      }),
    );
  }

  /** Has them looked at when they end and so many days before. An earlier end's tasks find nothing to do. */
  async watch(manager: EntityManager, rows: readonly ExemptionRow[], now: Date): Promise<void> {
    await this.queue.enqueueMany(
      manager,
      rows.flatMap(({ tenant_id: tenantId, id: exemptionId, ends_at }) =>
        [0, ...NOTICE_DAYS]
          .map((days) => new Date(ends_at.getTime() - days * DAY_MS))
          .filter((dueAt) => dueAt > now)
          .map((dueAt) => {
            const at = dueAt.toISOString();
            return {
              tenantId,
              task: watchExemption,
              payload: { exemptionId, at },
              dedupeKey: `${exemptionId} ${at}`,
              dueAt,
            };
          }),
      ),
    );
  }

  /** Judges again whatever these cover now, and whatever they were found to spare. All are of one tenant. */
  async rejudge(manager: EntityManager, rows: readonly ExemptionRow[]): Promise<void> {
    const tenantId = rows[0]?.tenant_id;
    if (tenantId === undefined) return;
    const covered = rows.map((row) => sql`(${join(reachOf(scopeOf(row), limitsOf(row)), ' AND ')})`);
    const accounts = await run<{ id: string }>(
      manager,
      sql`SELECT DISTINCT i.account_id AS id FROM ${IDENTITIES}
          WHERE i.tenant_id = ${tenantId} AND i.gone_at IS NULL AND (${join(covered, ' OR ')})
          UNION SELECT f.account_id FROM findings f
          WHERE f.tenant_id = ${tenantId} AND f.exemption_id = ANY (${rows.map(({ id }) => id)}::uuid[])`,
    );
    await this.rejudging.of(
      manager,
      tenantId,
      accounts.map(({ id }) => id),
    );
  }

  private note(manager: EntityManager, what: string, before: ExemptionRow | null, after: ExemptionRow): void {
    this.auditLog.note(manager, {
      action: `exemption.${what}`,
      object: { type: 'exemption', id: after.id },
      before: before && summary(before),
      after: summary(after),
    });
  }
}

const summary = (row: ExemptionRow) => ({
  scope: describeScope(scopeOf(row), limitsOf(row)),
  reason: row.reason,
  ownerId: row.owner_id,
  state: row.state,
  endsAt: row.ends_at.toISOString(),
  madeBy: row.made_by,
  agreedBy: row.agreed_by,
  proposedEndsAt: row.proposed_ends_at?.toISOString() ?? null,
  proposedBy: row.proposed_by,
  endedBy: row.ended_by,
  endNote: row.end_note,
});
