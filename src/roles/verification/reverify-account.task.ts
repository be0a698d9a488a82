import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { accountLane } from '../../accounts/account';
import { PARTITIONS } from '../../aws/partitions';
import { DomainError } from '../../errors';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RecordedEvent } from '../../tasks/recorded-event';
import type { RunningTask } from '../../tasks/running-task';
import type { TaskRequest } from '../../tasks/task-definition';
import { reverifyAccount } from './reverification.definitions';
import { Reverification } from './reverification.service';

const REFUSALS: ReadonlySet<string> = new Set(['AWS_ROLE_NOT_ASSUMABLE', 'AWS_ACCESS_DENIED']);

type Payload = z.infer<typeof reverifyAccount.payload>;

const failedScan = z.object({
  accountId: z.uuid(),
  partition: z.enum(PARTITIONS),
  awsAccountId: z.string(),
  accessLost: z.boolean(),
  code: z.string().nullable(),
});

/** A scan that was not let in says that access may be lost. Where that is known, looking every day is enough. */
function ofFailedScan({ data }: RecordedEvent): TaskRequest<Payload> | null {
  const { accountId, partition, awsAccountId, accessLost, code } = failedScan.parse(data);
  if (accessLost || code === null || !REFUSALS.has(code)) return null;
  const lane = accountLane({ partition, aws_account_id: awsAccountId });
  return { payload: { accountId }, lane, dedupeKey: accountId };
}

/**
 * Looks whether an account can still be read, and what its roles may do by now: every day, and at once when a scan was
 * refused. Shares the account's lane.
 */
@Injectable()
@Handles(reverifyAccount, { attempts: 3, on: { 'scan.failed': ofFailedScan } })
export class ReverifyAccountTask implements TaskHandler<Payload> {
  constructor(private readonly reverification: Reverification) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    try {
      await this.reverification.verify(task, task.payload.accountId);
    } catch (error) {
      // Handed to another tenant since the morning: there it has a task of its own.
      if (error instanceof DomainError && error.code === 'NOT_FOUND') return;
      throw error;
    }
  }
}
