import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { DomainError } from '../../errors';
import { newId } from '../../ids';
import { bindingOf, SNAPSHOT_CONTENT } from '../../tenancy/secrets/sealed-columns';
import { Secrets } from '../../tenancy/secrets/secrets.service';
import type { Observed } from '../observed';
import { readSnapshot, writeSnapshot } from './snapshot-content';

/** `quarantine`: as it was before it was touched at all. `deletion`: as it was just before its deletion began. */
export type SnapshotPurpose = 'quarantine' | 'deletion';

export interface SnapshotOf {
  readonly tenantId: string;
  readonly itemId: string;
  readonly purpose: SnapshotPurpose;
}

interface SnapshotRow {
  tenant_id: string;
  id: string;
  content_sealed: Buffer;
  content_hash: string;
  keep_days: number;
}

const COLUMNS = 'tenant_id, id, content_sealed, content_hash, keep_days';

/**
 * All that AWS told of an identity just before it was touched: what brings it back. Sealed, since policies and tags are
 * the tenant's own affair. Kept while its item is being worked on and so many days after that; pruning ends it then.
 */
@Injectable()
export class Snapshots {
  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps what was seen, in the caller's transaction, before the first request is sent. The first one of each purpose
   * counts: a later one, after an interruption, would show what the service itself has done meanwhile.
   */
  async save(manager: EntityManager, of: SnapshotOf, seen: Observed, snapshotDays: number): Promise<void> {
    const id = newId();
    const content = writeSnapshot(seen);
    const sealed = await this.secrets.seal(
      manager,
      bindingOf(SNAPSHOT_CONTENT, { tenant_id: of.tenantId, id }),
      content,
    );
    await manager.query(
      `INSERT INTO snapshots (tenant_id, id, item_id, taken_at, keep_days, purpose, content_hash, content_sealed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, item_id, purpose) DO NOTHING`,
      [of.tenantId, id, of.itemId, this.clock.now(), snapshotDays, of.purpose, hashOf(content), sealed],
    );
  }

  /** Null: there is none, or it was pruned. Throws SNAPSHOT_UNREADABLE for one whose key is lost, or that was changed. */
  async load(manager: EntityManager, of: Omit<SnapshotOf, 'purpose'>): Promise<Observed | null> {
    return this.loadFor(manager, { ...of, purpose: 'quarantine' });
  }

  /** The same, and null for one that nobody can read: for what only wants to know what is in it. */
  async loadReadable(manager: EntityManager, of: Omit<SnapshotOf, 'purpose'>): Promise<Observed | null> {
    try {
      return await this.load(manager, of);
    } catch (error) {
      if (isSnapshotError(error)) return null;
      throw error;
    }
  }

  async loadFor(manager: EntityManager, of: SnapshotOf): Promise<Observed | null> {
    const row = await this.row(manager, of);
    return row && readSnapshot(await this.open(row));
  }

  /** What the earlier item saw before it was touched becomes that of the item that goes on with it. */
  async takeOver(manager: EntityManager, tenantId: string, fromItemId: string, itemId: string): Promise<void> {
    const row = await this.row(manager, { tenantId, itemId: fromItemId, purpose: 'quarantine' });
    if (!row) return;
    const seen = readSnapshot(await this.open(row));
    await this.save(manager, { tenantId, itemId, purpose: 'quarantine' }, seen, row.keep_days);
  }

  /** Of which items something is still kept. */
  async keptOf(manager: EntityManager, tenantId: string, itemIds: readonly string[]): Promise<Set<string>> {
    const rows = await manager.query<{ item_id: string }[]>(
      `SELECT item_id FROM snapshots WHERE tenant_id = $1 AND item_id = ANY ($2::uuid[]) AND purpose = 'quarantine'`,
      [tenantId, itemIds],
    );
    return new Set(rows.map(({ item_id: id }) => id));
  }

  private async row(manager: EntityManager, of: SnapshotOf): Promise<SnapshotRow | null> {
    const [row] = await manager.query<SnapshotRow[]>(
      `SELECT ${COLUMNS} FROM snapshots WHERE tenant_id = $1 AND item_id = $2 AND purpose = $3`,
      [of.tenantId, of.itemId, of.purpose],
    );
    return row ?? null;
  }

  private async open(row: SnapshotRow): Promise<string> {
    try {
      const content = await this.secrets.open(bindingOf(SNAPSHOT_CONTENT, row), row.content_sealed);
      if (hashOf(content) === row.content_hash) return content;
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'SECRET_UNREADABLE')) throw error;
      throw unreadable(error);
    }
    throw unreadable();
  }
}

const unreadable = (cause?: unknown): DomainError =>
  new DomainError(
    'SNAPSHOT_UNREADABLE',
    'What was saved of it before it was touched cannot be read: its key is lost, or it was changed in the database.',
    {
      cause,
      remedy: 'Restore the tables snapshots and data_keys from a backup, then recheck it; or do the rest by hand.',
    },
  );

/** Nothing is deleted or given back by what was saved, where that is not there any more. */
export const snapshotMissing = (): DomainError =>
  new DomainError('SNAPSHOT_MISSING', 'What was saved of it before it was touched is missing in the database.', {
    remedy: 'Restore the table snapshots from a backup, then recheck it; or do the rest by hand.',
  });

export const isSnapshotError = (error: unknown): boolean =>
  error instanceof DomainError && (error.code === 'SNAPSHOT_UNREADABLE' || error.code === 'SNAPSHOT_MISSING');

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');
