import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { DomainError } from '../../errors';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { PolicySweeps } from './policy-sweeps.service';
import { sweepPolicy } from './sweep-policy.definition';

type Payload = z.infer<typeof sweepPolicy.payload>;

/** Scans the accounts that one policy decides about, by its schedule. */
@Injectable()
@Handles(sweepPolicy)
export class SweepPolicyTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly sweeps: PolicySweeps,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId, payload } = task;
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      try {
        await this.sweeps.start(manager, tenantId, payload.policy, `schedule of ${payload.policy}`);
      } catch (error) {
        // A policy without accounts, or retired a moment ago, is no failure of its schedule.
        if (!(error instanceof DomainError && ['BAD_INPUT', 'NOT_FOUND'].includes(error.code))) throw error;
      }
    });
  }
}
