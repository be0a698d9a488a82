import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { defineTask } from '../../tasks/task-definition';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { AutomaticAgreements } from './automatic-agreements.service';

export const lapseAutomaticPlans = defineTask('lapse-automatic-plans', z.strictObject({}));

type Payload = z.infer<typeof lapseAutomaticPlans.payload>;

const request = () => ({ payload: {}, dedupeKey: 'all', priority: 'urgent' as const });

/** After a change of policies: what waits under a version that no longer holds is not begun any more. */
@Injectable()
@Handles(lapseAutomaticPlans, { on: { 'policy.applied': request } })
export class LapseAutomaticPlansTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly agreements: AutomaticAgreements,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await this.agreements.lapseOthers(manager, task.tenantId);
    });
  }
}
