import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type AccountRow, SCANNABLE } from '../../accounts/account';
import type { WithExternalId } from '../../accounts/external-ids.service';
import type { CallSummary } from '../../aws/calls';
import { Clock } from '../../clock';
import { newId } from '../../ids';
import type { RunningTask } from '../../tasks/running-task';
import { run } from '../../paging';
import sql from 'sql-template-tag';

export type CleanupAccount = WithExternalId &
  Pick<AccountRow, 'partition' | 'aws_account_id' | 'role_arn' | 'cleanup_role_arn' | 'restore_role_arn'>;

export type ExecutionOutcome = 'done' | 'paused' | 'halted' | 'failed';

/** The rows of executions: one run over one account's items. Their ids are what CloudTrail shows. */
@Injectable()
export class Executions {
  constructor(private readonly clock: Clock) {}

  /** The account as it may be worked in; null: it is no longer this tenant's, or is closed, suspended or left. */
  async account(manager: EntityManager, tenantId: string, accountId: string): Promise<CleanupAccount | null> {
    const [account] = await run<CleanupAccount>(
      manager,
      sql`SELECT a.tenant_id, a.id, a.partition, a.aws_account_id, a.role_arn, a.cleanup_role_arn, a.restore_role_arn,
            a.external_id, a.external_id_sealed
          FROM accounts a WHERE a.tenant_id = ${tenantId} AND a.id = ${accountId} AND ${SCANNABLE}`,
    );
    return account ?? null;
  }

  /**
   * Begins an execution, unless the tenant has as many accounts at work as its settings allow (`most`; null: not
   * counted): then null. What an earlier run of the task left open is closed as failed.
   */
  async begin(
    manager: EntityManager,
    task: RunningTask,
    account: CleanupAccount,
    { purpose, most }: { readonly purpose: 'clean-up' | 'restore'; readonly most: number | null },
  ): Promise<string | null> {
    const now = this.clock.now();
    await manager.query(
      `UPDATE executions SET ended_at = $3, outcome = 'failed', reason = 'The process that ran it ended.'
       WHERE tenant_id = $1 AND task_id = $2 AND ended_at IS NULL`,
      [task.tenantId, task.id, now],
    );
    if (most !== null) {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('executions ' || $1::text, 0))`, [
        task.tenantId,
      ]);
      const [row] = await manager.query<{ busy: number }[]>(
        `SELECT count(*)::int AS busy FROM executions e JOIN tasks t ON t.tenant_id = e.tenant_id AND t.id = e.task_id
         WHERE e.tenant_id = $1 AND e.ended_at IS NULL AND e.purpose = 'clean-up' AND t.state = 'running'`,
        [task.tenantId],
      );
      if ((row?.busy ?? 0) >= most) return null;
    }
    const id = newId();
    await manager.query(
      `INSERT INTO executions (tenant_id, id, account_id, aws_account_id, task_id, purpose, began_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [task.tenantId, id, account.id, account.aws_account_id, task.id, purpose, now],
    );
    return id;
  }

  /** Why one of these plans was halted since the execution began, as a sentence; null: none was. */
  async haltedBecause(
    manager: EntityManager,
    tenantId: string,
    id: string,
    planIds: readonly string[],
  ): Promise<string | null> {
    const [plan] = await manager.query<{ title: string; reason: string | null }[]>(
      `SELECT p.title, p.reason FROM plans p JOIN executions e ON e.tenant_id = p.tenant_id AND e.id = $2
       WHERE p.tenant_id = $1 AND p.id = ANY ($3::uuid[]) AND p.state = 'halted' AND p.state_changed_at >= e.began_at
       ORDER BY p.state_changed_at, p.id LIMIT 1`,
      [tenantId, id, planIds],
    );
    return plan ? `The plan "${plan.title}" was halted. ${plan.reason ?? ''}`.trim() : null;
  }

  async end(
    manager: EntityManager,
    tenantId: string,
    id: string,
    result: {
      readonly outcome: ExecutionOutcome;
      readonly reason: string | null;
      readonly calls: CallSummary['byAction'];
    },
  ): Promise<void> {
    await manager.query(
      `UPDATE executions SET ended_at = $3, outcome = $4, reason = $5, aws_calls = $6
       WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL`,
      [tenantId, id, this.clock.now(), result.outcome, result.reason, JSON.stringify(result.calls)],
    );
  }
}
