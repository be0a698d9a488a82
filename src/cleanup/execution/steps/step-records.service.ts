import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { DomainError } from '../../../errors';
import { newId } from '../../../ids';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { shownRequest } from '../../requests';
import type { IntendedStep, Step } from '../../steps';
import type { ExecutionJob, StepPurpose } from '../execution-job';
import { PUTS_AWAY } from '../execution-job';
import { effectOf, takesAccess } from './step-effects';

export interface StepResult {
  readonly outcome: NonNullable<IntendedStep['outcome']>;
  readonly requestId?: string | null;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
}

export interface Intent {
  readonly id: string;
  /** Whether the same was sent before for this item, and may have had its effect. */
  readonly before: boolean;
}

interface OpenRow {
  id: string;
  intended_at: Date;
  action: IntendedStep['action'];
  request: IntendedStep['request'];
}

/** IAM is eventually consistent: what a request has done may not be read at once. */
const SHOWS_WITHIN_MS = 60_000;

/** The books of what is sent to AWS: each request is written down before it goes, and again when its answer is there. */
@Injectable()
export class StepRecords {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes down what is about to be sent, with the item's row held: it is still in its stage, and its plan approved
   * where something is put away. Null: the plan is not. @throws DomainError `ITEM_MOVED`; StaleFence.
   */
  async intend(job: ExecutionJob, item: PlanItemRow, purpose: StepPurpose, step: Step): Promise<Intent | null> {
    return this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const state = await this.hold(manager, item);
      if (PUTS_AWAY.has(purpose) && state !== 'approved') return null;
      const request = JSON.stringify(shownRequest(step));
      const id = newId();
      const now = this.clock.now();
      // Taken for failed because no read showed it, it may show yet.
      const mayShowSince = new Date(now.getTime() - SHOWS_WITHIN_MS);
      const [row] = await manager.query<{ before: boolean }[]>(
        `WITH written AS (
           INSERT INTO item_steps (tenant_id, id, item_id, execution_id, purpose, action, request, intended_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)
         ) SELECT EXISTS (SELECT 1 FROM item_steps WHERE tenant_id = $1 AND item_id = $3 AND action = $6
             AND request = $7::jsonb AND NOT rehearsed AND (outcome IS NULL OR outcome IN ('done', 'already', 'unanswered')
               OR (outcome = 'failed' AND intended_at > $9))) AS before`,
        [job.tenantId, id, item.id, job.executionId, purpose, step.action, request, now, mayShowSince],
      );
      return { id, before: row?.before === true };
    });
  }

  /** Completes what was written down. `already` settles earlier ones of the same request, too. */
  async answered(job: ExecutionJob, item: PlanItemRow, intentId: string, result: StepResult): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const now = this.clock.now();
      await manager.query(
        `UPDATE item_steps SET outcome = $3, aws_request_id = $4, error_code = $5, error_message = $6, answered_at = $7
         WHERE tenant_id = $1 AND id = $2`,
        [
          ...[job.tenantId, intentId, result.outcome, result.requestId ?? null],
          ...[result.errorCode ?? null, result.errorMessage ?? null, now],
        ],
      );
      if (result.outcome !== 'done' && result.outcome !== 'already') return;
      await manager.query(
        `UPDATE item_steps s SET outcome = 'already', answered_at = $4 FROM item_steps t
         WHERE t.tenant_id = $1 AND t.id = $2 AND s.tenant_id = $1 AND s.item_id = $3 AND s.action = t.action
           AND s.request = t.request AND NOT s.rehearsed AND (s.outcome IS NULL OR s.outcome = 'unanswered')`,
        [job.tenantId, intentId, item.id, now],
      );
      await manager.query(
        `UPDATE plan_items SET point_of_no_return_at = $3 WHERE tenant_id = $1 AND id = $2
           AND stage = 'deleting' AND point_of_no_return_at IS NULL`,
        [job.tenantId, item.id, now],
      );
    });
  }

  /**
   * Decides about requests whose answer never came, by what a fresh read shows. What no read shows stays unanswered,
   * until it is sent again.
   */
  async settleOpen(job: ExecutionJob, item: PlanItemRow, seen: Observed | null): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const open = await manager.query<OpenRow[]>(
        `SELECT id, action, request, intended_at FROM item_steps WHERE tenant_id = $1 AND item_id = $2 AND NOT rehearsed
           AND (outcome IS NULL OR outcome = 'unanswered')`,
        [job.tenantId, item.id],
      );
      if (open.length === 0) return;
      const now = this.clock.now();
      const rows = open.map((one) => {
        const shown = effectOf(one, seen, item.principal_id);
        // Taken for failed too soon, what takes access away would stay, and nobody would know of it.
        const mayShowYet = takesAccess(one) && now.getTime() - one.intended_at.getTime() < SHOWS_WITHIN_MS;
        const effect = shown === false && mayShowYet ? null : shown;
        return { id: one.id, outcome: effect === null ? 'unanswered' : effect ? 'already' : 'failed' };
      });
      await manager.query(
        `UPDATE item_steps s SET outcome = r.outcome, answered_at = coalesce(s.answered_at, $3)
         FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, outcome text) WHERE s.tenant_id = $1 AND s.id = r.id`,
        [job.tenantId, JSON.stringify(rows), now],
      );
      await manager.query(
        `UPDATE plan_items SET point_of_no_return_at = $3 WHERE tenant_id = $1 AND id = $2 AND stage = 'deleting'
           AND point_of_no_return_at IS NULL AND EXISTS (SELECT 1 FROM item_steps WHERE tenant_id = $1 AND item_id = $2
             AND purpose = 'deletion' AND outcome IN ('done', 'already'))`,
        [job.tenantId, item.id, now],
      );
    });
  }

  /** What a dry run would send, in its order; earlier rehearsals of the item are replaced. */
  async rehearse(
    manager: EntityManager,
    job: Pick<ExecutionJob, 'tenantId' | 'executionId'>,
    item: PlanItemRow,
    steps: readonly { readonly purpose: StepPurpose; readonly step: Step }[],
  ): Promise<void> {
    const now = this.clock.now();
    const rows = steps.map(({ purpose, step }) => ({
      id: newId(),
      purpose,
      action: step.action,
      request: shownRequest(step),
    }));
    await manager.query(
      `INSERT INTO item_steps (tenant_id, id, item_id, execution_id, purpose, action, request, rehearsed, intended_at)
       SELECT $1, r.id, $2, $3, r.purpose, r.action, r.request, true, $5
       FROM jsonb_to_recordset($4::jsonb) AS r(id uuid, purpose text, action text, request jsonb)`,
      [job.tenantId, item.id, job.executionId, JSON.stringify(rows), now],
    );
  }

  /** Holds the item's row; returns its plan's state. */
  private async hold(manager: EntityManager, item: PlanItemRow): Promise<string> {
    const [row] = await manager.query<{ stage: string; state: string }[]>(
      `SELECT i.stage, p.state FROM plan_items i JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
       WHERE i.tenant_id = $1 AND i.id = $2 FOR UPDATE OF i`,
      [item.tenant_id, item.id],
    );
    if (row?.stage === item.stage) return row.state;
    throw new DomainError('ITEM_MOVED', `The item ${item.id} is no longer ${item.stage}: it was decided otherwise.`, {
      retryable: true,
    });
  }
}
