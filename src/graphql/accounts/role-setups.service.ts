import { Injectable, Logger } from '@nestjs/common';
import type { AccountRow } from '../../accounts/account';
import { ExternalIds } from '../../accounts/external-ids.service';
import type { OrganizationRow } from '../../accounts/organizations.service';
import { externalIdFor, parseRoleArn, roleArn } from '../../aws/arns';
import { AwsService, type CallerIdentity } from '../../aws/aws.service';
import { actionsOf } from '../../aws/grants';
import type { Partition } from '../../aws/partitions';
import { Config } from '../../config';
import { accountDeployment, type DeploymentFacts, organizationDeployment } from '../../roles/deployment';
import { DEFAULT_ROLE_NAMES, roleNeeds } from '../../roles/needs';
import { fill, permissionsPolicy, type PolicyDocument, trustPolicy } from '../../roles/templates/policy';
import type { RoleSetup } from './account.type';
import type { OrganizationSetup } from './organization.type';

const ASK_AGAIN_MS = 60_000;

/** Says what people have to create in AWS. */
@Injectable()
export class RoleSetups {
  private readonly logger = new Logger(RoleSetups.name);
  private caller: Promise<CallerIdentity | null> | undefined;

  constructor(
    private readonly aws: AwsService,
    private readonly externalIds: ExternalIds,
    private readonly config: Config,
  ) {}

  async ofAccount(row: AccountRow): Promise<RoleSetup> {
    const externalId = await this.externalIds.of(row);
    const setup = await this.setup('scan', row.role_arn, externalId);
    const prefix = externalId.slice(0, -`-${row.aws_account_id}`.length);
    const facts = await this.facts(row.partition, row.role_arn, prefix);
    return { ...setup, deployment: facts && accountDeployment(facts) };
  }

  async ofOrganization(row: OrganizationRow): Promise<OrganizationSetup> {
    const { partition, management_account_id: managementId, scan_role_name: scanRoleName } = row;
    const externalIdPrefix = await this.externalIds.prefixOf(row);
    const externalId = externalIdFor(externalIdPrefix, managementId);
    const managementScan = row.management_scan_role_arn ?? roleArn(partition, managementId, scanRoleName);
    const facts = await this.facts(partition, roleArn(partition, managementId, scanRoleName), externalIdPrefix);
    return {
      listing: await this.setup('list', row.listing_role_arn, externalId),
      managementScan: await this.setup('scan', managementScan, externalId),
      scanRoleName,
      externalIdPrefix,
      deployment: facts && organizationDeployment(facts, row.listing_role_arn),
    };
  }

  private async setup(kind: 'scan' | 'list', arn: string, externalId: string): Promise<RoleSetup> {
    const { partition, accountId, path, name } = parseRoleArn(arn);
    const caller = await this.askOnce();
    const values = {
      partition,
      account: accountId,
      path,
      scan: name,
      cleanup: DEFAULT_ROLE_NAMES.cleanup,
      restore: DEFAULT_ROLE_NAMES.restore,
      externalId,
      principals: caller ? trusted(caller) : '',
    };
    const written = (document: PolicyDocument): string =>
      JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? fill(value, values) : value), 2);
    return {
      roleArn: arn,
      externalId,
      trustPolicy: caller && written(trustPolicy(kind)),
      permissions: actionsOf(roleNeeds[kind]),
      policy: written(permissionsPolicy(kind)),
      deployment: null,
    };
  }

  private async facts(
    partition: Partition,
    scanRoleArn: string,
    externalIdPrefix: string,
  ): Promise<DeploymentFacts | null> {
    const caller = await this.askOnce();
    const { templateUrl } = this.config;
    return caller && { partition, scanRoleArn, externalIdPrefix, principals: [trusted(caller)], templateUrl };
  }

  private askOnce(): Promise<CallerIdentity | null> {
    this.caller ??= this.aws.callerIdentity().catch((error: unknown) => {
      this.logger.warn(
        `Who this service is to AWS is not known: ${error instanceof Error ? error.message : String(error)}`,
      );
      setTimeout(() => (this.caller = undefined), ASK_AGAIN_MS).unref();
      return null;
    });
    return this.caller;
  }
}

/** A user by its ARN. A role's session tells neither the role's path nor, so, its ARN: then the service's account. */
const trusted = ({ arn, partition, accountId }: CallerIdentity): string =>
  arn.includes(':user/') ? arn : `arn:${partition}:iam::${accountId}:root`;
