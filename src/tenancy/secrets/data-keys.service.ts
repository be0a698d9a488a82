import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Config } from '../../config';
import { DomainError } from '../../errors';
import { newId } from '../../ids';
import { TenantDatabase } from '../tenant-database';
import { MasterKeys } from './master-keys';
import { unwrap, wrap } from './sealing';

export interface DataKey {
  readonly id: string;
  readonly key: KeyObject;
}

interface DataKeyRow {
  id: string;
  master_key_id: string;
  wrapped: Buffer;
}

/** Making a data key twice at once is excluded by this advisory lock. */
const MAKING = 7_662_813;
const COLUMNS = 'id, master_key_id, wrapped';

/**
 * The keys that seal values. They lie in the database, wrapped by a master key from the environment, and stay in this
 * process once they were opened.
 */
@Injectable()
export class DataKeys {
  private readonly opened = new Map<string, KeyObject>();
  private readonly masters: MasterKeys;

  constructor(
    private readonly database: TenantDatabase,
    config: Config,
  ) {
    this.masters = MasterKeys.parse(config.encryptionKeys);
  }

  /** Makes the first one where there is none, and proves that each can be opened. Throws ENCRYPTION_KEY_MISSING, _WRONG. */
  async ready(): Promise<void> {
    const rows = await this.database.ofNoTenant((manager) => this.all(manager));
    if (rows.length === 0) await this.database.ofNoTenant((manager) => this.makeFirst(manager));
    for (const row of rows) this.open(row);
  }

  /**
   * What to seal with, within the caller's transaction: it cannot be retired before that ends, so that a rotation, which
   * retires first and then seals anew what it finds, finds this value too.
   */
  async current(manager: EntityManager): Promise<DataKey> {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      // Empty where a rotation has just retired the one that was waited for: the next look sees its successor.
      const [row] = await manager.query<DataKeyRow[]>(
        `SELECT ${COLUMNS} FROM data_keys WHERE retired_at IS NULL FOR SHARE`,
      );
      if (row) return { id: row.id, key: this.open(row) };
      if (attempt === 1) await this.makeFirst(manager);
    }
    throw new Error('There is no current data key.');
  }

  /** Throws SECRET_UNREADABLE for a key that the database does not have. */
  async byId(id: string): Promise<KeyObject> {
    const known = this.opened.get(id);
    if (known) return known;
    const [row] = await this.database.ofNoTenant((manager) =>
      manager.query<DataKeyRow[]>(`SELECT ${COLUMNS} FROM data_keys WHERE id = $1`, [id]),
    );
    if (row) return this.open(row);
    throw new DomainError(
      'SECRET_UNREADABLE',
      `A secret is sealed with the data key ${id}, which is not in the database.`,
      {
        remedy: 'Restore the table data_keys from the same backup as the other tables.',
      },
    );
  }

  /** Wraps all that lie under another master key by the current one. Returns how many. */
  async rewrap(): Promise<number> {
    return this.database.ofNoTenant(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [MAKING]);
      const others = (await this.all(manager)).filter((row) => row.master_key_id !== this.masters.currentId);
      for (const row of others) {
        await manager.query('UPDATE data_keys SET master_key_id = $2, wrapped = $3 WHERE id = $1', [
          row.id,
          this.masters.currentId,
          wrap(this.masters.current, this.masters.currentId, row.id, this.open(row).export()),
        ]);
      }
      return others.length;
    });
  }

  /** A new current key, unless the present one is still being spread: then a rotation was cut short, and goes on. */
  async beginRotation(): Promise<{ id: string; resumed: boolean }> {
    return this.database.ofNoTenant(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [MAKING]);
      const [unfinished] = await manager.query<{ id: string }[]>(
        'SELECT id FROM data_keys WHERE retired_at IS NULL AND spread_at IS NULL',
      );
      if (unfinished) return { id: unfinished.id, resumed: true };
      // Waits for every transaction that is sealing with it.
      await manager.query('UPDATE data_keys SET retired_at = now() WHERE retired_at IS NULL');
      return { id: await this.make(manager, false), resumed: false };
    });
  }

  async endRotation(id: string): Promise<void> {
    await this.database.ofNoTenant((manager) =>
      manager.query('UPDATE data_keys SET spread_at = coalesce(spread_at, now()) WHERE id = $1', [id]),
    );
  }

  private async makeFirst(manager: EntityManager): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [MAKING]);
    const known = await manager.query<unknown[]>('SELECT 1 FROM data_keys LIMIT 1');
    if (known.length === 0) await this.make(manager, true);
  }

  private async make(manager: EntityManager, spread: boolean): Promise<string> {
    const id = newId();
    const { current, currentId } = this.masters;
    await manager.query(
      `INSERT INTO data_keys (id, master_key_id, wrapped, spread_at) VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END)`,
      [id, currentId, wrap(current, currentId, id, randomBytes(32)), spread],
    );
    return id;
  }

  private all(manager: EntityManager): Promise<DataKeyRow[]> {
    return manager.query<DataKeyRow[]>(`SELECT ${COLUMNS} FROM data_keys ORDER BY created_at, id`);
  }

  private open({ id, master_key_id: masterId, wrapped }: DataKeyRow): KeyObject {
    const known = this.opened.get(id);
    if (known) return known;
    const key = createSecretKey(this.unwrap(id, masterId, wrapped));
    this.opened.set(id, key);
    return key;
  }

  private unwrap(id: string, masterId: string, wrapped: Buffer): Buffer {
    const master = this.masters.byId(masterId);
    try {
      return unwrap(master, masterId, id, wrapped);
    } catch (error) {
      throw new DomainError(
        'ENCRYPTION_KEY_WRONG',
        `The master key "${masterId}" in MOTHBALL_ENCRYPTION_KEYS is not the one that the secrets in the database are sealed under.`,
        { cause: error, remedy: `Put the earlier key back under "${masterId}", and give a new key an id of its own.` },
      );
    }
  }
}
