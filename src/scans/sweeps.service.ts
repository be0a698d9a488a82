import { Injectable } from '@nestjs/common';
import sql, { join } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { accountLane, SCANNABLE, type AccountRow } from '../accounts/account';
import { accountConditions, type AccountFilter } from '../accounts/account-queries';
import { Clock } from '../clock';
import { badInput, notFound } from '../errors';
import { newId } from '../ids';
import { ofTenant, run, type Reader } from '../paging';
import { TaskQueue } from '../tasks/task-queue.service';
import { AuditLog } from '../tenancy/audit-log.service';
import { scanAccount } from './scan-account.definition';
import type { SweepRow } from './scan';

type Target = Pick<AccountRow, 'id' | 'partition' | 'aws_account_id'>;

/** Requests to scan many accounts: one task for each. */
@Injectable()
export class SweepsService {
  constructor(
    private readonly queue: TaskQueue,
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * Starts a sweep over the tenant's accounts that match; without a filter over all of them. Only ACTIVE accounts whose
   * control is proven are scanned; an account that is being scanned already is joined. Returns the sweep's id.
   * Throws BAD_INPUT when nothing that can be scanned matches: an empty selection never means "everything".
   */
  async start(
    manager: EntityManager,
    tenantId: string,
    requestedBy: string,
    filter: AccountFilter = {},
  ): Promise<string> {
    const where = join([sql`a.tenant_id = ${tenantId}`, SCANNABLE, ...accountConditions(filter)], ' AND ');
    const targets = await run<Target>(
      manager,
      sql`SELECT a.id, a.partition, a.aws_account_id FROM accounts a WHERE ${where}`,
    );
    if (targets.length === 0) {
      throw badInput('filter: no account that can be scanned matches. Accounts must be verified and ACTIVE.');
    }
    return this.sweep(manager, tenantId, requestedBy, targets);
  }

  /** The same for one account, which may have become unscannable meanwhile: then null. */
  async startOne(
    manager: EntityManager,
    tenantId: string,
    requestedBy: string,
    accountId: string,
  ): Promise<string | null> {
    const targets = await run<Target>(
      manager,
      sql`SELECT a.id, a.partition, a.aws_account_id FROM accounts a
          WHERE a.tenant_id = ${tenantId} AND a.id = ${accountId} AND ${SCANNABLE}`,
    );
    return targets.length === 0 ? null : this.sweep(manager, tenantId, requestedBy, targets);
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<SweepRow> {
    const [row] = await run<SweepRow>(
      reader.manager,
      sql`SELECT w.tenant_id, w.id, w.requested_by, w.created_at, count(s.id)::int AS total,
            count(*) FILTER (WHERE s.state = 'queued')::int AS queued,
            count(*) FILTER (WHERE s.state = 'running')::int AS running,
            count(*) FILTER (WHERE s.outcome = 'complete')::int AS complete,
            count(*) FILTER (WHERE s.outcome = 'partial')::int AS partial,
            count(*) FILTER (WHERE s.outcome = 'failed')::int AS failed
          FROM sweeps w
          LEFT JOIN sweep_scans x ON x.tenant_id = w.tenant_id AND x.sweep_id = w.id
          LEFT JOIN scans s ON s.tenant_id = x.tenant_id AND s.id = x.scan_id
          WHERE ${ofTenant(reader, 'w.tenant_id')} AND w.id = ${id} GROUP BY w.tenant_id, w.id`,
    );
    if (!row) throw notFound('The sweep');
    return row;
  }

  private async sweep(
    manager: EntityManager,
    tenantId: string,
    requestedBy: string,
    targets: Target[],
  ): Promise<string> {
    const sweepId = newId();
    const at = this.clock.now();
    await manager.query('INSERT INTO sweeps (tenant_id, id, requested_by, created_at) VALUES ($1, $2, $3, $4)', [
      tenantId,
      sweepId,
      requestedBy,
      at,
    ]);
    const accountIds = targets.map((target) => target.id);
    await manager.query(
      `INSERT INTO scans (tenant_id, id, account_id, created_at)
       SELECT $1, t.id, t.account_id, $2 FROM unnest($3::uuid[], $4::uuid[]) AS t (id, account_id)
       ON CONFLICT (tenant_id, account_id) WHERE state <> 'finished' DO NOTHING`,
      [tenantId, at, targets.map(() => newId()), accountIds],
    );
    const scans = await manager.query<{ id: string; account_id: string }[]>(
      `WITH open AS (
         SELECT id, account_id FROM scans WHERE tenant_id = $1 AND account_id = ANY ($2::uuid[]) AND state <> 'finished'
       ), linked AS (
         INSERT INTO sweep_scans (tenant_id, sweep_id, scan_id) SELECT $1, $3, id FROM open
       ) SELECT id, account_id FROM open`,
      [tenantId, accountIds, sweepId],
    );
    const scanOf = new Map(scans.map((scan) => [scan.account_id, scan.id]));
    await this.queue.enqueueMany(
      manager,
      targets.flatMap((target) => {
        const scanId = scanOf.get(target.id);
        if (scanId === undefined) return [];
        // Also for a scan that is under way already: its task is joined, or made anew where the old one was lost for good.
        return [{ tenantId, task: scanAccount, payload: { scanId }, dedupeKey: scanId, lane: accountLane(target) }];
      }),
    );
    const object = { type: 'sweep', id: sweepId };
    const after = { requestedBy, accounts: targets.length };
    this.auditLog.noteConsequences(manager, [{ action: 'sweep.started', object, after }]);
    return sweepId;
  }
}
