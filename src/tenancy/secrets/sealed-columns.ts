import type { Binding } from './sealing';

/** A column that holds sealed values. Its table has `tenant_id` and `id`. */
export interface SealedColumn {
  readonly table: string;
  /** A bytea whose name ends in `_sealed`: a test holds the list to the schema. */
  readonly column: string;
  /** Where the value lies in plain text in rows of earlier releases; null: there were none. */
  readonly plain: string | null;
  readonly purpose: string;
  /** Whether the tenant is part of the binding; false for rows that change hands. */
  readonly boundToTenant: boolean;
  /** How many values are held in memory at once. */
  readonly batch: number;
}

export const ACCOUNT_EXTERNAL_ID: SealedColumn = {
  table: 'accounts',
  column: 'external_id_sealed',
  plain: 'external_id',
  purpose: 'account.external-id',
  boundToTenant: false,
  batch: 500,
};

export const ORGANIZATION_PREFIX: SealedColumn = {
  table: 'organizations',
  column: 'external_id_prefix_sealed',
  plain: 'external_id_prefix',
  purpose: 'organization.external-id-prefix',
  boundToTenant: true,
  batch: 500,
};

/** A user or role as it was before clean-up touched it: up to some hundred kilobytes of policies. */
export const SNAPSHOT_CONTENT: SealedColumn = {
  table: 'snapshots',
  column: 'content_sealed',
  plain: null,
  purpose: 'snapshot.content',
  boundToTenant: true,
  batch: 50,
};

/** A webhook's signing secret, or the address that Slack gave; and the one before it while both are good. */
export const ENDPOINT_SECRET: SealedColumn = {
  table: 'endpoints',
  column: 'secret_sealed',
  plain: null,
  purpose: 'endpoint.secret',
  boundToTenant: true,
  batch: 500,
};

export const ENDPOINT_PREVIOUS_SECRET: SealedColumn = {
  ...ENDPOINT_SECRET,
  column: 'previous_secret_sealed',
  purpose: 'endpoint.previous-secret',
};

/** What a ticketing system knows us by: JSON of that system's form. */
export const TICKET_CREDENTIAL: SealedColumn = {
  table: 'ticket_connections',
  column: 'credential_sealed',
  plain: null,
  purpose: 'ticket-connection.credential',
  boundToTenant: true,
  batch: 500,
};

/** With what the system signs what it sends us. */
export const TICKET_INBOUND_SECRET: SealedColumn = {
  ...TICKET_CREDENTIAL,
  column: 'inbound_secret_sealed',
  purpose: 'ticket-connection.inbound-secret',
};

/** Everything that rotation seals anew. */
export const sealedColumns: readonly SealedColumn[] = [
  ACCOUNT_EXTERNAL_ID,
  ORGANIZATION_PREFIX,
  SNAPSHOT_CONTENT,
  ENDPOINT_SECRET,
  ENDPOINT_PREVIOUS_SECRET,
  TICKET_CREDENTIAL,
  TICKET_INBOUND_SECRET,
];

export const bindingOf = (
  { purpose, boundToTenant }: SealedColumn,
  row: { readonly tenant_id: string; readonly id: string },
): Binding => ({ purpose, object: row.id, ...(boundToTenant ? { tenant: row.tenant_id } : {}) });
