import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { accountLane, type AccountRow } from '../accounts/account';
import { Events } from '../tasks/events.service';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RecordedEvent } from '../tasks/recorded-event';
import type { RunningTask } from '../tasks/running-task';
import { defineTask } from '../tasks/task-definition';
import { TaskQueue } from '../tasks/task-queue.service';
import { TenantDatabase } from '../tenancy/tenant-database';
import { JudgingService } from './judging.service';
import { ACCOUNT_JUDGED, somePolicyActs } from './judging-events';
import { lookUpCredentials } from './look-up-credentials.definition';

export const judgeAccountTask = defineTask('judge-account', z.strictObject({ accountId: z.uuid() }));

type Payload = z.infer<typeof judgeAccountTask.payload>;

/** Short, without AWS, and what a scan was for: before the scans that still wait, however many those are. */
const requestFor = (accountId: string) => ({
  payload: { accountId },
  dedupeKey: accountId,
  priority: 'urgent' as const,
});
const ofScan = (event: RecordedEvent) => requestFor(z.uuid().parse(event.data['accountId']));
const ofAccount = (event: RecordedEvent) => requestFor(event.objectId);

/** Judges an account after each reading of it or of a part of it, and after each change of the policy. */
@Injectable()
@Handles(judgeAccountTask, {
  on: {
    'scan.completed': ofScan,
    'scan.partial': ofScan,
    'policy.applied': ofAccount,
    'identity.rechecked': ofAccount,
    'credentials.looked-up': ofAccount,
  },
})
export class JudgeAccountTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly judging: JudgingService,
    private readonly queue: TaskQueue,
    private readonly events: Events,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId } = task;
    const { accountId } = task.payload;
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const [account] = await manager.query<Pick<AccountRow, 'partition' | 'aws_account_id'>[]>(
        'SELECT partition, aws_account_id FROM accounts WHERE tenant_id = $1 AND id = $2',
        [tenantId, accountId],
      );
      // Assigned to another tenant meanwhile: its scans are judged there.
      if (!account) return;
      const lookups = await this.judging.judge(manager, tenantId, accountId);
      if (await somePolicyActs(manager, tenantId)) {
        await this.events.prompt(manager, tenantId, [
          { type: ACCOUNT_JUDGED, objectType: 'account', objectId: accountId },
        ]);
      }
      if (lookups.keyIds.length + lookups.otherCredentials.length === 0) return;
      await this.queue.enqueue(manager, {
        tenantId,
        task: lookUpCredentials,
        payload: { accountId, keyIds: [...lookups.keyIds], otherCredentials: [...lookups.otherCredentials] },
        lane: accountLane(account),
      });
    });
  }
}
