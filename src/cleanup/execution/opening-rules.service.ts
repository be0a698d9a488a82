import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Pauses } from '../pauses/pauses.service';
import type { CleanupRules } from '../rules/cleanup-rules';
import { RulesService } from '../rules/rules.service';

/** What holds in the tenant as an execution begins. */
@Injectable()
export class OpeningRules {
  constructor(
    private readonly rules: RulesService,
    private readonly pauses: Pauses,
  ) {}

  async of(
    manager: EntityManager,
    tenantId: string,
  ): Promise<{ readonly rules: CleanupRules; readonly paused: boolean }> {
    const rules = await this.rules.effective(manager, tenantId);
    return { rules, paused: (await this.pauses.inForce(manager, tenantId)) !== null };
  }
}
