import sql from 'sql-template-tag';
import { coverage } from '../../../accounts/account';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const accountsToVerify: Waiting = {
  kind: 'ACCOUNTS_TO_VERIFY',
  what: 'Accounts whose role must still be created and proven: `accounts(filter: { coverage: PENDING })`, then `verifyAccount`.',
  for: 'manage-accounts',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM accounts a WHERE ${ofTenant(reader, 'a.tenant_id')} AND a.status = 'pending'`,
};

export const accountsNotRead: Waiting = {
  kind: 'ACCOUNTS_NOT_READ',
  what: 'Accounts that cannot be read: `accounts(filter: { coverage: [NO_ACCESS, FAILED] })` says why, and what to do.',
  for: 'manage-accounts',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM accounts a
    WHERE ${ofTenant(reader, 'a.tenant_id')} AND a.status = 'owned' AND ${coverage} IN ('no_access', 'failed')`,
};
