import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Events } from '../../../tasks/events.service';
import { Handles, type TaskHandler } from '../../../tasks/handles';
import type { RunningTask } from '../../../tasks/running-task';
import { defineTask } from '../../../tasks/task-definition';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { judgedAccounts } from '../../account-facts';
import { BaselineService } from './baseline.service';
import { lockPolicies } from '../policies.service';
import { PolicyStore } from '../policy-store.service';
import { PolicyWriter } from '../policy-writer.service';

/** Also named in the database function `apply_baseline_everywhere`, which makes one for each tenant. */
export const applyBaseline = defineTask('apply-baseline', z.strictObject({}));

/** In one tenant: every account is judged by the newest baseline, and what acts by itself is asked about again. */
@Injectable()
@Handles(applyBaseline)
export class ApplyBaselineTask implements TaskHandler {
  constructor(
    private readonly database: TenantDatabase,
    private readonly baselines: BaselineService,
    private readonly store: PolicyStore,
    private readonly writer: PolicyWriter,
    private readonly events: Events,
  ) {}

  async run(task: RunningTask): Promise<void> {
    const { tenantId } = task;
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      await lockPolicies(manager, tenantId);
      const { baseline, version, standsFor } = await this.baselines.current(manager);
      const standing = await this.store.standing(manager, tenantId);
      // Whoever wrote it has changed what the tenant's policies reach, so the second person is somebody else.
      const by = { name: `baseline ${version}`, standsFor: standsFor ?? 'mothball' };
      await this.writer.settle(manager, tenantId, standing, { before: null, placed: standing, baseline, by });
      const accounts = await judgedAccounts(manager, tenantId);
      await this.events.record(
        manager,
        tenantId,
        accounts.map(({ id }) => ({
          type: 'policy.applied',
          objectType: 'account',
          objectId: id,
          data: { baseline: version },
        })),
      );
    });
  }
}
