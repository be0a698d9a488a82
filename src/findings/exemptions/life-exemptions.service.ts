import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { newId } from '../../ids';
import type { IdentityKind } from '../../scans/inventory';
import { OwnersService } from '../owners/owners.service';
import type { ExemptionRow } from './exemption';
import { ExemptionRecords } from './exemption-records.service';
import { daysAfter } from './exemption-terms';

export interface ShownAlive {
  /** `AIDA…`, `AROA…`, `AKIA…`. */
  readonly uniqueId: string;
  /** Null: of every kind. A password has no id of its own and is spared by its user's. */
  readonly kinds: readonly IdentityKind[] | null;
  /** The evidence, for people. */
  readonly reason: string;
  /** Whose its finding is; null: nobody's. */
  readonly ownerId: string | null;
}

/** Who is named as owner where the finding has none. */
const THE_SERVICE = 'Mothball';
const LONGEST_REASON = 1_000;

/**
 * What showed life in quarantine is left alone for a while. The service decides that by itself: it is narrow, it only
 * spares, and waiting for people would put the same identity away again. So neither a second person is asked nor the
 * longest exemption of the platform. People may end it like any other.
 */
@Injectable()
export class LifeExemptions {
  constructor(
    private readonly clock: Clock,
    private readonly owners: OwnersService,
    private readonly records: ExemptionRecords,
  ) {}

  /** In force at once, for `days`. Returns its id. */
  async spare(manager: EntityManager, tenantId: string, alive: ShownAlive, days: number): Promise<string> {
    const now = this.clock.now();
    const ownerId =
      alive.ownerId ?? (await this.owners.ensure(manager, tenantId, [THE_SERVICE])).get(THE_SERVICE) ?? null;
    const [row] = await manager.query<ExemptionRow[]>(
      `INSERT INTO exemptions (tenant_id, id, scope_kind, scope_value, tag_value, checks, kinds, accounts,
         organizational_units, reason, owner_id, state, made_by, made_by_stands_for, made_at, ends_at)
       VALUES ($1, $2, 'identity', $3, NULL, NULL, $4, NULL, NULL, $5, $6, 'in-force', $7, 'mothball', $8, $9) RETURNING *`,
      [
        ...[tenantId, newId(), alive.uniqueId, alive.kinds, alive.reason.slice(0, LONGEST_REASON), ownerId],
        ...[THE_SERVICE, now, daysAfter(now, days)],
      ],
    );
    if (!row) throw new Error('INSERT … RETURNING gave no row');
    await this.records.begin(manager, [row], now);
    return row.id;
  }
}
