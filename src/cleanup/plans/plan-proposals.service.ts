import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput } from '../../errors';
import { PlanRecords } from '../decisions/plan-records.service';
import { PlanStarts } from '../decisions/plan-starts.service';
import { DraftRecords } from './draft-records.service';
import { type DraftedItem, noMoreThan } from './no-more-than';
import type { PlanRow, Proposer } from './plan';
import { PlanPreparation, type PreparedItem } from './plan-preparation.service';
import { ProposedTerms } from './proposed-terms.service';

/** Makes a draft the one manifest that people approve. */
@Injectable()
export class PlanProposals {
  constructor(
    private readonly preparation: PlanPreparation,
    private readonly terms: ProposedTerms,
    private readonly drafts: DraftRecords,
    private readonly records: PlanRecords,
    private readonly starts: PlanStarts,
  ) {}

  /**
   * Works the draft's items out again from the inventory as it is now, never more than it had, and fixes them: from here on
   * the database itself lets nothing of the manifest change. A dry run needs nobody's approval and begins at once. Throws
   * NOT_FOUND, BAD_INPUT for what is no draft, has grown old or has nothing left that may be put away, CONFLICT where
   * clean-up is switched off, or only rehearses.
   */
  async propose(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    by: Proposer,
  ): Promise<{ manifestHash: string }> {
    const draft = await this.drafts.hold(manager, tenantId, planId);
    await this.terms.mustBeAllowed(manager, draft);
    const items = await this.workOut(manager, draft);
    const taken = items.filter(({ refusal }) => refusal === null);
    if (taken.length === 0) {
      throw badInput(
        'id: all of its items are refused, so there is nothing to propose. Each says why, and what to do.',
      );
    }
    const plan = await this.terms.fix(manager, { ...draft, made_by: by.name, stands_for: by.standsFor }, items);
    const data = { items: taken.length, refused: items.length - taken.length, dryRun: plan.dry_run };
    await this.records.tell(
      manager,
      { ...plan, state: 'draft' },
      { what: 'proposed', state: 'proposed', by: by.name, data },
    );
    if (plan.dry_run) await this.starts.start(manager, tenantId, planId, by.name);
    return { manifestHash: plan.manifest_hash };
  }

  private async workOut(manager: EntityManager, draft: PlanRow): Promise<PreparedItem[]> {
    const { tenant_id: tenantId, id: planId, goal, mode } = draft;
    const before = await manager.query<DraftedItem[]>(
      'SELECT id, identity_id, course, stage, finding_ids FROM plan_items WHERE tenant_id = $1 AND plan_id = $2',
      [tenantId, planId],
    );
    const findingIds = before.flatMap(({ finding_ids }) => finding_ids);
    const automatic = mode === 'automatic-quarantine' || mode === 'automatic-deletion';
    const items = await this.preparation.prepare(manager, tenantId, { findingIds, goal, automatic, planId });
    return noMoreThan(before, items);
  }
}
