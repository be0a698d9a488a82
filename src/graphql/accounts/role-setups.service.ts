import { Injectable, Logger } from '@nestjs/common';
import { permissions as listingPermissions } from '../../accounts/organization.collector';
import { AwsService, type CallerIdentity } from '../../aws/aws.service';
import { scanPermissions } from '../../scans/collectors/permissions';
import type { RoleSetup } from './account.type';

const ASK_AGAIN_MS = 60_000;

/** Says what people have to create in AWS. */
@Injectable()
export class RoleSetups {
  private readonly logger = new Logger(RoleSetups.name);
  private caller: Promise<CallerIdentity | null> | undefined;

  constructor(private readonly aws: AwsService) {}

  /** The role that scans an account. */
  async scanning(roleArn: string, externalId: string): Promise<RoleSetup> {
    return { roleArn, externalId, trustPolicy: await this.trustPolicy(externalId), permissions: scanPermissions };
  }

  /** The role that lists an organization's accounts. */
  async listing(roleArn: string, externalId: string): Promise<RoleSetup> {
    return { roleArn, externalId, trustPolicy: await this.trustPolicy(externalId), permissions: listingPermissions };
  }

  private async trustPolicy(externalId: string): Promise<string | null> {
    const caller = await this.askOnce();
    if (!caller) return null;
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: trusted(caller) },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    };
    return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2);
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
