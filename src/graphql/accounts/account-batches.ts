import { Injectable } from '@nestjs/common';
import { AccountQueries } from '../../accounts/account-queries';
import { OrganizationsService } from '../../accounts/organizations.service';
import type { Reader } from '../../paging';
import type { Batch } from '../core/request-context';
import { Account } from './account.type';
import { Organization } from './organization.type';

@Injectable()
export class AccountById implements Batch<string, Account | null> {
  constructor(private readonly accounts: AccountQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Account | null)[]> {
    const rows = new Map((await this.accounts.byIds(reader, ids)).map((row) => [row.id, new Account(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

@Injectable()
export class OrganizationById implements Batch<string, Organization | null> {
  constructor(private readonly organizations: OrganizationsService) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Organization | null)[]> {
    const rows = new Map((await this.organizations.byIds(reader, ids)).map((row) => [row.id, new Organization(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}
