import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { badInput, DomainError } from '../../../errors';
import { newId } from '../../../ids';
import { TASKS_CHANNEL } from '../../../tasks/task-queue.service';
import { AuditLog } from '../../../tenancy/audit-log.service';
import { PLATFORM_TENANT_ID } from '../../../tenancy/tenant-database';
import { type Baseline, type BaselineWritten, noBaseline, parseBaselineDocument } from './baseline-document';
import { hashOf } from '../documents/canonical';
import type { SavedBy } from '../policy-rows';

export interface StoredBaseline {
  /** 0: the platform has not written one; nothing is limited but how long exemptions last. */
  readonly version: number;
  readonly baseline: Baseline;
  /** Who is behind it; null: nobody has written one. */
  readonly standsFor: string | null;
}

/** What binds every tenant's policies: one document of the platform's, in versions. */
@Injectable()
export class BaselineService {
  constructor(
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** The newest, from within any tenant or across them. */
  async current(manager: EntityManager): Promise<StoredBaseline> {
    const [row] = await manager.query<{ version: number; source: BaselineWritten; saved_by_stands_for: string }[]>(
      'SELECT * FROM current_baseline()',
    );
    return row
      ? { version: row.version, baseline: parseBaselineDocument(row.source), standsFor: row.saved_by_stands_for }
      : { version: 0, baseline: noBaseline, standsFor: null };
  }

  /**
   * Saves a new version, in the platform's tenant; every tenant then applies it: looser policies count as strict as it
   * is, and are judged again. The same document again changes nothing. Throws BAD_INPUT naming every bad field, CONFLICT
   * where another version than `expectedVersion` is the newest.
   */
  async save(
    manager: EntityManager,
    document: unknown,
    saved: SavedBy & { readonly expectedVersion?: number | null | undefined },
  ): Promise<StoredBaseline> {
    const baseline = parseBaselineDocument(document);
    if ((saved.note?.length ?? 0) > 1_000) throw badInput('note: must have at most 1,000 characters.');
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('baseline', 0))`);
    const before = await this.current(manager);
    const { expectedVersion } = saved;
    if (expectedVersion != null && expectedVersion !== before.version) {
      throw new DomainError(
        'CONFLICT',
        `expectedVersion: the baseline is at version ${before.version} by now. Read it again, and save on top of that.`,
      );
    }
    const hash = hashOf(baseline.source);
    if (before.version > 0 && hash === hashOf(before.baseline.source)) return before;
    const version = before.version + 1;
    const id = newId();
    await manager.query(
      `INSERT INTO baselines (tenant_id, id, version, source, hash, saved_by, saved_by_stands_for, note, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        PLATFORM_TENANT_ID,
        id,
        version,
        JSON.stringify(baseline.source),
        hash,
        saved.name,
        saved.standsFor,
        saved.note ?? null,
        this.clock.now(),
      ],
    );
    await manager.query('SELECT apply_baseline_everywhere()');
    await manager.query(`SELECT pg_notify('${TASKS_CHANNEL}', '')`);
    this.auditLog.note(manager, {
      action: 'baseline.saved',
      object: { type: 'baseline', id },
      before: { version: before.version, document: before.baseline.source },
      after: { version, document: baseline.source },
    });
    return { version, baseline, standsFor: saved.standsFor };
  }
}
