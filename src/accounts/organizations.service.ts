import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { parseAccountId, parseRoleArn, roleArn } from '../aws/arns';
import { parsePartition, type Partition } from '../aws/partitions';
import { Clock } from '../clock';
import { badInput, DomainError, notFound } from '../errors';
import { newId } from '../ids';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../paging';
import { DAILY, Schedules } from '../tasks/schedules.service';
import { PLATFORM_TENANT_ID } from '../tenancy/tenant-database';
import { DEFAULT_SCAN_ROLE } from './account';
import { ExternalIds } from './external-ids.service';
import { syncOrganization } from './sync-organization.definition';

export interface OrganizationRow {
  tenant_id: string;
  id: string;
  name: string;
  partition: Partition;
  management_account_id: string;
  aws_organization_id: string | null;
  listing_role_arn: string;
  management_scan_role_arn: string | null;
  scan_role_name: string;
  /** Plain, in a row of an earlier release that was not sealed yet; see `ExternalIds`. */
  external_id_prefix: string | null;
  external_id_prefix_sealed: Buffer | null;
  created_at: Date;
  synced_at: Date | null;
  sync_problem: string | null;
  sync_remedy: string | null;
}

export interface Connection {
  readonly name: string;
  readonly managementAccountId: string;
  readonly partition?: string | null | undefined;
  readonly listingRoleArn?: string | null | undefined;
  readonly scanRoleName?: string | null | undefined;
  readonly managementScanRoleArn?: string | null | undefined;
}

const DEFAULT_LISTING_ROLE = 'mothball-list';
const COLUMNS = sql`o.tenant_id, o.id, o.name, o.partition, o.management_account_id, o.aws_organization_id, o.listing_role_arn,
  o.management_scan_role_arn, o.scan_role_name, o.external_id_prefix, o.external_id_prefix_sealed, o.created_at, o.synced_at, o.sync_problem, o.sync_remedy`;

/** Connections to AWS Organizations. They belong to the platform's own tenant. */
@Injectable()
export class OrganizationsService {
  constructor(
    private readonly clock: Clock,
    private readonly schedules: Schedules,
    private readonly externalIds: ExternalIds,
  ) {}

  /**
   * Connects an organization and schedules its daily sync. Its accounts appear with the first sync. Throws BAD_INPUT
   * for malformed values, ALREADY_EXISTS for an organization that is connected already.
   */
  async connect(manager: EntityManager, input: Connection): Promise<string> {
    const accountId = parseAccountId(input.managementAccountId, 'managementAccountId');
    const partition = parsePartition(input.partition ?? 'aws');
    const name = input.name.trim();
    if (name === '' || name.length > 200) throw badInput('name: must have 1 to 200 characters.');
    const listingRoleArn = input.listingRoleArn ?? roleArn(partition, accountId, DEFAULT_LISTING_ROLE);
    parseRoleArn(listingRoleArn, { partition }, 'listingRoleArn');
    const scanRoleName = input.scanRoleName ?? DEFAULT_SCAN_ROLE;
    parseRoleArn(roleArn(partition, accountId, scanRoleName), {}, 'scanRoleName');
    if (input.managementScanRoleArn != null) {
      parseRoleArn(input.managementScanRoleArn, { partition, accountId }, 'managementScanRoleArn');
    }
    const id = newId();
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO organizations (tenant_id, id, name, partition, management_account_id, listing_role_arn,
         management_scan_role_arn, scan_role_name, external_id_prefix_sealed, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (tenant_id, partition, management_account_id) DO NOTHING RETURNING id`,
      [
        PLATFORM_TENANT_ID,
        id,
        name,
        partition,
        accountId,
        listingRoleArn,
        input.managementScanRoleArn ?? null,
        scanRoleName,
        await this.externalIds.sealNewPrefix(manager, id),
        this.clock.now(),
      ],
    );
    if (inserted.length === 0) {
      throw new DomainError(
        'ALREADY_EXISTS',
        `managementAccountId: the organization of ${accountId} is connected already.`,
      );
    }
    const payload = { organizationId: id };
    await this.schedules.set(manager, {
      tenantId: PLATFORM_TENANT_ID,
      task: syncOrganization,
      payload,
      cron: DAILY,
      subject: id,
    });
    return id;
  }

  async page(reader: Reader, args: PageArgs): Promise<Page<OrganizationRow>> {
    return fetchPage(reader.manager, listing(reader), args);
  }

  async count(reader: Reader): Promise<number> {
    return countOf(reader.manager, listing(reader));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<OrganizationRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The organization');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<OrganizationRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${COLUMNS} FROM organizations o WHERE ${ofTenant(reader, 'o.tenant_id')} AND o.id = ANY (${ids}::uuid[])`,
    );
  }
}

const listing = (reader: Reader): Listing => ({
  select: COLUMNS,
  from: sql`organizations o`,
  where: [ofTenant(reader, 'o.tenant_id')],
  sort: [
    { by: sql`o.name`, type: 'text', descending: false },
    { by: sql`o.id`, type: 'uuid', descending: false },
  ],
});
