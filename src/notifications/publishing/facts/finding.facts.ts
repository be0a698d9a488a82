import { encodeId } from '../../../api-id';
import type { Severity } from '../../../findings/policy';
import { idleDaysAt } from '../../../scans/idle';
import type { IdentityKind } from '../../../scans/inventory';
import { type AccountColumns, accountOf, byObject, facetsOf, idsOf, type Known, type ReadKnown } from './known';

interface Row extends AccountColumns {
  id: string;
  check_id: string;
  severity: Severity;
  why: string;
  resolution: string | null;
  exempt_reason: string | null;
  exemption_id: string | null;
  idle_since: Date | null;
  idle_at_least: boolean;
  first_seen_at: Date;
  last_seen_at: Date;
  scan_id: string | null;
  identity_id: string;
  kind: IdentityKind;
  name: string;
  arn: string;
  unique_id: string;
  owner: string | null;
}

export const readFindings: ReadKnown<'finding'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    `SELECT f.id, f.check_id, f.severity, f.why, f.resolution, f.exempt_reason, f.exemption_id, f.idle_since,
       f.idle_at_least, f.first_seen_at, coalesce(f.resolved_at, a.inventory_at, a.users_read_at, f.changed_at) AS last_seen_at,
       a.last_scan_id AS scan_id, f.identity_id, i.kind, i.name, i.arn, coalesce(i.access_key_id, i.unique_id) AS unique_id,
       o.name AS owner, a.id AS account_id, a.aws_account_id, a.name AS account_name, a.ou_path
     FROM findings f
     JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
     JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
     LEFT JOIN owners o ON o.tenant_id = f.tenant_id AND o.id = f.owner_id
     WHERE f.tenant_id = $1 AND f.id = ANY ($2::uuid[])`,
    [tenantId, idsOf(events)],
  );
  return byObject(events, rows, (row) => knownOf(tenantId, row));
};

const knownOf = (tenantId: string, row: Row): Known<'finding'> => ({
  subject: {
    finding: {
      id: encodeId('Finding', tenantId, row.id),
      check: row.check_id,
      severity: row.severity,
      why: row.why,
      idleDays: idleDaysAt({ idleSince: row.idle_since, idleAtLeast: row.idle_at_least }, row.last_seen_at),
      firstSeenAt: row.first_seen_at.toISOString(),
    },
    identity: {
      id: encodeId('Identity', tenantId, row.identity_id),
      kind: row.kind,
      name: row.name,
      arn: row.arn,
      uniqueId: row.unique_id,
    },
    account: accountOf(tenantId, row),
    owner: row.owner,
    resolution: row.resolution,
    exemptReason: row.exempt_reason,
    exemptionId: row.exemption_id === null ? null : encodeId('Exemption', tenantId, row.exemption_id),
  },
  facets: facetsOf({
    accountId: row.account_id,
    scanId: row.scan_id,
    checkId: row.check_id,
    severity: row.severity,
    owner: row.owner,
    ouPath: row.ou_path,
  }),
});
