import { text } from '../../catalogue/said';
import { type AccountColumns, accountOf, facetsOf, idsOf, type ReadKnown, type StoredEvent } from './known';

/** One that went to another tenant is no longer there: what was recorded of it must do. */
export const readAccounts: ReadKnown<'account'> = async (manager, tenantId, events) => {
  const rows = await manager.query<AccountColumns[]>(
    `SELECT a.id AS account_id, a.aws_account_id, a.name AS account_name, a.ou_path FROM accounts a
     WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[])`,
    [tenantId, idsOf(events)],
  );
  const found = new Map(rows.map((row) => [row.account_id, row]));
  return new Map(
    events.flatMap((event) => {
      const row = found.get(event.object_id) ?? asRecorded(event);
      if (row === null) return [];
      const facets = facetsOf({ accountId: row.account_id, ouPath: row.ou_path });
      return [[event.id, { subject: { account: accountOf(tenantId, row) }, facets }] as const];
    }),
  );
};

function asRecorded({ object_id, data }: StoredEvent): AccountColumns | null {
  const awsAccountId = text(data, 'awsAccountId');
  if (awsAccountId === null) return null;
  return {
    account_id: object_id,
    aws_account_id: awsAccountId,
    account_name: text(data, 'name'),
    ou_path: text(data, 'ouPath'),
  };
}
