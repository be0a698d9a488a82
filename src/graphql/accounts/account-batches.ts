import { Injectable } from '@nestjs/common';
import { AccountQueries } from '../../accounts/account-queries';
import { OrganizationsService } from '../../accounts/organizations.service';
import type { Reader } from '../../paging';
import type { Batch } from '../core/request-context';
import { AccountRoles, type RoleCheckRow } from '../../roles/verification/account-roles.service';
import { Account } from './account.type';
import { AccountVerification } from './account-verification.type';
import { Organization } from './organization.type';

@Injectable()
export class AccountById implements Batch<string, Account | null> {
  constructor(private readonly accounts: AccountQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Account | null)[]> {
    const rows = new Map((await this.accounts.byIds(reader, ids)).map((row) => [row.id, new Account(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

/** Null for one that nobody has verified yet. */
@Injectable()
export class VerificationOfAccount implements Batch<string, AccountVerification | null> {
  constructor(private readonly roles: AccountRoles) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(AccountVerification | null)[]> {
    const rows = new Map<string, RoleCheckRow[]>();
    for (const row of await this.roles.checksOf(reader, ids)) {
      rows.set(row.account_id, [...(rows.get(row.account_id) ?? []), row]);
    }
    return ids.map((id) => {
      const found = rows.get(id);
      return found ? new AccountVerification(found) : null;
    });
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
