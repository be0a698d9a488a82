import { Injectable } from '@nestjs/common';
import type { AccountAccess } from '../aws/account-access';
import { parseRoleArn } from '../aws/arns';
import { AwsService } from '../aws/aws.service';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { ExternalIds } from './external-ids.service';
import { type OrganizationRow, OrganizationsService } from './organizations.service';

/** Opens an organization's listing role for one task. */
@Injectable()
export class OrganizationDoor {
  constructor(
    private readonly database: TenantDatabase,
    private readonly aws: AwsService,
    private readonly organizations: OrganizationsService,
    private readonly externalIds: ExternalIds,
  ) {}

  /** No request is sent yet. Throws NOT_FOUND. */
  async open(
    task: RunningTask,
    organizationId: string,
  ): Promise<{ organization: OrganizationRow; access: AccountAccess }> {
    const organization = await this.database.inTenant(task.tenantId, (manager) =>
      this.organizations.byId({ manager, tenantId: task.tenantId }, organizationId),
    );
    const { partition, listing_role_arn: roleArn } = organization;
    const access = this.aws.openAccount({
      partition,
      // The management account's, or a delegated administrator's.
      accountId: parseRoleArn(roleArn).accountId,
      roleArn,
      externalId: await this.externalIds.ofManagement(organization),
      sessionName: `mothball-${task.id}`,
      signal: task.signal,
    });
    return { organization, access };
  }
}
