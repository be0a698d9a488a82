import { Injectable } from '@nestjs/common';
import type { DueItem } from '../../items/due-item';
import type { Observed } from '../../observed';
import { Snapshots } from '../../snapshots/snapshots.service';
import type { ExecutionJob } from '../execution-job';
import { TurnRecords } from './turn-records.service';

/** Keeps what is there just before a deletion begins. */
@Injectable()
export class DeletionSnapshots {
  constructor(
    private readonly records: TurnRecords,
    private readonly snapshots: Snapshots,
  ) {}

  /** What an earlier run has saved counts. */
  async save(job: ExecutionJob, item: DueItem, seen: Observed): Promise<void> {
    const of = { tenantId: job.tenantId, itemId: item.id, purpose: 'deletion' as const };
    await this.records.write(job, (manager) => this.snapshots.save(manager, of, seen, job.rules.snapshotDays));
  }
}
