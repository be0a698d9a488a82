import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { Endings } from '../endings.service';
import { DueDeliveries } from './due-deliveries.service';
import type { EndpointRun } from './endpoint-run';
import { Messages } from './messages.service';
import { type SendingEndpoint, sendingEndpoint } from './sending-endpoint';
import type { Over, Turns } from './turn';

const WHY_FORGOTTEN = 'What it speaks of is not kept any more.';

/** Takes what is due for an endpoint, as much as may go out together, and writes down that it does. */
@Injectable()
export class TurnTaking {
  constructor(
    private readonly database: TenantDatabase,
    private readonly due: DueDeliveries,
    private readonly messages: Messages,
    private readonly endings: Endings,
    private readonly clock: Clock,
  ) {}

  async take(task: RunningTask, endpointId: string, run: EndpointRun): Promise<Turns | Over> {
    const { tenantId } = task;
    return this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const endpoint = await sendingEndpoint(manager, tenantId, endpointId);
      if (!endpoint) return over(null);
      if (!run.begun) run.begin(await this.due.beginRun(manager, endpoint));
      const ended = endedAs(endpoint);
      if (ended) {
        const more = await this.endings.end(manager, { tenantId, endpointId }, ended);
        return more ? { endpoint, turns: [] } : over(null);
      }
      const nowMs = this.clock.now().getTime();
      const waits =
        endpoint.state === 'paused' || (endpoint.wait_until !== null && endpoint.wait_until.getTime() > nowMs);
      // Of one that fails one thing is tried at a time, until something is accepted.
      const room = waits ? 0 : run.room(nowMs, endpoint.per_minute, endpoint.failures > 0 ? 1 : endpoint.concurrency);
      if (room === 0) return over(waits ? null : run.pacedUntil(nowMs, endpoint.per_minute));
      return this.begin(manager, endpoint, run, room);
    });
  }

  private async begin(
    manager: EntityManager,
    endpoint: SendingEndpoint,
    run: EndpointRun,
    room: number,
  ): Promise<Turns | Over> {
    const due = await this.due.take(manager, endpoint, room);
    if (due.length === 0) return over(null);
    const messages = await this.messages.of(manager, endpoint, due);
    const mute = due.filter(({ id }) => !messages.has(id));
    await this.due.fail(manager, endpoint.tenant_id, mute, WHY_FORGOTTEN);
    const speaking = due.filter(({ id }) => messages.has(id));
    const begun = await this.due.begin(manager, endpoint.tenant_id, speaking);
    run.sent(this.clock.now().getTime(), begun.length);
    const turns = begun.flatMap(({ delivery, attemptId }) => {
      const message = messages.get(delivery.id);
      return message ? [{ attemptId, delivery, message }] : [];
    });
    return { endpoint, turns };
  }
}

const over = (notBefore: Date | null): Over => ({ over: true, notBefore });

function endedAs({ state, deleted_at: deletedAt }: SendingEndpoint): 'removed' | 'disabled' | null {
  if (deletedAt !== null) return 'removed';
  return state === 'disabled' ? 'disabled' : null;
}
