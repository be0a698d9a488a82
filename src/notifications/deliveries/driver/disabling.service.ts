import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { Events } from '../../../tasks/events.service';
import { TaskQueue } from '../../../tasks/task-queue.service';
import { tellOfDisabled } from '../deliver.definition';
import type { SendingEndpoint } from './sending-endpoint';

/** Ends an endpoint that hears nothing any more, and has its people told another way. */
@Injectable()
export class Disabling {
  constructor(
    private readonly events: Events,
    private readonly queue: TaskQueue,
    private readonly clock: Clock,
  ) {}

  /** What still waits for it is failed by its driver, which looks again after this. */
  async disable(
    manager: EntityManager,
    { tenant_id: tenantId, id, name }: SendingEndpoint,
    why: string,
  ): Promise<void> {
    await manager.query(
      `UPDATE endpoints SET state = 'disabled', state_why = $3, state_changed_at = $4, wait_until = NULL
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, why, this.clock.now()],
    );
    await this.events.record(manager, tenantId, [
      { type: 'endpoint.disabled', objectType: 'endpoint', objectId: id, data: { name, reason: why } },
    ]);
    await this.queue.enqueue(manager, { tenantId, task: tellOfDisabled, payload: { endpointId: id }, dedupeKey: id });
  }
}
