import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput, DomainError, notFound } from '../../errors';
import { Events } from '../../tasks/events.service';
import { mustBeSecondPerson } from '../../tenancy/second-person';
import { judgedAccounts } from '../account-facts';
import { BaselineService } from './baseline/baseline.service';
import { policySet, reachOf } from './policies-in-force';
import { lockPolicies } from './policies.service';
import type { SavedBy } from './policy-rows';
import { affectedBy } from './policy-set';
import { PolicyStore } from './policy-store.service';
import { PolicyWriter } from './policy-writer.service';
import type { Proposal, StoredPolicy } from './stored-policy';

/** What is agreed to: exactly this version with this content. */
export interface Decided {
  readonly id: string;
  readonly version: number;
  readonly hash: string;
}

/** A policy that acts by itself takes effect once a second person has agreed to exactly that version. */
@Injectable()
export class PolicyAgreements {
  constructor(
    private readonly store: PolicyStore,
    private readonly baselines: BaselineService,
    private readonly writer: PolicyWriter,
    private readonly events: Events,
  ) {}

  /**
   * The version judges from now on, and its modes hold. Throws NOT_FOUND, CONFLICT where something else waits by now, and
   * FORBIDDEN for whoever proposed it (by whichever of their credentials) or has changed what it reaches since the last
   * agreement.
   */
  async agree(manager: EntityManager, tenantId: string, decided: Decided, by: SavedBy): Promise<void> {
    const { standing, policy, proposal } = await this.find(manager, tenantId, decided);
    mustBeSecondPerson(by, [proposal.standsFor, ...policy.widenedBy]);
    const { baseline } = await this.baselines.current(manager);
    const placed = standing.map((one) => (one === policy ? { ...one, current: proposal.version } : one));
    const reach = reachOf(placed, policy.name, baseline);
    await this.writer.decide(manager, policy, { ...decided, decision: 'agreed', reach }, by);
    await manager.query('UPDATE policies SET version = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      policy.id,
      decided.version,
    ]);
    await this.writer.schedule(manager, tenantId, policy.name, proposal.version.schedule);
    const others = standing.filter((one) => one !== policy);
    await this.writer.settle(manager, tenantId, others, { before: standing, placed, baseline, by });
    const affected = affectedBy(
      policySet(standing, baseline),
      policySet(placed, baseline),
      await judgedAccounts(manager, tenantId),
    );
    await this.events.record(
      manager,
      tenantId,
      affected.map(({ id }) => ({ type: 'policy.applied', objectType: 'account', objectId: id })),
    );
  }

  /** What waits is dropped; the last agreed version stays in force. Whoever proposed it may take it back this way. */
  async refuse(manager: EntityManager, tenantId: string, decided: Decided, by: SavedBy): Promise<void> {
    const { standing, policy, proposal } = await this.find(manager, tenantId, decided);
    const { baseline } = await this.baselines.current(manager);
    const placed = standing.map((one) => (one === policy ? { ...one, current: proposal.version } : one));
    const reach = reachOf(placed, policy.name, baseline);
    await this.writer.decide(manager, policy, { ...decided, decision: 'refused', reach }, by);
  }

  private async find(
    manager: EntityManager,
    tenantId: string,
    { id, version, hash }: Decided,
  ): Promise<{ standing: StoredPolicy[]; policy: StoredPolicy; proposal: Proposal }> {
    await lockPolicies(manager, tenantId);
    const standing = await this.store.standing(manager, tenantId);
    const policy = standing.find((one) => one.id === id);
    if (!policy) throw notFound('The policy');
    const { proposal } = policy;
    if (!proposal) throw badInput(`id: nothing of "${policy.name}" waits for agreement.`);
    if (proposal.version.version !== version || proposal.version.hash !== hash) {
      throw new DomainError(
        'CONFLICT',
        `version, hash: of "${policy.name}" version ${proposal.version.version} waits for agreement by now. Read it before you decide.`,
      );
    }
    return { standing, policy, proposal };
  }
}
