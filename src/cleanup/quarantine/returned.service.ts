import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { accountLane } from '../../accounts/account';
import { recheckFinding } from '../../findings/recheck-finding.task';
import { ShownLife } from '../../findings/shown-life.service';
import { TaskQueue } from '../../tasks/task-queue.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PlanStates } from '../decisions/plan-states.service';
import type { ExecutionJob } from '../execution/execution-job';
import { Items } from '../items/items.service';
import type { PlanItemRow } from '../items/plan-item';

/** What is written down when something was given back. */
@Injectable()
export class Returned {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly findings: ShownLife,
    private readonly queue: TaskQueue,
    private readonly plans: PlanStates,
  ) {}

  /** `touched`: whether it was in quarantine at all. */
  async done(job: ExecutionJob, item: PlanItemRow, touched: boolean): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const { code, reason, remedy } = whyOf(item);
      await this.items.move(manager, item, touched ? 'restored' : 'cancelled', { code, reason, remedy });
      if (item.life) {
        const why = `Showed life in quarantine, so it is in use. ${item.life.detail}`;
        await this.findings.resolve(manager, item.tenant_id, item.finding_ids, why);
      }
      await this.after(manager, item);
    });
  }

  /** It is not there any more, or somebody has made another one of its name: nothing can be given back. */
  async gone(job: ExecutionJob, item: PlanItemRow): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.move(manager, item, 'dropped', {
        code: 'GONE',
        reason: 'Somebody has deleted it meanwhile, so it could not be given back.',
        remedy: 'Make it again by hand where it is needed.',
      });
      await this.after(manager, item);
    });
  }

  async after(manager: EntityManager, item: PlanItemRow): Promise<void> {
    await this.readAfresh(manager, item);
    await this.plans.completeIfOver(manager, item.tenant_id, item.plan_id);
  }

  /** By the scan role, and judged by that: the inventory may have seen it in quarantine. */
  async readAfresh(manager: EntityManager, item: PlanItemRow): Promise<void> {
    const { tenant_id: tenantId, account_id: accountId } = item;
    const [principal] = await manager.query<{ id: string; kind: 'user' | 'role' }[]>(
      `SELECT p.id, p.kind FROM identities i
       JOIN identities p ON p.tenant_id = i.tenant_id AND p.id = coalesce(i.owner_id, i.id)
       WHERE i.tenant_id = $1 AND i.id = $2`,
      [tenantId, item.identity_id],
    );
    if (!principal) return;
    await this.queue.enqueue(manager, {
      ...{ tenantId, task: recheckFinding, payload: { accountId, kind: principal.kind, principalId: principal.id } },
      ...{ lane: accountLane(item), dedupeKey: principal.id, whenRunning: 'again' },
    });
  }
}

/** Of an item that halted on its way back the halt's words are over. */
function whyOf(item: PlanItemRow): Pick<PlanItemRow, 'code' | 'reason' | 'remedy'> {
  if (item.life) {
    const remedy = 'Nothing: it was given back, and is left alone for a while.';
    return { code: 'SHOWED_LIFE', reason: `It showed life in quarantine. ${item.life.detail}`, remedy };
  }
  return item.stage === 'halted' ? { code: null, reason: null, remedy: null } : item;
}
