import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { externalIdFor } from '../aws/arns';
import { ACCOUNT_EXTERNAL_ID, bindingOf, ORGANIZATION_PREFIX } from '../tenancy/secrets/sealed-columns';
import { Secrets } from '../tenancy/secrets/secrets.service';
import { PLATFORM_TENANT_ID } from '../tenancy/tenant-database';
import type { AccountRow } from './account';
import type { OrganizationRow } from './organizations.service';

/** An account's external id as its row has it: sealed, or still plain in a row of an earlier release. */
export type WithExternalId = Pick<AccountRow, 'tenant_id' | 'id' | 'external_id' | 'external_id_sealed'>;

export type WithPrefix = Pick<
  OrganizationRow,
  'tenant_id' | 'id' | 'external_id_prefix' | 'external_id_prefix_sealed' | 'management_account_id'
>;

/** External ids are the service's to make, never the tenant's: else one tenant could name another's. 96 random bits. */
const newPrefix = (): string => `mothball-${randomBytes(12).toString('hex')}`;

/** External ids and their prefixes: made here, kept sealed, opened one at a time where AWS or a person needs one. */
@Injectable()
export class ExternalIds {
  constructor(private readonly secrets: Secrets) {}

  /** The external id of an account that is registered by itself, sealed for its row. */
  sealNew(manager: EntityManager, account: { tenant_id: string; id: string }, awsAccountId: string): Promise<Buffer> {
    return this.secrets.seal(
      manager,
      bindingOf(ACCOUNT_EXTERNAL_ID, account),
      externalIdFor(newPrefix(), awsAccountId),
    );
  }

  /** The prefix of an organization's external ids, sealed for its row. */
  sealNewPrefix(manager: EntityManager, organizationId: string): Promise<Buffer> {
    const binding = bindingOf(ORGANIZATION_PREFIX, { tenant_id: PLATFORM_TENANT_ID, id: organizationId });
    return this.secrets.seal(manager, binding, newPrefix());
  }

  /** Seals the external ids of an organization's accounts for rows that the caller's transaction is about to write. */
  async sealerOf(
    manager: EntityManager,
    prefix: string,
  ): Promise<(account: { id: string; awsAccountId: string }) => Buffer> {
    const seal = await this.secrets.sealer(manager);
    return ({ id, awsAccountId }) =>
      seal(bindingOf(ACCOUNT_EXTERNAL_ID, { tenant_id: PLATFORM_TENANT_ID, id }), externalIdFor(prefix, awsAccountId));
  }

  /** Throws SECRET_UNREADABLE. */
  async of(account: WithExternalId): Promise<string> {
    return account.external_id_sealed === null
      ? must(account.external_id)
      : this.secrets.open(bindingOf(ACCOUNT_EXTERNAL_ID, account), account.external_id_sealed);
  }

  /** Throws SECRET_UNREADABLE. */
  async prefixOf(organization: WithPrefix): Promise<string> {
    return organization.external_id_prefix_sealed === null
      ? must(organization.external_id_prefix)
      : this.secrets.open(bindingOf(ORGANIZATION_PREFIX, organization), organization.external_id_prefix_sealed);
  }

  /** The external id of the organization's own management account, and of its listing role. */
  async ofManagement(organization: WithPrefix): Promise<string> {
    return externalIdFor(await this.prefixOf(organization), organization.management_account_id);
  }
}

function must(value: string | null): string {
  if (value === null) throw new Error('A row has neither a sealed nor a plain external id.');
  return value;
}
