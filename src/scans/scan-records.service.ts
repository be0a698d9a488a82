import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AccountRow } from '../accounts/account';
import type { WithExternalId } from '../accounts/external-ids.service';
import { type ActionCalls, CallCounter, type CallSummary } from '../aws/calls';
import type { Partition } from '../aws/partitions';
import { Clock } from '../clock';
import { Events } from '../tasks/events.service';
import type { NotRead } from './collectors/reading';
import type { ScanOutcome } from './scan';

export interface ScannedAccount
  extends WithExternalId, Pick<AccountRow, 'partition' | 'aws_account_id' | 'role_arn' | 'status' | 'aws_state'> {
  account_id: string;
  scan_state: string;
  /** The scan's time: just before its first read. */
  begun_at: Date;
}

export interface ScanResult {
  readonly outcome: ScanOutcome;
  readonly at: Date;
  /** Whether all users and roles were listed, so that what was judged of them holds for `at`. */
  readonly detailsRead: boolean;
  readonly notRead: readonly NotRead[];
  readonly rowsWritten: number;
  readonly identities: number;
  readonly calls: CallSummary;
}

/** What the events `scan.completed`, `scan.partial` and `scan.failed` say. */
export interface ScanEventData {
  readonly accountId: string;
  readonly partition: Partition;
  readonly awsAccountId: string;
  /** Whether the account's last verification says that its role cannot be assumed. */
  readonly accessLost: boolean;
  /** Of the first thing that could not be read. */
  readonly code: string | null;
  readonly reason: string | null;
}

/** The books of scans: what began, what came of it, what it cost. */
@Injectable()
export class ScanRecords {
  constructor(
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Marks the scan as begun and returns its account; null when that is no longer this tenant's. */
  async begin(manager: EntityManager, tenantId: string, scanId: string): Promise<ScannedAccount | null> {
    const at = this.clock.now();
    const rows = await manager.query<Omit<ScannedAccount, 'begun_at'>[]>(
      `SELECT a.tenant_id, a.id, a.id AS account_id, a.partition, a.aws_account_id, a.role_arn, a.external_id,
              a.external_id_sealed, a.status, a.aws_state, s.state AS scan_state
       FROM scans s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
       WHERE s.tenant_id = $1 AND s.id = $2`,
      [tenantId, scanId],
    );
    const account = rows[0];
    if (!account) return null;
    await manager.query(
      `UPDATE scans SET state = 'running', started_at = coalesce(started_at, $3)
       WHERE tenant_id = $1 AND id = $2 AND state <> 'finished'`,
      [tenantId, scanId, at],
    );
    return { ...account, begun_at: at };
  }

  /** Writes the outcome on the scan and its account, and tells whoever waits for it. */
  async finish(manager: EntityManager, tenantId: string, scanId: string, result: ScanResult): Promise<void> {
    const [first] = result.notRead;
    const [rows] = await manager.query<[{ account_id: string }[], number]>(
      `UPDATE scans SET state = 'finished', outcome = $3, reason = $4, remedy = $5, not_read = $6, rows_written = $7,
         identities = $8, aws_calls = $9, aws_call_count = $10, throttled_count = $11, finished_at = $12
       WHERE tenant_id = $1 AND id = $2 AND state <> 'finished' RETURNING account_id`,
      [
        tenantId,
        scanId,
        result.outcome,
        first?.reason ?? null,
        first?.remedy ?? null,
        JSON.stringify(result.notRead),
        result.rowsWritten,
        result.identities,
        JSON.stringify(result.calls.byAction),
        result.calls.calls,
        result.calls.throttled,
        this.clock.now(),
      ],
    );
    const accountId = rows[0]?.account_id;
    if (accountId === undefined) return;
    const [accounts] = await manager.query<[Omit<ScanEventData, 'code' | 'reason'>[], number]>(
      `UPDATE accounts SET last_scan_id = $3, last_scan_outcome = $4, last_scan_at = $5,
         inventory_at = CASE WHEN $4 = 'complete' THEN $6 ELSE inventory_at END,
         users_read_at = CASE WHEN $7 THEN $6 ELSE users_read_at END,
         roles_read_at = CASE WHEN $7 THEN $6 ELSE roles_read_at END
       WHERE tenant_id = $1 AND id = $2
       RETURNING id AS "accountId", partition, aws_account_id AS "awsAccountId", access_lost_at IS NOT NULL AS "accessLost"`,
      [tenantId, accountId, scanId, result.outcome, this.clock.now(), result.at, result.detailsRead],
    );
    const [account] = accounts;
    if (!account) return;
    const type = result.outcome === 'complete' ? 'scan.completed' : `scan.${result.outcome}`;
    const data: ScanEventData = { ...account, code: first?.code ?? null, reason: first?.reason ?? null };
    await this.events.record(manager, tenantId, [{ type, objectType: 'scan', objectId: scanId, data: { ...data } }]);
  }

  /** Ends a scan whose task was parked: nothing more is known than the error. */
  async giveUp(
    manager: EntityManager,
    tenantId: string,
    scanId: string,
    failure: { readonly at: Date; readonly code: string; readonly reason: string },
  ): Promise<void> {
    const { at, code, reason } = failure;
    const remedy = 'Scan the account again; if it fails again, look at the log of the worker.';
    await this.finish(manager, tenantId, scanId, {
      outcome: 'failed',
      at,
      detailsRead: false,
      notRead: [{ what: 'the account', code, reason, remedy, retryable: true }],
      rowsWritten: 0,
      identities: 0,
      calls: new CallCounter().summary(),
    });
  }

  /** Adds what a later look-up for the same scan has cost. */
  async addCalls(manager: EntityManager, tenantId: string, scanId: string, calls: CallSummary): Promise<void> {
    const [row] = await manager.query<{ aws_calls: Record<string, ActionCalls> }[]>(
      'SELECT aws_calls FROM scans WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
      [tenantId, scanId],
    );
    if (!row) return;
    await manager.query(
      `UPDATE scans SET aws_calls = $3, aws_call_count = aws_call_count + $4, throttled_count = throttled_count + $5
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, scanId, JSON.stringify(sum(row.aws_calls, calls.byAction)), calls.calls, calls.throttled],
    );
  }
}

function sum(one: Record<string, ActionCalls>, other: Record<string, ActionCalls>): Record<string, ActionCalls> {
  const total = { ...one };
  for (const [action, added] of Object.entries(other)) {
    const before = total[action];
    total[action] = before
      ? {
          calls: before.calls + added.calls,
          throttled: before.throttled + added.throttled,
          retried: before.retried + added.retried,
          durationMs: before.durationMs + added.durationMs,
        }
      : added;
  }
  return total;
}
