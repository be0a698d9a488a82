import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Schedules } from '../../../tasks/schedules.service';
import { DIGEST_PERIODS, type DigestPeriod, makeDigest } from './make-digest.definition';

/** In the morning (UTC), at a minute of its own for each tenant. */
const CRON: Readonly<Record<DigestPeriod, string>> = { daily: 'H 6 * * *', weekly: 'H 6 * * 1' };

/** When digests are made: for tenants that have an endpoint which asks for them. */
@Injectable()
export class DigestSchedules {
  constructor(private readonly schedules: Schedules) {}

  /** Makes or removes them, after endpoints have changed; in the same transaction. */
  async adjust(manager: EntityManager, tenantId: string): Promise<void> {
    const asked = await askedFor(manager, tenantId);
    for (const period of DIGEST_PERIODS) {
      if (asked.has(period)) {
        const schedule = { tenantId, task: makeDigest, payload: { period }, cron: CRON[period], subject: period };
        await this.schedules.set(manager, schedule);
      } else {
        await this.schedules.remove(manager, tenantId, makeDigest.kind, period);
      }
    }
  }
}

/** What some endpoint of the tenant wants to hear. */
export async function askedFor(manager: EntityManager, tenantId: string): Promise<ReadonlySet<DigestPeriod>> {
  const rows = await manager.query<{ sends: string }[]>(
    'SELECT DISTINCT sends FROM endpoints WHERE tenant_id = $1 AND deleted_at IS NULL',
    [tenantId],
  );
  const sends = new Set(rows.map((row) => row.sends));
  return new Set(DIGEST_PERIODS.filter((period) => sends.has(`${period}-digest`)));
}
