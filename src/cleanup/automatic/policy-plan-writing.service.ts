import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PlanApprovals } from '../decisions/plan-approvals.service';
import { KIND_OF, MOST_ITEMS } from '../plans/plan';
import { PlanDrafts } from '../plans/plan-drafts.service';
import { PlanPreparation, type PreparedItem } from '../plans/plan-preparation.service';
import { PlanProposals } from '../plans/plan-proposals.service';
import { AutomaticAgreements } from './automatic-agreements.service';
import type { Candidate } from './automatic-candidates';
import type { AccountOf, Kind } from './automatic-room';
import type { Group } from './candidate-groups';

/** What the plans of one run share. */
export interface Run extends AccountOf {
  readonly dryRun: boolean;
  /** Left of the caps; less after each plan. */
  readonly room: Map<Kind, number>;
}

/** Writes a policy's plan, proposes it, and approves it where the policy may act by itself. */
@Injectable()
export class PolicyPlanWriting {
  constructor(
    private readonly preparation: PlanPreparation,
    private readonly drafts: PlanDrafts,
    private readonly proposals: PlanProposals,
    private readonly approvals: PlanApprovals,
    private readonly agreements: AutomaticAgreements,
  ) {}

  /** Null: nothing of it may be put away now. */
  async write(manager: EntityManager, run: Run, group: Group): Promise<string | null> {
    const { tenantId, dryRun } = run;
    const { policyName, policyVersion, mode, goal } = group;
    const automatic = mode !== 'propose';
    const agreement = automatic ? await this.agreements.of(manager, tenantId, policyName, policyVersion) : null;
    if (automatic && agreement === null) return null;
    const findingIds = group.candidates.map(({ id }) => id);
    const prepared = await this.preparation.prepare(manager, tenantId, { findingIds, goal, automatic });
    const chosen = choose(prepared, group.candidates, automatic ? run.room : null);
    if (chosen.length === 0) return null;
    const by = { name: `policy ${policyName}`, standsFor: `policy ${policyName}` };
    const planId = await this.drafts.draft(
      manager,
      tenantId,
      {
        title: `Policy ${policyName}: ${mode.replace('-', ' ')} in ${chosen[0]?.aws_account_id}`,
        ...{ goal, dryRun, madeBy: { mode, policyName, policyVersion } },
        selection: { findingIds: chosen.flatMap(({ finding_ids }) => finding_ids) },
      },
      by,
    );
    await this.proposals.propose(manager, tenantId, planId, by);
    if (agreement !== null && !dryRun) {
      const note = `Version ${policyVersion} of the policy "${policyName}", as it was agreed to.`;
      await this.approvals.approveByPolicy(manager, tenantId, planId, { ...agreement, note });
    }
    return planId;
  }
}

/** Those that may be put away, the longest idle first, as far as there is room; what is taken is taken off it. */
export function choose(
  prepared: readonly PreparedItem[],
  candidates: readonly Candidate[],
  room: Map<Kind, number> | null,
): PreparedItem[] {
  const order = new Map(candidates.map(({ id }, index) => [id, index]));
  const rankOf = ({ finding_ids }: PreparedItem): number =>
    Math.min(...finding_ids.map((id) => order.get(id) ?? Number.MAX_SAFE_INTEGER));
  return prepared
    .filter(({ refusal }) => refusal === null)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, MOST_ITEMS)
    .filter(({ course }) => {
      if (room === null) return true;
      const kind = KIND_OF[course];
      const left = room.get(kind) ?? 0;
      if (left > 0) room.set(kind, left - 1);
      return left > 0;
    });
}
