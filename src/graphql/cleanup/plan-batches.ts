import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { AT_WORK, type PlanItemRow } from '../../cleanup/items/plan-item';
import { PlanItemQueries } from '../../cleanup/plans/plan-item-queries';
import type { PlanRow, PlanTerms } from '../../cleanup/plans/plan';
import { PlanQueries } from '../../cleanup/plans/plan-queries';
import { raisedApprovals } from '../../cleanup/plans/raised-approvals';
import { ofTenant, run, type Reader } from '../../paging';
import { groupBy } from '../core/group-by';
import type { Batch } from '../core/request-context';
import { PlanApproval } from './plan-approval.type';
import { outcomeOf, PlanItemOutcome, type Outcome } from './plan-item-words';
import { PlanItem } from './plan-item.type';
import { PlanItemStep } from './plan-step.type';
import { Plan, type PlanOutcomeCount } from './plan.type';

@Injectable()
export class PlanById implements Batch<string, Plan | null> {
  constructor(private readonly plans: PlanQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Plan | null)[]> {
    const rows = new Map((await this.plans.byIds(reader, ids)).map((row) => [row.id, new Plan(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

@Injectable()
export class PlanItemById implements Batch<string, PlanItem | null> {
  constructor(private readonly items: PlanItemQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(PlanItem | null)[]> {
    const rows = new Map((await this.items.byIds(reader, ids)).map((row) => [row.id, new PlanItem(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

/** In the order of the enum; outcomes that no item has are left out. */
@Injectable()
export class CountsOfPlan implements Batch<string, PlanOutcomeCount[]> {
  constructor(private readonly plans: PlanQueries) {}

  async load(reader: Reader, planIds: readonly string[]): Promise<PlanOutcomeCount[][]> {
    const byPlan = groupBy(await this.plans.stageCounts(reader, planIds), (row) => row.plan_id);
    return planIds.map((id) => {
      const counts = new Map<Outcome, number>();
      for (const { stage, count } of byPlan.get(id) ?? []) {
        counts.set(outcomeOf(stage), (counts.get(outcomeOf(stage)) ?? 0) + count);
      }
      return Object.values(PlanItemOutcome).flatMap((outcome) => {
        const count = counts.get(outcome);
        return count === undefined ? [] : [{ outcome, count }];
      });
    });
  }
}

@Injectable()
export class ApprovalsOfPlan implements Batch<string, PlanApproval[]> {
  constructor(private readonly plans: PlanQueries) {}

  async load(reader: Reader, planIds: readonly string[]): Promise<PlanApproval[][]> {
    const byPlan = groupBy(await this.plans.approvals(reader, planIds), (row) => row.plan_id);
    return planIds.map((id) => (byPlan.get(id) ?? []).map((row) => new PlanApproval(row)));
  }
}

/** Of a plan that waits: what the rules ask for by now, where that is more than when it was proposed; else null. */
@Injectable()
export class RaisedApprovalsOfPlan implements Batch<PlanKey, PlanTerms['approvals'] | null> {
  async load({ manager }: Reader, plans: readonly PlanKey[]): Promise<(PlanTerms['approvals'] | null)[]> {
    const raised = new Map<string, PlanTerms['approvals']>();
    for (const [tenantId, own] of groupBy(plans, (plan) => plan.tenant_id)) {
      for (const [id, approvals] of await raisedApprovals(manager, tenantId, own)) raised.set(id, approvals);
    }
    return plans.map(({ id }) => raised.get(id) ?? null);
  }
}

type PlanKey = Pick<PlanRow, 'tenant_id' | 'id' | 'state' | 'approvals_needed'>;

@Injectable()
export class StepsOfItem implements Batch<string, PlanItemStep[]> {
  constructor(private readonly items: PlanItemQueries) {}

  async load(reader: Reader, itemIds: readonly string[]): Promise<PlanItemStep[][]> {
    const byItem = groupBy(await this.items.steps(reader, itemIds), (row) => row.item_id);
    return itemIds.map((id) => (byItem.get(id) ?? []).map((row) => new PlanItemStep(row)));
  }
}

/** Each identity's items, the newest first. */
@Injectable()
export class ItemsOfIdentity implements Batch<string, PlanItem[]> {
  constructor(private readonly items: PlanItemQueries) {}

  async load(reader: Reader, identityIds: readonly string[]): Promise<PlanItem[][]> {
    const byIdentity = groupBy(await this.items.ofIdentities(reader, identityIds), (row) => row.identity_id);
    return identityIds.map((id) => (byIdentity.get(id) ?? []).map((row) => new PlanItem(row)));
  }
}

/** The item that a finding is in: of a plan that was proposed, and not over yet. */
@Injectable()
export class OpenItemOfFinding implements Batch<string, PlanItem | null> {
  async load(reader: Reader, findingIds: readonly string[]): Promise<(PlanItem | null)[]> {
    // A key's finding may be in the item of its user.
    const rows = await run<PlanItemRow & { finding_id: string }>(
      reader.manager,
      sql`SELECT i.*, f.id AS finding_id FROM findings f
          JOIN identities d ON d.tenant_id = f.tenant_id AND d.id = f.identity_id
          JOIN plan_items i ON i.tenant_id = f.tenant_id AND i.identity_id IN (d.id, d.owner_id) AND f.id = ANY (i.finding_ids)
          JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
          WHERE ${ofTenant(reader, 'f.tenant_id')} AND f.id = ANY (${findingIds}::uuid[])
            AND (i.stage = ANY (${AT_WORK}::text[]) OR (i.stage = 'waiting' AND p.state IN ('proposed', 'approved', 'halted')))
          ORDER BY i.stage = 'waiting', i.stage_at DESC, i.id`,
    );
    const byFinding = groupBy(rows, (row) => row.finding_id);
    return findingIds.map((id) => {
      const [row] = byFinding.get(id) ?? [];
      return row ? new PlanItem(row) : null;
    });
  }
}
