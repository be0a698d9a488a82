import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountJudgements } from './account-judgements.service';
import type { Lookups } from './judged';
import { PolicyStore } from './policies/policy-store.service';
import { VerdictWriter } from './verdict-writer';

/** Judges one account from the inventory, and writes what that changes. Calls nobody. */
@Injectable()
export class JudgingService {
  constructor(
    private readonly policies: PolicyStore,
    private readonly judgements: AccountJudgements,
    private readonly writer: VerdictWriter,
  ) {}

  /**
   * Judges the account in the caller's transaction, by itself: a second judgement of the account waits. Returns whom to
   * ask about before the findings are complete.
   */
  async judge(manager: EntityManager, tenantId: string, accountId: string): Promise<Lookups> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('judge ' || $1::text, 0))`, [accountId]);
    const policies = await this.policies.inForce(manager, tenantId);
    const judgement = await this.judgements.of(manager, { tenantId, accountId }, policies);
    if (!judgement) return { keyIds: [], otherCredentials: [] };
    await this.writer.write(manager, judgement.judged);
    return judgement.lookups;
  }
}
