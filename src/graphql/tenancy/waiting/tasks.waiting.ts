import sql from 'sql-template-tag';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const parkedTasks: Waiting = {
  kind: 'PARKED_TASKS',
  what: 'Tasks that cannot succeed by themselves: `tasks(filter: { state: FAILED })`, then `retryTask` or `cancelTask`.',
  for: 'manage-accounts',
  scope: 'both',
  count: (reader) => sql`
    SELECT count(*)::integer FROM tasks k WHERE ${ofTenant(reader, 'k.tenant_id')} AND k.state = 'failed'`,
};
