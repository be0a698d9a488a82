import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AwsService } from '../aws/aws.service';
import { Config } from '../config';
import { notFound } from '../errors';
import { newId } from '../ids';
import { Events } from '../tasks/events.service';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { defineTask } from '../tasks/task-definition';
import { TenantDatabase } from '../tenancy/tenant-database';

/** `roleArn`: another role than the account's present one, which it becomes once it is proven. */
export const verifyAccount = defineTask(
  'verify-account',
  z.strictObject({ accountId: z.uuid(), roleArn: z.string().optional() }),
);

type Payload = z.infer<typeof verifyAccount.payload>;

const HELD_ELSEWHERE = {
  problem: 'Control of the account is proven, but another tenant of this service holds it.',
  remedy: 'The platform has been asked to transfer it to you; nothing else is needed from you.',
};

/** Proves that a registered account's role is ours to assume, and ours only; then the account belongs to the tenant. */
@Injectable()
@Handles(verifyAccount, { attempts: 3 })
export class VerifyAccountTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly aws: AwsService,
    private readonly events: Events,
    private readonly config: Config,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { accountId, roleArn } = task.payload;
    const account = await this.database.inTenant(task.tenantId, async (manager) => {
      const [row] = await manager.query<{ role_arn: string; external_id: string }[]>(
        'SELECT role_arn, external_id FROM accounts WHERE tenant_id = $1 AND id = $2',
        [task.tenantId, accountId],
      );
      if (!row) throw notFound('The account');
      return row;
    });
    const proof = await this.aws.proveRole({
      roleArn: roleArn ?? account.role_arn,
      externalId: account.external_id,
      withoutExternalIdChecks: this.config.skipExternalIdCheck,
    });
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const outcome =
        proof.outcome === 'ok'
          ? (await manager.query<{ claim: string }[]>('SELECT claim_account($1, $2) AS claim', [accountId, newId()]))[0]
              ?.claim
          : 'refused';
      const problem = proof.outcome === 'ok' ? HELD_ELSEWHERE : { problem: proof.reason, remedy: proof.remedy };
      if (proof.outcome === 'ok' && roleArn !== undefined) {
        await manager.query('UPDATE accounts SET role_arn = $3 WHERE tenant_id = $1 AND id = $2', [
          task.tenantId,
          accountId,
          roleArn,
        ]);
      }
      if (outcome !== 'owned') {
        await manager.query('UPDATE accounts SET problem = $3, remedy = $4 WHERE tenant_id = $1 AND id = $2', [
          task.tenantId,
          accountId,
          problem.problem,
          problem.remedy,
        ]);
      }
      await this.events.record(manager, task.tenantId, [
        {
          type: outcome === 'owned' ? 'account.verified' : 'account.refused',
          objectType: 'account',
          objectId: accountId,
          data: { outcome: proof.outcome },
        },
      ]);
    });
  }
}
