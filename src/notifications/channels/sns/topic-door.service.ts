import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { type AccountRow, SCANNABLE } from '../../../accounts/account';
import { ExternalIds, type WithExternalId } from '../../../accounts/external-ids.service';
import { encodeId } from '../../../api-id';
import type { AccountAccess } from '../../../aws/account-access';
import { roleArn } from '../../../aws/arns';
import { AwsService } from '../../../aws/aws.service';
import { DomainError } from '../../../errors';
import { run } from '../../../paging';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { type SnsSettings, type Topic, topicOf } from './sns-settings';

type Owner = WithExternalId & Pick<AccountRow, 'partition' | 'aws_account_id'>;

interface Opened {
  readonly access: AccountAccess;
  /** Another account of ours, another role or topic: then it is opened anew. */
  readonly of: string;
}

/** The shortest that STS gives. */
const SESSION_SECONDS = 900;
const KEPT = 200;

/**
 * Opens topics in accounts that are this tenant's: by a role there that asks for the account's external id, so that
 * nobody has us publish to the topics of others. The session may do that one thing, whatever the role may.
 */
@Injectable()
export class TopicDoor {
  /** By endpoint: a session serves its messages for some minutes. */
  private readonly opened = new Map<string, Opened>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly aws: AwsService,
    private readonly externalIds: ExternalIds,
  ) {}

  /** The account that the topic is in. @throws DomainError `NOT_YOURS` where the tenant has no such account */
  async ownerOf(tenantId: string, topic: Topic): Promise<Owner> {
    const [account] = await this.database.inTenant(tenantId, (manager) =>
      run<Owner>(
        manager,
        sql`SELECT a.tenant_id, a.id, a.partition, a.aws_account_id, a.external_id, a.external_id_sealed
            FROM accounts a
            WHERE a.tenant_id = ${tenantId} AND a.partition = ${topic.partition}
              AND a.aws_account_id = ${topic.accountId} AND ${SCANNABLE}`,
      ),
    );
    if (account) return account;
    throw new DomainError(
      'NOT_YOURS',
      `The topic is in the account ${topic.accountId}, which is none of your verified, active accounts. Use a topic of one of them, or register that account.`,
    );
  }

  /** Asks each time whether the account still is the tenant's. @throws DomainError `NOT_YOURS`, SECRET_UNREADABLE */
  async open(tenantId: string, endpointId: string, settings: SnsSettings): Promise<AccountAccess> {
    const topic = topicOf(settings.topicArn);
    if (!topic) throw new DomainError('BAD_INPUT', 'topicArn: is not the ARN of a topic.');
    const owner = await this.ownerOf(tenantId, topic);
    const of = JSON.stringify([owner.id, settings.topicArn, settings.roleName]);
    const known = this.opened.get(endpointId);
    if (known?.of === of) return known.access;
    known?.access.close();
    const [path, name] = pathAndName(settings.roleName);
    const access = this.aws.openAccount({
      partition: owner.partition,
      accountId: owner.aws_account_id,
      roleArn: roleArn(owner.partition, owner.aws_account_id, name, path),
      externalId: await this.externalIds.of(owner),
      sessionName: `mothball-${encodeId('Endpoint', tenantId, endpointId)}`,
      sessionPolicy: onlyPublishing(topic.arn),
      durationSeconds: SESSION_SECONDS,
    });
    this.keep(endpointId, { access, of });
    return access;
  }

  private keep(endpointId: string, opened: Opened): void {
    this.opened.delete(endpointId);
    this.opened.set(endpointId, opened);
    const [oldest] = this.opened.keys();
    if (this.opened.size <= KEPT || oldest === undefined) return;
    this.opened.get(oldest)?.access.close();
    this.opened.delete(oldest);
  }
}

const onlyPublishing = (Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sns:Publish', Resource }] });

function pathAndName(roleName: string): [path: string, name: string] {
  const cut = roleName.lastIndexOf('/') + 1;
  return [`/${roleName.slice(0, cut)}`, roleName.slice(cut)];
}
