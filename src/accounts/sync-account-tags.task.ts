import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { defineTask } from '../tasks/task-definition';
import { TenantDatabase } from '../tenancy/tenant-database';
import { AssignmentsService } from './assignments.service';
import { OrganizationDoor } from './organization-door';
import { type AccountTags, collectAccountTags } from './organization.collector';

export const syncAccountTags = defineTask('sync-account-tags', z.strictObject({ organizationId: z.uuid() }));

type Payload = z.infer<typeof syncAccountTags.payload>;

/** As many as AWS gives in two minutes or so. */
const BATCH = 500;

/** Reads the accounts' tags after each sync, which does not wait for them, and lets the rules by tag place accounts. */
@Injectable()
@Handles(syncAccountTags, {
  on: {
    'organization.synced': (event) => ({
      payload: { organizationId: event.objectId },
      dedupeKey: event.objectId,
      priority: 'background',
    }),
  },
})
export class SyncAccountTagsTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly door: OrganizationDoor,
    private readonly assignments: AssignmentsService,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { organization, access } = await this.door.open(task, task.payload.organizationId);
    try {
      await access.connect();
      let batch: AccountTags[] = [];
      for await (const account of collectAccountTags(access)) {
        batch.push(account);
        if (batch.length < BATCH) continue;
        await this.write(task, batch);
        batch = [];
      }
      await this.write(task, batch);
    } finally {
      access.close();
    }
    await this.assignments.applyRules(organization.id);
  }

  private async write(task: RunningTask<Payload>, batch: readonly AccountTags[]): Promise<void> {
    const rows = batch.map(({ awsAccountId, tags }) => ({ aws_account_id: awsAccountId, tags }));
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await manager.query('SELECT update_account_tags($1, $2::jsonb)', [
        task.payload.organizationId,
        JSON.stringify(rows),
      ]);
    });
  }
}
