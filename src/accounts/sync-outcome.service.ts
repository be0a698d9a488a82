import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { roleArn } from '../aws/arns';
import { Clock } from '../clock';
import { DomainError } from '../errors';
import { newId } from '../ids';
import { Events } from '../tasks/events.service';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { ExternalIds } from './external-ids.service';
import type { ListedOrganization } from './organization.collector';
import type { OrganizationRow } from './organizations.service';
import type { syncOrganization } from './sync-organization.definition';

type Payload = z.infer<typeof syncOrganization.payload>;

/** What a sync leaves behind: the accounts as listed, or why they could not be listed. */
@Injectable()
export class SyncOutcome {
  constructor(
    private readonly database: TenantDatabase,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly externalIds: ExternalIds,
  ) {}

  async write(task: RunningTask<Payload>, organization: OrganizationRow, listed: ListedOrganization): Promise<void> {
    const { partition, management_account_id: management } = organization;
    const rows = listed.accounts.map((account) => ({
      id: newId(),
      aws_account_id: account.awsAccountId,
      partition,
      name: account.name,
      role_arn:
        account.awsAccountId === management && organization.management_scan_role_arn !== null
          ? organization.management_scan_role_arn
          : roleArn(partition, account.awsAccountId, organization.scan_role_name),
      aws_state: account.state,
      ou_path: account.ouPath,
    }));
    const prefix = await this.externalIds.prefixOf(organization);
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const seal = await this.externalIds.sealerOf(manager, prefix);
      const sealed = rows.map((row) => {
        const externalId = seal({ id: row.id, awsAccountId: row.aws_account_id });
        return { ...row, external_id_sealed: externalId.toString('base64') };
      });
      // An organization without any account cannot be: an empty listing must not mark every account as left.
      await manager.query('SELECT upsert_organization_accounts($1, $2::jsonb, $3)', [
        organization.id,
        JSON.stringify(sealed),
        rows.length > 0,
      ]);
      await manager.query(
        `UPDATE organizations SET synced_at = $3, aws_organization_id = $4, sync_problem = NULL, sync_remedy = NULL
         WHERE tenant_id = $1 AND id = $2`,
        [task.tenantId, organization.id, this.clock.now(), listed.awsOrganizationId],
      );
      await this.events.record(manager, task.tenantId, [
        {
          type: 'organization.synced',
          objectType: 'organization',
          objectId: organization.id,
          data: { accounts: rows.length },
        },
      ]);
    });
  }

  async failed(task: RunningTask<Payload>, error: unknown): Promise<void> {
    const problem = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof DomainError ? (error.remedy ?? null) : null;
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await manager.query(
        'UPDATE organizations SET sync_problem = $3, sync_remedy = $4 WHERE tenant_id = $1 AND id = $2',
        [task.tenantId, task.payload.organizationId, problem, remedy],
      );
    });
  }
}
