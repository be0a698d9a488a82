import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { PolicyQueries } from '../../findings/policies/policy-queries';
import { TenantSettings } from '../../tenancy/tenant-settings.service';
import { RulesService } from '../rules/rules.service';
import { candidatesIn } from './automatic-candidates';
import { type AccountOf, lockRoom, roomIn } from './automatic-room';
import { groupsOf } from './candidate-groups';
import { PolicyPlanWriting } from './policy-plan-writing.service';

/** Plans that policies make: to be approved by people, or under the agreement to the policy's version. */
@Injectable()
export class AutomaticPlans {
  constructor(
    private readonly clock: Clock,
    private readonly settings: TenantSettings,
    private readonly rules: RulesService,
    private readonly policies: PolicyQueries,
    private readonly writing: PolicyPlanWriting,
  ) {}

  /**
   * Makes what plans the policies in force ask for in one account, by what was last judged. One for each policy and way of
   * acting; nothing that is in a plan already, that people said no to within 30 days, or that is beyond the caps. Returns
   * the plans. In a transaction of its own: it holds the account's caps until the commit.
   */
  async make(manager: EntityManager, of: AccountOf): Promise<string[]> {
    const { tenantId } = of;
    const { cleanup } = await this.settings.current(manager, tenantId);
    if (!cleanup.enabled) return [];
    await lockRoom(manager, of.accountId);
    const now = this.clock.now();
    const candidates = await candidatesIn(manager, of, { now, dryRun: cleanup.dryRun });
    if (candidates.length === 0) return [];
    const { policies } = await this.policies.all({ manager, tenantId }, tenantId);
    const { automatic } = await this.rules.effective(manager, tenantId);
    const room = new Map(await roomIn(manager, of, automatic, now));
    const made: string[] = [];
    for (const group of groupsOf(candidates, policies)) {
      const planId = await this.writing.write(manager, { ...of, dryRun: cleanup.dryRun, room }, group);
      if (planId !== null) made.push(planId);
    }
    return made;
  }
}
