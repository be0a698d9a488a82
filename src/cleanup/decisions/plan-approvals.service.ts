import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput, DomainError } from '../../errors';
import { newId } from '../../ids';
import type { Principal } from '../../tenancy/principal';
import { mustBeSecondPerson } from '../../tenancy/second-person';
import { TenantSettings } from '../../tenancy/tenant-settings.service';
import { Manifests } from '../plans/manifest';
import type { PlanRow } from '../plans/plan';
import { raisedApprovals } from '../plans/raised-approvals';
import { dropWaiting } from './item-stops';
import { proposersOf } from './plan-proposers';
import { PlanRecords } from './plan-records.service';
import { PlanStarts } from './plan-starts.service';
import { checkNote } from './plan-states.service';

/** Who decides: a person or token of the tenant, one of the platform's people acting in it, or an agreed policy. */
export interface Decider {
  readonly name: string;
  readonly standsFor: string;
  readonly scope: 'tenant' | 'platform' | 'policy';
}

/** The same, as a request brings them, with what they have to say. */
export type Deciding = Pick<Principal, 'name' | 'standsFor' | 'scope'> & { readonly note?: string | null };

interface Decision {
  readonly decision: 'approved' | 'refused';
  readonly by: Decider;
  readonly note: string | null;
}

/** What people other than its proposer decide about a plan. Each decision is about exactly the manifest they saw. */
@Injectable()
export class PlanApprovals {
  constructor(
    private readonly clock: Clock,
    private readonly records: PlanRecords,
    private readonly starts: PlanStarts,
    private readonly manifests: Manifests,
    private readonly settings: TenantSettings,
  ) {}

  /**
   * One approval; the last one that is needed starts the plan: as many as when it was proposed, or as the rules ask for by
   * now, where that is more. Returns how many are still needed. Throws NOT_FOUND, BAD_INPUT, CONFLICT where the plan is not
   * the one with this hash, FORBIDDEN for its proposer, or the author of the policy that made it, by any credential of
   * theirs, and for tokens that nobody stands for; MANIFEST_CHANGED.
   */
  async approve(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    manifestHash: string,
    by: Deciding,
  ): Promise<number> {
    const { note = null } = by;
    checkNote(note);
    const plan = await this.find(manager, tenantId, planId, manifestHash);
    mustBeSecondPerson(by, await proposersOf(manager, plan));
    return this.add(manager, plan, { decision: 'approved', by, note });
  }

  /** The same by the policy that made the plan: the second person agreed to the policy's version. */
  async approveByPolicy(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    agreed: { readonly by: string; readonly standsFor: string; readonly note: string },
  ): Promise<number> {
    const plan = await this.records.holdWithItems(manager, tenantId, planId);
    const by = { name: agreed.by, standsFor: agreed.standsFor, scope: 'policy' as const };
    return this.add(manager, plan, { decision: 'approved', by, note: agreed.note });
  }

  /** One refusal ends it. Its proposer may take it back this way. Throws NOT_FOUND, BAD_INPUT, CONFLICT. */
  async refuse(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    manifestHash: string,
    by: Deciding,
  ): Promise<void> {
    const { note = null } = by;
    checkNote(note);
    const plan = await this.find(manager, tenantId, planId, manifestHash);
    await this.decide(manager, plan, { decision: 'refused', by, note });
    const why = {
      code: 'PLAN_REFUSED',
      reason: `${by.name} refused the plan${note ? `: ${note}` : '.'}`,
      remedy: 'Make another plan of what should be put away after all.',
    };
    await dropWaiting(manager, { tenantId, planId, at: this.clock.now(), why });
    await this.records.move(manager, plan, { what: 'refused', state: 'refused', why, by: by.name });
  }

  private async add(manager: EntityManager, plan: PlanRow, decision: Decision): Promise<number> {
    const { tenant_id: tenantId, id: planId } = plan;
    const { cleanup } = await this.settings.current(manager, tenantId);
    if (!plan.dry_run && !cleanup.enabled) {
      throw badInput('id: clean-up is switched off for this tenant. Switch it on before a plan is approved.');
    }
    await this.manifests.mustBeAsApproved(manager, tenantId, planId);
    await this.decide(manager, plan, decision);
    const [row] = await manager.query<{ count: number }[]>(
      `SELECT count(*)::integer AS count FROM plan_approvals WHERE tenant_id = $1 AND plan_id = $2 AND decision = 'approved'`,
      [tenantId, planId],
    );
    const raised = (await raisedApprovals(manager, tenantId, [plan])).get(planId);
    const missing = Math.max(0, (raised?.needed ?? plan.approvals_needed) - (row?.count ?? 0));
    if (missing === 0) {
      await this.starts.start(manager, tenantId, planId, decision.by.name);
    } else {
      const data = { missing };
      await this.records.tell(manager, plan, { what: 'seconded', state: plan.state, by: decision.by.name, data });
    }
    return missing;
  }

  private async decide(manager: EntityManager, plan: PlanRow, { decision, by, note }: Decision): Promise<void> {
    const rows = await manager.query<{ id: string }[]>(
      `INSERT INTO plan_approvals (tenant_id, id, plan_id, manifest_hash, decision, decided_by, stands_for, scope, note, at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, plan_id, stands_for) DO NOTHING RETURNING id`,
      [
        ...[plan.tenant_id, newId(), plan.id, plan.manifest_hash, decision],
        ...[by.name, by.standsFor, by.scope, note, this.clock.now()],
      ],
    );
    if (rows.length > 0) return;
    throw new DomainError(
      'FORBIDDEN',
      'You, or a token of yours, have decided about this plan already, and everybody does so once. Cancel the plan where it must not be carried out.',
    );
  }

  private async find(manager: EntityManager, tenantId: string, planId: string, manifestHash: string): Promise<PlanRow> {
    const plan = await this.records.holdWithItems(manager, tenantId, planId);
    if (plan.state === 'draft') throw badInput('id: this plan is a draft; it has to be proposed first.');
    if (plan.manifest_hash !== manifestHash) {
      throw new DomainError(
        'CONFLICT',
        'manifestHash: the plan is not the one you saw. Read it again, look at its items, and decide about that.',
      );
    }
    if (plan.state !== 'proposed') throw badInput(`id: nothing waits for a decision; this plan is ${plan.state}.`);
    if (plan.lapses_at && plan.lapses_at <= this.clock.now()) {
      throw badInput('id: this plan has lapsed, since nobody decided in time. Make a new one from what is found now.');
    }
    return plan;
  }
}
