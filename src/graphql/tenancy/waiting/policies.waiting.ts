import sql from 'sql-template-tag';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const proposedPolicies: Waiting = {
  kind: 'PROPOSED_POLICIES',
  what: 'Policies that act by themselves and wait for a second person: `policies { nodes { proposal { version { version hash } } } }`, then `agreeToPolicy` or `refusePolicy`.',
  for: 'agree',
  scope: 'tenant',
  count: (reader, { standsFor }) => sql`
    SELECT count(*)::integer FROM policies p
    WHERE ${ofTenant(reader, 'p.tenant_id')} AND p.retired_at IS NULL AND p.proposed_version IS NOT NULL
      AND ${standsFor} <> ALL (p.proposed_by_stands_for || p.widened_by)`,
};
