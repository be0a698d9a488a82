import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { Outcome } from '../../channels/channel';
import { DISABLED_AFTER_MS, endpointPauseMs, FAILING_TOGETHER_MS } from '../schedule';
import { Disabling } from './disabling.service';
import { restMs } from './outcomes.service';
import { type SendingEndpoint, sendingEndpoint } from './sending-endpoint';

/** What the endpoint as a whole makes of what became of the messages that went out together. */
@Injectable()
export class EndpointOutcomes {
  constructor(
    private readonly database: TenantDatabase,
    private readonly disabling: Disabling,
    private readonly clock: Clock,
  ) {}

  async write(task: RunningTask, sent: SendingEndpoint, outcomes: readonly Outcome[]): Promise<void> {
    const accepted = outcomes.some(({ kind }) => kind === 'accepted');
    const failed = outcomes.some(({ kind }) => kind !== 'accepted');
    if (!failed && sent.failures === 0) return;
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      const endpoint = await sendingEndpoint(manager, task.tenantId, sent.id);
      if (!endpoint || endpoint.deleted_at !== null || endpoint.state === 'disabled') return;
      // It leads elsewhere by now: what was answered at the old place says nothing of the new one.
      if (endpoint.changed_at.getTime() !== sent.changed_at.getTime()) return;
      const gone = outcomes.find((outcome) => outcome.kind === 'gone');
      if (gone) await this.disabling.disable(manager, endpoint, `It said that it is gone: ${gone.why}`);
      else if (accepted) await this.works(manager, endpoint, outcomes);
      else await this.fails(manager, endpoint, outcomes);
    });
  }

  private async works(manager: EntityManager, endpoint: SendingEndpoint, outcomes: readonly Outcome[]): Promise<void> {
    const rest = Math.max(...outcomes.map(restMs));
    await this.set(manager, endpoint, { failures: 0, since: null, last: null, waitMs: rest });
  }

  private async fails(manager: EntityManager, endpoint: SendingEndpoint, outcomes: readonly Outcome[]): Promise<void> {
    const now = this.clock.now();
    const { last_failure_at: last, failing_since: since } = endpoint;
    const goesOn = since !== null && last !== null && now.getTime() - last.getTime() <= FAILING_TOGETHER_MS;
    const failures = goesOn ? endpoint.failures + 1 : 1;
    const began = goesOn ? since : now;
    const waitMs = Math.max(endpointPauseMs(failures), ...outcomes.map(restMs));
    await this.set(manager, endpoint, { failures, since: began, last: now, waitMs });
    if (now.getTime() - began.getTime() < DISABLED_AFTER_MS) return;
    const why = outcomes.find((outcome) => outcome.kind === 'failed')?.why ?? '';
    await this.disabling.disable(manager, endpoint, `It has accepted nothing for five days. The last time: ${why}`);
  }

  private async set(
    manager: EntityManager,
    { tenant_id: tenantId, id }: SendingEndpoint,
    to: { failures: number; since: Date | null; last: Date | null; waitMs: number },
  ): Promise<void> {
    const waitUntil = to.waitMs === 0 ? null : new Date(this.clock.now().getTime() + to.waitMs);
    await manager.query(
      `UPDATE endpoints SET failures = $3, failing_since = $4, last_failure_at = $5, wait_until = $6
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, to.failures, to.since, to.last, waitUntil],
    );
  }
}
