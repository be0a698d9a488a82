import { randomBytes, randomInt } from 'node:crypto';
import type { Client } from 'pg';
import { newId } from '../../src/ids';
import type { Catalogue, ForeignKey } from './catalogue';
import { tenantColumnOf, tenantTables } from './rules';

export type Row = Readonly<Record<string, unknown>>;

interface Column {
  table: string;
  name: string;
  type: string;
  required: boolean;
  /** The first value of its `CHECK (… IN (…))`. */
  first: string | null;
}

/** What a type and a list of values do not tell: formats and rules over several columns. */
const SPECIAL: Readonly<Record<string, () => unknown>> = {
  'accounts.aws_account_id': () => String(randomInt(100_000_000_000, 999_999_999_999)),
  'organizations.management_account_id': () => String(randomInt(100_000_000_000, 999_999_999_999)),
  'api_tokens.hash': () => randomBytes(32),
  // One of two columns holds a value.
  'accounts.external_id_sealed': () => randomBytes(80),
  'organizations.external_id_prefix_sealed': () => randomBytes(80),
  'assignment_rules.ou_path': () => '/Workloads',
  // An account has one open scan at most.
  'scans.state': () => 'finished',
  'scans.outcome': () => 'complete',
  // The sample event has one already.
  'unpublished_events.position': () => randomInt(1_000_000, 2 ** 47),
  'deliveries.state': () => 'delivered',
  'deliveries.ended_at': () => new Date(),
};

/** Makes valid rows of any tenant table from the catalogue, with whatever they refer to. */
export class SampleRows {
  private readonly made = new Map<string, Row>();

  private constructor(
    private readonly client: Client,
    private readonly catalogue: Catalogue,
    private readonly columns: readonly Column[],
  ) {}

  /** @param client a login that row-level security does not hold, with the schema as its `search_path` */
  static async of(client: Client, catalogue: Catalogue): Promise<SampleRows> {
    const { rows } = await client.query<Column>(
      `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type,
         a.attnotnull AND NOT a.atthasdef AS required,
         (SELECT max(substring(pg_get_constraintdef(k.oid) from 'ANY \\(+ARRAY\\[''([^'']+)''')) FROM pg_constraint k
          WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]) AS first
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'mothball' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    );
    return new SampleRows(client, catalogue, rows);
  }

  /** One row in every tenant table, for this tenant; the tenant itself first. */
  async fill(tenantId: string): Promise<void> {
    await this.standing('tenants', tenantId);
    for (const { name } of tenantTables(this.catalogue)) await this.standing(name, tenantId);
  }

  /** The row that `fill` made. */
  existing(table: string, tenantId: string): Row {
    const row = this.made.get(`${table} ${tenantId}`);
    if (!row) throw new Error(`There is no sample row of ${table}.`);
    return row;
  }

  /** A further row, not inserted; everything it refers to exists. */
  async another(table: string, tenantId: string): Promise<Row> {
    const row: Record<string, unknown> = {};
    for (const column of this.columns.filter((one) => one.table === table)) {
      const special = SPECIAL[`${table}.${column.name}`];
      if (special) row[column.name] = special();
      else if (column.required) row[column.name] = valueOf(column);
    }
    row[tenantColumnOf(table)] = table === 'tenants' ? newId() : tenantId;
    for (const key of this.catalogue.foreignKeys.filter((one) => one.table === table)) {
      Object.assign(row, await this.reference(key, tenantId));
    }
    return row;
  }

  private async reference(key: ForeignKey, tenantId: string): Promise<Row> {
    if (key.target === 'tenants') return Object.fromEntries(key.columns.map((column) => [column, tenantId]));
    const target = await this.standing(key.target, tenantId);
    return Object.fromEntries(key.columns.map((column, place) => [column, target[key.targetColumns[place] ?? '']]));
  }

  private async standing(table: string, tenantId: string): Promise<Row> {
    const key = `${table} ${tenantId}`;
    const known = this.made.get(key);
    if (known) return known;
    const row = { ...(await this.another(table, tenantId)), [tenantColumnOf(table)]: tenantId };
    const { text, values } = insertion(table, row);
    await this.client.query(text, values);
    this.made.set(key, row);
    return row;
  }
}

export function insertion(table: string, row: Row): { text: string; values: unknown[] } {
  const names = Object.keys(row);
  const places = names.map((_, place) => `$${place + 1}`);
  return {
    text: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`,
    values: Object.values(row),
  };
}

function valueOf({ table, name, type, first }: Column): unknown {
  switch (type) {
    case 'uuid':
      return newId();
    case 'text':
      return first ?? `${name} ${newId().slice(-12)}`;
    case 'boolean':
      return false;
    case 'smallint':
    case 'integer':
    case 'bigint':
      return 1;
    case 'jsonb':
    case 'uuid[]':
    case 'text[]':
      return '{}';
    case 'bytea':
      return randomBytes(32);
    default:
      if (type.startsWith('timestamp')) return new Date();
      throw new Error(`Say in SPECIAL what ${table}.${name} of type ${type} is to hold.`);
  }
}
