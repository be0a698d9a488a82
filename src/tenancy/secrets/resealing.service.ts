import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../audit-log.service';
import { CrossTenantDatabase } from '../cross-tenant-database';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenant-database';
import { DataKeys } from './data-keys.service';
import { bindingOf, type SealedColumn, sealedColumns } from './sealed-columns';
import { sealedWithAnother } from './sealing';
import { Secrets } from './secrets.service';

export interface Rotation {
  /** The data key that everything is sealed with now. */
  readonly dataKey: string;
  /** Whether an earlier run had begun it. */
  readonly resumed: boolean;
  /** Data keys that were put under another master key. */
  readonly rewrapped: number;
  /** Values that this run sealed anew, by table and column. */
  readonly resealed: Readonly<Record<string, number>>;
  /** Values that could not be opened, as `table id`; they were left as they are. */
  readonly unreadable: readonly string[];
}

interface Batch {
  readonly changed: number;
  readonly unreadable: readonly string[];
  /** Where the next one begins; null: this was the last. */
  readonly after: string | null;
}

interface SealedRow {
  tenant_id: string;
  id: string;
  value: Buffer;
}

const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000';
/** A row that goes to a tenant that was done already is found by the next pass. */
const PASSES = 5;

const nameOf = ({ table, column }: SealedColumn): string => `${table}.${column}`;

/** Seals what is there anew: in batches, each a transaction, so that it can be cut short anywhere and go on later. */
@Injectable()
export class Resealing {
  private readonly logger = new Logger(Resealing.name);

  constructor(
    private readonly database: TenantDatabase,
    private readonly everyTenant: CrossTenantDatabase,
    private readonly keys: DataKeys,
    private readonly secrets: Secrets,
    private readonly auditLog: AuditLog,
  ) {}

  /** Seals what earlier releases left in plain text. Returns how many values. */
  async sealPlain(): Promise<number> {
    let sealed = 0;
    for (const column of sealedColumns) {
      const { table, plain } = column;
      if (plain === null) continue;
      const tenants = await this.everyTenant.acrossTenants('platform', 'secrets in plain text', (manager) =>
        manager.query<{ id: string }[]>(`SELECT DISTINCT tenant_id AS id FROM ${table} WHERE ${plain} IS NOT NULL`),
      );
      for (const { id: tenantId } of tenants) {
        let changed: number;
        do {
          changed = await this.database.inTenant(tenantId, (manager) =>
            this.sealPlainBatch(manager, tenantId, column, plain),
          );
          sealed += changed;
        } while (changed === column.batch);
      }
    }
    if (sealed > 0) this.logger.warn(`${sealed} secrets that lay in plain text are sealed now.`);
    return sealed;
  }

  /**
   * A new data key, everything sealed anew with it, and all data keys under the current master key. Safe beside running
   * processes and beside itself; one that was cut short goes on where it was. `tell` hears the values done so far.
   */
  async rotate(tell: (resealed: number) => void = () => {}): Promise<Rotation> {
    const rewrapped = await this.keys.rewrap();
    const { id: dataKey, resumed } = await this.keys.beginRotation();
    const resealed: Record<string, number> = {};
    const unreadable = new Set<string>();
    await this.sealPlain();
    let sum = 0;
    for (let pass = 1, before = -1; pass <= PASSES && sum !== before; pass += 1) {
      before = sum;
      for (const { tenantId, column } of await this.places()) {
        await this.resealColumn(tenantId, column, dataKey, (batch) => {
          resealed[nameOf(column)] = (resealed[nameOf(column)] ?? 0) + batch.changed;
          for (const id of batch.unreadable) unreadable.add(`${column.table} ${id}`);
          sum += batch.changed;
          if (batch.changed > 0) tell(sum);
        });
      }
    }
    await this.keys.endRotation(dataKey);
    const rotation = { dataKey, resumed, rewrapped, resealed, unreadable: [...unreadable] };
    await this.database.inTenant(PLATFORM_TENANT_ID, async (manager) => {
      this.auditLog.note(manager, {
        action: 'secrets.rotated',
        object: { type: 'data-key', id: dataKey },
        after: { resumed, rewrapped, resealed, unreadable: unreadable.size },
      });
    });
    return rotation;
  }

  private async places(): Promise<{ tenantId: string; column: SealedColumn }[]> {
    const tenants = await this.everyTenant.acrossTenants(
      'platform',
      'tenants whose secrets are sealed anew',
      (manager) => manager.query<{ id: string }[]>('SELECT id FROM tenants ORDER BY id'),
    );
    return sealedColumns.flatMap((column) => tenants.map(({ id }) => ({ tenantId: id, column })));
  }

  private async resealColumn(
    tenantId: string,
    column: SealedColumn,
    dataKey: string,
    tell: (batch: Batch) => void,
  ): Promise<void> {
    for (let after: string | null = BEFORE_ALL_IDS; after !== null;) {
      const from: string = after;
      const batch: Batch = await this.database.inTenant(tenantId, (manager) =>
        this.resealBatch(manager, tenantId, column, { dataKey, from }),
      );
      tell(batch);
      after = batch.after;
    }
  }

  private async resealBatch(
    manager: EntityManager,
    tenantId: string,
    column: SealedColumn,
    { dataKey, from }: { readonly dataKey: string; readonly from: string },
  ): Promise<Batch> {
    const name = column.column;
    const rows = await manager.query<SealedRow[]>(
      `SELECT tenant_id, id, ${name} AS value FROM ${column.table}
       WHERE tenant_id = $1 AND id > $2 AND ${name} IS NOT NULL AND ${sealedWithAnother(name, '$3')}
       ORDER BY id LIMIT ${column.batch} FOR UPDATE`,
      [tenantId, from, dataKey],
    );
    const seal = await this.secrets.sealer(manager);
    const done: { id: string; value: Buffer }[] = [];
    const unreadable: string[] = [];
    for (const row of rows) {
      const binding = bindingOf(column, row);
      try {
        done.push({ id: row.id, value: seal(binding, await this.secrets.openBytes(binding, row.value)) });
      } catch (error) {
        this.logger.error(`${column.table} ${row.id}: ${error instanceof Error ? error.message : String(error)}`);
        unreadable.push(row.id);
      }
    }
    await write(manager, tenantId, column, done);
    const last = rows.length < column.batch ? null : (rows.at(-1)?.id ?? null);
    return { changed: done.length, unreadable, after: last };
  }

  private async sealPlainBatch(
    manager: EntityManager,
    tenantId: string,
    column: SealedColumn,
    plain: string,
  ): Promise<number> {
    const rows = await manager.query<{ tenant_id: string; id: string; value: string }[]>(
      `SELECT tenant_id, id, ${plain} AS value FROM ${column.table}
       WHERE tenant_id = $1 AND ${plain} IS NOT NULL ORDER BY id LIMIT ${column.batch} FOR UPDATE`,
      [tenantId],
    );
    const seal = await this.secrets.sealer(manager);
    const done = rows.map((row) => ({ id: row.id, value: seal(bindingOf(column, row), row.value) }));
    await write(manager, tenantId, column, done);
    return rows.length;
  }
}

async function write(
  manager: EntityManager,
  tenantId: string,
  { table, column, plain }: SealedColumn,
  rows: readonly { readonly id: string; readonly value: Buffer }[],
): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `UPDATE ${table} t SET ${column} = r.value${plain === null ? '' : `, ${plain} = NULL`}
     FROM unnest($2::uuid[], $3::bytea[]) AS r (id, value) WHERE t.tenant_id = $1 AND t.id = r.id`,
    [tenantId, rows.map(({ id }) => id), rows.map(({ value }) => value)],
  );
}
