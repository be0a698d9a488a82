import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { ACCOUNT_FACTS, accountFacts, type AccountFactsRow } from '../../findings/account-facts';
import { ExemptionsService } from '../../findings/exemptions/exemptions.service';
import { PolicyStore } from '../../findings/policies/policy-store.service';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';
import { managedAsCodeBy } from '../plans/managed-as-code';
import { RulesService } from '../rules/rules.service';
import { principalToJudge, spareablesOf } from './spared-subjects';

type Held = Pick<PlanItemRow, 'course' | 'access_key_id' | 'check_ids' | 'account_id'>;

interface AccountRow extends AccountFactsRow {
  role_arns: string[];
}

/** Whether an identity is to be left alone at this moment, by what was read of it just now: its tags may be new. */
@Injectable()
export class SparedNow {
  constructor(
    private readonly exemptions: ExemptionsService,
    private readonly policies: PolicyStore,
    private readonly rules: RulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Why an exemption or the policy in force spares it, or no longer calls it a finding, as a sentence; null: nothing does.
   * A sentence, too, where the account is no longer this tenant's, or where it is managed as code by what the rules say now. Asked within a short transaction; calls nobody.
   */
  async why(manager: EntityManager, tenantId: string, item: Held, seen: Observed): Promise<string | null> {
    const [row] = await manager.query<AccountRow[]>(
      `SELECT ${ACCOUNT_FACTS}, array_remove(ARRAY[role_arn, cleanup_role_arn, restore_role_arn], NULL) AS role_arns
       FROM accounts WHERE tenant_id = $1 AND id = $2`,
      [tenantId, item.account_id],
    );
    if (!row) return 'Its account is no longer here.';
    const { managedAsCode } = await this.rules.effective(manager, tenantId);
    const code = managedAsCodeBy(seen, managedAsCode);
    if (code !== null) return `It is managed as code, by ${code}: remove it in code first.`;
    const account = accountFacts(row);
    const principal = principalToJudge(seen);
    const policy = (await this.policies.inForce(manager, tenantId)).compile(account, row.role_arns).of(principal);
    const exemptions = await this.exemptions.inForce(manager, tenantId, account, this.clock.now());
    const spareables = spareablesOf(item, principal, seen);
    const off = item.check_ids.find((id) => isOff(policy.settings.checks, id));
    if (off !== undefined) return `The policy ${policy.name} has the check ${off} switched off.`;
    for (const { subject, checkIds } of spareables) {
      const spared = policy.spared(subject);
      if (spared !== null) return spared;
      for (const checkId of checkIds) {
        const exemption = exemptions.match(subject, checkId);
        if (exemption) return `It is exempt: ${exemption.reason}`;
      }
    }
    return null;
  }
}

const isOff = (settings: Readonly<Record<string, { readonly enabled: boolean } | undefined>>, id: string): boolean =>
  settings[id]?.enabled === false;
