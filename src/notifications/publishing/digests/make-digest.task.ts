import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { Clock, DAY_MS } from '../../../clock';
import { Events } from '../../../tasks/events.service';
import { Handles, type TaskHandler } from '../../../tasks/handles';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { DigestData } from '../../catalogue/events/digest.events';
import { type Said, text } from '../../catalogue/said';
import { type CheckCounts, countFindings, countWaiting, type Span } from './digest-counts';
import { askedFor } from './digest-schedules.service';
import { type DigestPeriod, makeDigest } from './make-digest.definition';

type Payload = z.infer<typeof makeDigest.payload>;

const DAYS: Readonly<Record<DigestPeriod, number>> = { daily: 1, weekly: 7 };

/** Sums up what has happened since the last digest, as an event: endpoints that ask for digests hear of nothing else. */
@Injectable()
@Handles(makeDigest)
export class MakeDigestTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId } = task;
    const { period } = task.payload;
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      if (!(await askedFor(manager, tenantId)).has(period)) return;
      const data = await this.sumUp(manager, tenantId, period);
      await this.events.record(manager, tenantId, [
        { type: `digest.${period}`, objectType: 'tenant', objectId: tenantId, data },
      ]);
    });
  }

  private async sumUp(
    manager: EntityManager,
    tenantId: string,
    period: DigestPeriod,
  ): Promise<DigestData & { untilSeq: string }> {
    const now = this.clock.now();
    const last = await lastDigest(manager, tenantId, period);
    const from = text(last, 'to') ?? new Date(now.getTime() - DAYS[period] * DAY_MS).toISOString();
    const span = await spanOf(manager, tenantId, last, from);
    const checks = await countFindings(manager, tenantId, span);
    return {
      ...{ from, to: now.toISOString(), findings: sum(checks), checks },
      ...(await countWaiting(manager, tenantId, now)),
      untilSeq: span.untilSeq,
    };
  }
}

/** Where the one before ended: what is published while a digest is made is in the next one, not in both or none. */
async function lastDigest(manager: EntityManager, tenantId: string, period: DigestPeriod): Promise<Said> {
  const [row] = await manager.query<{ data: Said }[]>(
    'SELECT data FROM events WHERE tenant_id = $1 AND type = $2 ORDER BY id DESC LIMIT 1',
    [tenantId, `digest.${period}`],
  );
  return row?.data ?? {};
}

async function spanOf(manager: EntityManager, tenantId: string, last: Said, from: string): Promise<Span> {
  const [row] = await manager.query<{ until: string; after: string }[]>(
    `SELECT p.last_seq AS until, coalesce($3::bigint, (
       SELECT min(e.seq) - 1 FROM published_events e WHERE e.tenant_id = $1 AND e.published_at > $2), p.last_seq) AS after
     FROM publishing p WHERE p.tenant_id = $1`,
    [tenantId, from, text(last, 'untilSeq')],
  );
  return { afterSeq: row?.after ?? '0', untilSeq: row?.until ?? '0' };
}

const sum = (checks: readonly CheckCounts[]): DigestData['findings'] => ({
  opened: checks.reduce((all, { opened }) => all + opened, 0),
  resolved: checks.reduce((all, { resolved }) => all + resolved, 0),
  open: checks.reduce((all, { open }) => all + open, 0),
});
