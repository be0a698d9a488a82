import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { badInput, DomainError } from '../../errors';
import { TenantSettings } from '../../tenancy/tenant-settings.service';
import { PlanWatch } from '../decisions/plan-watch.service';
import { RulesService } from '../rules/rules.service';
import { manifestHash } from './manifest';
import type { PlanRow } from './plan';
import type { PreparedItem } from './plan-preparation.service';
import { termsOf, writeItems } from './plan-writer';

/** So long a draft is believed: what has changed since is worked out again, but people have looked at what was. */
const DRAFT_LASTS_MS = 3_600_000;

/** The terms of plans, and writing down what is proposed. */
@Injectable()
export class ProposedTerms {
  constructor(
    private readonly clock: Clock,
    private readonly settings: TenantSettings,
    private readonly rules: RulesService,
    private readonly watch: PlanWatch,
  ) {}

  async mustBeAllowed(manager: EntityManager, draft: PlanRow): Promise<void> {
    const { cleanup } = await this.settings.current(manager, draft.tenant_id);
    if (!draft.dry_run && !cleanup.enabled) {
      throw new DomainError(
        'CONFLICT',
        'id: clean-up is switched off for this tenant, so only dry runs can be proposed. Switch it on in the tenant’s settings, or make a dry run.',
      );
    }
    if (!draft.dry_run && cleanup.dryRun) {
      // Approved, it would wait for ever, and people would take it for done.
      throw new DomainError(
        'CONFLICT',
        'id: the settings of clean-up let this tenant only rehearse, so only dry runs can be proposed. Switch dryRun off by setCleanupSettings(dryRun: false), or make a dry run.',
      );
    }
    if (this.clock.now().getTime() - draft.created_at.getTime() > DRAFT_LASTS_MS) {
      throw badInput(
        'id: this draft is over an hour old, and much may have changed since. Make it again, and look at it.',
      );
    }
  }

  /** Replaces the draft's items, and writes the hash of it all. Gives the plan as it is now. */
  async fix(
    manager: EntityManager,
    draft: PlanRow,
    items: readonly PreparedItem[],
  ): Promise<PlanRow & { manifest_hash: string }> {
    const { tenant_id: tenantId, id } = draft;
    const at = this.clock.now();
    const rules = await this.rules.effective(manager, tenantId);
    const terms = await termsOf(manager, { tenantId, goal: draft.goal, rules }, items);
    await manager.query('DELETE FROM plan_items WHERE tenant_id = $1 AND plan_id = $2', [tenantId, id]);
    await writeItems(manager, { tenantId, id, at }, items);
    const lapsesAt = new Date(at.getTime() + rules.planLapsesAfterDays * DAY_MS);
    const proposed = { ...draft, terms, approvals_needed: draft.dry_run ? 0 : terms.approvals.needed };
    const hash = manifestHash(
      proposed,
      items.filter(({ refusal }) => refusal === null),
    );
    const [plan] = await manager.query<[PlanRow[], number]>(
      `UPDATE plans SET terms = $3, approvals_needed = $4, made_by = $5, stands_for = $6, manifest_hash = $7,
         state = 'proposed', proposed_at = $8, state_changed_at = $8, lapses_at = $9
       WHERE tenant_id = $1 AND id = $2 RETURNING *`,
      [
        ...[tenantId, id, JSON.stringify(terms), proposed.approvals_needed, draft.made_by, draft.stands_for, hash],
        ...[at, lapsesAt],
      ],
    );
    await this.watch.watch(manager, { tenantId, planId: id, lapsesAt });
    const [row] = plan;
    if (!row) throw new Error('UPDATE … RETURNING gave no row');
    return { ...row, manifest_hash: hash };
  }
}
