import sql from 'sql-template-tag';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const transferRequests: Waiting = {
  kind: 'TRANSFER_REQUESTS',
  what: 'Tenants that ask for accounts which others hold: `transferRequests`, then `resolveTransfer`.',
  for: 'manage-platform',
  scope: 'platform',
  count: (reader) => sql`
    SELECT count(*)::integer FROM transfer_requests r WHERE ${ofTenant(reader, 'r.tenant_id')} AND r.state = 'open'`,
};
