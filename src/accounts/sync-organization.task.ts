import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { externalIdFor, roleArn } from '../aws/arns';
import { AwsService } from '../aws/aws.service';
import { Clock } from '../clock';
import { DomainError } from '../errors';
import { newId } from '../ids';
import { Events } from '../tasks/events.service';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { AssignmentsService } from './assignments.service';
import { collectOrganization, type ListedOrganization } from './organization.collector';
import { type OrganizationRow, OrganizationsService } from './organizations.service';
import { syncOrganization } from './sync-organization.definition';

type Payload = z.infer<typeof syncOrganization.payload>;

/** Lists an organization's accounts, marks those that left, and lets the assignment rules place the new ones. */
@Injectable()
@Handles(syncOrganization)
export class SyncOrganizationTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly aws: AwsService,
    private readonly organizations: OrganizationsService,
    private readonly assignments: AssignmentsService,
    private readonly outcome: SyncOutcome,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const organization = await this.database.inTenant(task.tenantId, (manager) =>
      this.organizations.byId({ manager, tenantId: task.tenantId }, task.payload.organizationId),
    );
    const access = this.aws.openAccount({
      partition: organization.partition,
      accountId: organization.listing_role_arn.split(':')[4] ?? organization.management_account_id,
      roleArn: organization.listing_role_arn,
      externalId: externalIdFor(organization.external_id_prefix, organization.management_account_id),
      sessionName: `mothball-${task.id}`,
      signal: task.signal,
    });
    try {
      await access.connect();
      const listed = await collectOrganization(access);
      await this.outcome.write(task, organization, listed);
    } catch (error) {
      await this.outcome.failed(task, error);
      throw error;
    } finally {
      access.close();
    }
    await this.assignments.applyRules(organization.id);
  }
}

/** What a sync leaves behind: the accounts as listed, or why they could not be listed. */
@Injectable()
export class SyncOutcome {
  constructor(
    private readonly database: TenantDatabase,
    private readonly events: Events,
    private readonly clock: Clock,
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
      external_id: externalIdFor(organization.external_id_prefix, account.awsAccountId),
      aws_state: account.state,
      ou_path: account.ouPath,
      tags: account.tags,
    }));
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      // An organization without any account cannot be: an empty listing must not mark every account as left.
      await manager.query('SELECT upsert_organization_accounts($1, $2::jsonb, $3)', [
        organization.id,
        JSON.stringify(rows),
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
