import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { externalIdFor } from '../aws/arns';
import { AwsService } from '../aws/aws.service';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { AssignmentsService } from './assignments.service';
import { collectOrganization } from './organization.collector';
import { OrganizationsService } from './organizations.service';
import { syncOrganization } from './sync-organization.definition';
import { SyncOutcome } from './sync-outcome.service';

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
