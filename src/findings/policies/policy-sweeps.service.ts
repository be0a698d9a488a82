import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput, notFound } from '../../errors';
import { SweepsService } from '../../scans/sweeps.service';
import { allAccounts } from '../account-facts';
import { PolicyStore } from './policy-store.service';

/** Has the accounts scanned that one policy decides about. */
@Injectable()
export class PolicySweeps {
  constructor(
    private readonly store: PolicyStore,
    private readonly sweeps: SweepsService,
  ) {}

  /** Returns the sweep's id. Throws NOT_FOUND, and BAD_INPUT where the policy decides about no account that can be scanned. */
  async start(manager: EntityManager, tenantId: string, name: string, requestedBy: string): Promise<string> {
    const set = await this.store.inForce(manager, tenantId);
    if (!set.policies.some((policy) => policy.name === name)) throw notFound('The policy in force');
    const reached = (await allAccounts(manager, tenantId)).filter((account) =>
      set.applyingTo(account).some((policy) => policy.name === name && policy.version > 0),
    );
    if (reached.length === 0) throw badInput(`The policy "${name}" decides about no account.`);
    return this.sweeps.start(manager, tenantId, requestedBy, { ids: reached.map(({ id }) => id) });
  }
}
