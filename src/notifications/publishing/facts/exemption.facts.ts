import { encodeId } from '../../../api-id';
import { describeScope, type ExemptionRow, limitsOf, scopeOf } from '../../../findings/exemptions/exemption';
import { byObject, facetsOf, idsOf, type ReadKnown } from './known';

type Row = ExemptionRow & { owner: string; account_id: string | null; ou_path: string | null };

export const readExemptions: ReadKnown<'exemption'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    `SELECT e.*, o.name AS owner, a.id AS account_id, a.ou_path
     FROM exemptions e
     JOIN owners o ON o.tenant_id = e.tenant_id AND o.id = e.owner_id
     LEFT JOIN accounts a ON e.scope_kind = 'account' AND a.tenant_id = e.tenant_id AND a.aws_account_id = e.scope_value
     WHERE e.tenant_id = $1 AND e.id = ANY ($2::uuid[])`,
    [tenantId, idsOf(events)],
  );
  return byObject(events, rows, (row) => ({
    subject: {
      exemption: {
        id: encodeId('Exemption', tenantId, row.id),
        spares: describeScope(scopeOf(row), limitsOf(row)),
        reason: row.reason,
        endsAt: row.ends_at.toISOString(),
      },
      owner: row.owner,
    },
    facets: facetsOf({
      accountId: row.account_id,
      checkId: row.checks?.length === 1 ? (row.checks[0] ?? null) : null,
      owner: row.owner,
      ouPath: row.ou_path,
    }),
  }));
};
