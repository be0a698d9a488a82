import { encodeId } from '../../../api-id';
import { type AccountColumns, accountOf, byObject, facetsOf, idsOf, type ReadKnown } from './known';

interface Row extends AccountColumns {
  id: string;
  finished_at: Date;
  identities: number;
  remedy: string | null;
}

export const readScans: ReadKnown<'scan'> = async (manager, tenantId, events) => {
  const rows = await manager.query<Row[]>(
    `SELECT s.id, s.finished_at, coalesce(s.identities, 0) AS identities, s.remedy,
       a.id AS account_id, a.aws_account_id, a.name AS account_name, a.ou_path
     FROM scans s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
     WHERE s.tenant_id = $1 AND s.id = ANY ($2::uuid[]) AND s.finished_at IS NOT NULL`,
    [tenantId, idsOf(events)],
  );
  return byObject(events, rows, (row) => ({
    subject: {
      scan: {
        id: encodeId('Scan', tenantId, row.id),
        finishedAt: row.finished_at.toISOString(),
        identities: row.identities,
      },
      account: accountOf(tenantId, row),
      remedy: row.remedy,
    },
    facets: facetsOf({ accountId: row.account_id, scanId: row.id, ouPath: row.ou_path }),
  }));
};
