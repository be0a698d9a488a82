import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput } from '../../errors';
import { FindingQueries } from '../../findings/finding-queries';
import { TenantSettings } from '../../tenancy/tenant-settings.service';
import { RulesService } from '../rules/rules.service';
import { DraftRecords } from './draft-records.service';
import type { PlanRequest, Proposer } from './plan';
import { PlanPreparation } from './plan-preparation.service';
import { checkText, titleOf } from './plan-title';
import { termsOf } from './plan-writer';
import { selectFindings } from './selection';

/** Plans to look at, before anybody proposes them. They hold nothing, and are forgotten after a week. */
@Injectable()
export class PlanDrafts {
  constructor(
    private readonly findings: FindingQueries,
    private readonly preparation: PlanPreparation,
    private readonly rules: RulesService,
    private readonly settings: TenantSettings,
    private readonly records: DraftRecords,
  ) {}

  /**
   * Makes a draft of what is selected: each item with what was found of it, or with the reason why it is refused. A dry run
   * unless the request or the tenant's setting says otherwise. Returns its id. Throws BAD_INPUT for an empty selection, one
   * that matches nothing or too much; NOT_FOUND for findings that are not the tenant's.
   */
  async draft(manager: EntityManager, tenantId: string, request: PlanRequest, by: Proposer): Promise<string> {
    const { goal, selection, madeBy } = request;
    const note = checkText(request.note, 'note');
    const title = checkText(request.title, 'title');
    const { findingIds, asked } = await selectFindings(manager, tenantId, this.findings, selection);
    const automatic = madeBy !== undefined && madeBy.mode !== 'propose';
    const items = await this.preparation.prepare(manager, tenantId, { findingIds, goal, automatic });
    if (items.length === 0) throw badInput('selection: nothing of what was selected exists any more.');
    const rules = await this.rules.effective(manager, tenantId);
    const terms = await termsOf(manager, { tenantId, goal, rules }, items);
    const { cleanup } = await this.settings.current(manager, tenantId);
    return this.records.write(
      manager,
      {
        tenant_id: tenantId,
        title: title ?? titleOf(items, goal),
        mode: madeBy?.mode ?? 'by-hand',
        policy_name: madeBy?.policyName ?? null,
        policy_version: madeBy?.policyVersion ?? null,
        goal,
        dry_run: request.dryRun ?? cleanup.dryRun,
        terms,
        selection: asked,
        approvals_needed: terms.approvals.needed,
        made_by: by.name,
        stands_for: by.standsFor,
        note,
      },
      items,
    );
  }

  /** Throws NOT_FOUND, and BAD_INPUT for a plan that has been proposed. */
  async discard(manager: EntityManager, tenantId: string, planId: string): Promise<void> {
    await this.records.discard(manager, tenantId, planId);
  }
}
