import sql from 'sql-template-tag';
import { WAITING } from '../../../findings/exemptions/exemption-queries';
import { ofTenant } from '../../../paging';
import type { Waiting } from './waiting';

export const exemptionsToAgreeTo: Waiting = {
  kind: 'EXEMPTIONS_TO_AGREE_TO',
  what: 'Exemptions, or later ends of some, that somebody else proposed: `exemptions(filter: { waiting: true })`, then `agreeToExemption` or `refuseExemption`.',
  for: 'agree',
  scope: 'tenant',
  count: (reader, { standsFor }) => sql`
    SELECT count(*)::integer FROM exemptions e
    WHERE ${ofTenant(reader, 'e.tenant_id')} AND ${WAITING}
      AND CASE WHEN e.state = 'pending' THEN e.made_by_stands_for ELSE e.proposed_by_stands_for END <> ${standsFor}`,
};

export const exemptionsEnding: Waiting = {
  kind: 'EXEMPTIONS_ENDING',
  what: 'Exemptions that end within 14 days: `exemptions(filter: { endsBefore: … })`, then `extendExemption`; or nothing, and what they spare is judged again.',
  for: 'exempt',
  scope: 'tenant',
  count: (reader) => sql`
    SELECT count(*)::integer FROM exemptions e
    WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.state = 'in-force' AND e.proposed_ends_at IS NULL
      AND e.ends_at IN (e.announced_14_days, e.announced_3_days)`,
};
