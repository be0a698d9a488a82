import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LifeExemptions } from '../../findings/exemptions/life-exemptions.service';
import { ShownLife } from '../../findings/shown-life.service';
import { Events } from '../../tasks/events.service';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PlanStates } from '../decisions/plan-states.service';
import type { ExecutionJob } from '../execution/execution-job';
import { idsOf } from '../items/item-ids';
import { Items } from '../items/items.service';
import type { PlanItemRow, SignOfLife } from '../items/plan-item';
import type { Refusal } from '../steps';

const WHAT: Readonly<Record<PlanItemRow['course'], string>> = {
  'access-key': 'access key',
  'observed-key': 'access key',
  password: 'password',
  user: 'user',
  role: 'role',
};

/** What a sign of life means for the finding's identity and for the plan. */
@Injectable()
export class LifeAftermath {
  constructor(
    private readonly exemptions: LifeExemptions,
    private readonly findings: ShownLife,
    private readonly plans: PlanStates,
  ) {}

  async of(manager: EntityManager, job: ExecutionJob, item: PlanItemRow, life: SignOfLife): Promise<void> {
    const { tenant_id: tenantId } = item;
    const what = WHAT[item.course];
    await this.exemptions.spare(
      manager,
      tenantId,
      {
        uniqueId: item.access_key_id ?? item.principal_id,
        kinds: item.course === 'password' ? ['password'] : null,
        reason: `Showed life in quarantine. ${life.detail}`,
        ownerId: await this.findings.ownerOf(manager, tenantId, item.finding_ids),
      },
      job.rules.exemptAfterLifeDays,
    );
    if (item.course !== 'user' && item.course !== 'role') return;
    await this.plans.halt(manager, tenantId, item.plan_id, {
      code: 'SHOWED_LIFE',
      reason: `The ${what} ${item.name} in account ${item.aws_account_id} showed life in quarantine and is given back. ${life.detail}`,
      remedy: 'Look whether others of the plan may be in use as well; then resume it, or cancel it.',
    });
  }
}

/** Decides that something in quarantine is to be given back. Sends nothing: `Returning` does, at once or by its turn. */
@Injectable()
export class GivingBack {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly events: Events,
    private readonly aftermath: LifeAftermath,
  ) {}

  /**
   * It is in use: given back, left alone for a while, told; one user or role in use means that the plan may be wrong about
   * others, too, so it halts. Also where the plan is halted, paused or cancelled already.
   */
  async forLife(job: ExecutionJob, item: PlanItemRow, life: SignOfLife): Promise<PlanItemRow> {
    const reason = `It showed life in quarantine. ${life.detail}`;
    const remedy = 'Nothing: it is given back, and left alone for a while.';
    return this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const moved = await this.items.move(manager, item, 'returning', {
        ...{ code: 'SHOWED_LIFE', reason, remedy, life },
        ...{ next_at: job.at(), watched_at: job.at(), unknown_since: null },
      });
      await this.events.record(manager, item.tenant_id, [
        {
          type: 'identity.showed-life',
          objectType: 'identity',
          objectId: item.identity_id,
          data: { ...idsOf(item), source: life.source, usedAt: life.at, reason: life.detail },
        },
      ]);
      await this.aftermath.of(manager, job, moved, life);
      return moved;
    });
  }

  /** People want it back. The plan goes on. */
  async forPeople(job: ExecutionJob, item: PlanItemRow, why: Refusal): Promise<PlanItemRow> {
    return this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const changes = { ...why, next_at: job.at(), watched_at: job.at(), unknown_since: null };
      return this.items.move(manager, item, 'returning', changes);
    });
  }
}
