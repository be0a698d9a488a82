import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { RoleProof } from '../../aws/role-proof';
import { newId } from '../../ids';
import { Events } from '../../tasks/events.service';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { defineTask } from '../../tasks/task-definition';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { AccountRoles, type VerifiableAccount } from './account-roles.service';
import { ACCOUNT_ROLE_KINDS, type RoleFindings } from './findings';
import { Reverification } from './reverification.service';
import { refused, RoleVerifier } from './role-verifier.service';

/**
 * `roleArn`: another role than the account's present one, which it becomes once it is proven; `role`: as which, default
 * `scan`.
 */
export const verifyAccount = defineTask(
  'verify-account',
  z.strictObject({
    accountId: z.uuid(),
    role: z.enum(ACCOUNT_ROLE_KINDS).optional(),
    roleArn: z.string().optional(),
  }),
);

type Payload = z.infer<typeof verifyAccount.payload>;

const HELD_ELSEWHERE = {
  problem: 'Control of the account is proven, but another tenant of this service holds it.',
  remedy: 'The platform has been asked to transfer it to you; nothing else is needed from you.',
};

/**
 * Proves that a role of a registered account is ours to assume, and ours only. By its scan role the account becomes the
 * tenant's. Then everything that its roles may and must not do is looked at.
 */
@Injectable()
@Handles(verifyAccount, { attempts: 3 })
export class VerifyAccountTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly verifier: RoleVerifier,
    private readonly roles: AccountRoles,
    private readonly events: Events,
    private readonly reverification: Reverification,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { accountId, role: kind = 'scan', roleArn } = task.payload;
    const account = await this.database.inTenant(task.tenantId, (manager) =>
      this.roles.account(manager, task.tenantId, accountId),
    );
    const tried = roleArn ?? account.role_arn;
    const proof = await this.verifier.prove(account, kind, tried);
    const owned = await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const found: RoleFindings = { kind, roleArn: tried, ...refused(proof) };
      if (kind !== 'scan') return this.settleOther(manager, account, found);
      return this.settleScan(manager, account, found, proof);
    });
    if (owned) await this.reverification.verify(task, accountId);
  }

  /** Whether the account is now the tenant's by this proof. */
  private async settleScan(
    manager: EntityManager,
    account: VerifiableAccount,
    found: RoleFindings,
    proof: RoleProof,
  ): Promise<boolean> {
    const { tenant_id: tenantId, id } = account;
    const claim = proof.outcome === 'ok' ? await claimed(manager, id) : 'refused';
    if (claim === 'owned') {
      await this.roles.setRole(manager, account, 'scan', found.roleArn);
      await this.reverification.schedule(manager, tenantId);
    } else {
      // Another role than the present one that is refused leaves that one, and what is known of it, as it was.
      if (found.roleArn === account.role_arn) await this.roles.store(manager, account, [found]);
      const { problem, remedy } = claim === 'refused' ? found : HELD_ELSEWHERE;
      await manager.query('UPDATE accounts SET problem = $3, remedy = $4 WHERE tenant_id = $1 AND id = $2', [
        tenantId,
        id,
        problem,
        remedy,
      ]);
      if (found.roleArn === account.role_arn && account.status === 'owned') {
        await this.roles.settleAccess(manager, account, found);
      }
    }
    await this.events.record(manager, tenantId, [
      {
        type: claim === 'owned' ? 'account.verified' : 'account.refused',
        objectType: 'account',
        objectId: id,
        data: { outcome: proof.outcome },
      },
    ]);
    return claim === 'owned';
  }

  private async settleOther(manager: EntityManager, account: VerifiableAccount, found: RoleFindings): Promise<boolean> {
    if (found.outcome === 'ok') await this.roles.setRole(manager, account, found.kind, found.roleArn);
    else await this.roles.store(manager, account, [found]);
    return found.outcome === 'ok' && account.status === 'owned';
  }
}

async function claimed(manager: EntityManager, accountId: string): Promise<string> {
  const [row] = await manager.query<{ claim: string }[]>('SELECT claim_account($1, $2) AS claim', [accountId, newId()]);
  return row?.claim ?? 'refused';
}
