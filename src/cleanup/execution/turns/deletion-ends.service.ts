import { Injectable } from '@nestjs/common';
import { Rejudging } from '../../../findings/rejudging.service';
import type { DueItem } from '../../items/due-item';
import type { Refusal } from '../../steps';
import { ActionContexts } from '../action-contexts.service';
import type { ExecutionJob } from '../execution-job';
import { AS_EXPECTED, type TurnEnd } from '../execution-state';
import type { StepsOutcome } from '../steps/steps-outcome';
import { takenAwayBy } from './taken-away';
import { TurnRecords } from './turn-records.service';

/** How a turn of a deletion may end. */
@Injectable()
export class DeletionEnds {
  constructor(
    private readonly contexts: ActionContexts,
    private readonly records: TurnRecords,
    private readonly rejudging: Rejudging,
  ) {}

  async later(job: ExecutionJob, item: DueItem, delayMs: number, why: Refusal): Promise<TurnEnd> {
    return this.records.putOffFor(job, item, delayMs, why);
  }

  /** The inventory is told at once, so that its findings are closed without waiting for a scan. */
  async deleted(job: ExecutionJob, item: DueItem): Promise<TurnEnd> {
    await this.records.write(job, async (manager) => {
      await this.records.moveIn(manager, item, 'deleted');
      await manager.query(
        `UPDATE identities SET gone_at = $3, changed_at = $3, quarantined_at = NULL
         WHERE tenant_id = $1 AND (id = $2 OR owner_id = $2) AND gone_at IS NULL`,
        [job.tenantId, item.identity_id, job.at()],
      );
      await this.rejudging.of(manager, job.tenantId, [item.account_id]);
    });
    return AS_EXPECTED;
  }

  async notDone(job: ExecutionJob, item: DueItem, outcome: StepsOutcome): Promise<TurnEnd> {
    switch (outcome.end) {
      case 'put-off':
        return this.records.putOffFor(job, item, outcome.delayMs, outcome.refusal);
      case 'changed':
        if (outcome.refusal.code === 'KEY_MISMATCH') return this.halt(job, item, outcome.refusal);
        // The next look says what has changed, and refuses by that.
        return this.records.putOffFor(job, item, 0, outcome.refusal);
      case 'denied':
        await this.halt(job, item, deniedWhy(outcome.probe && outcome.done.length === 0, outcome.refusal));
        return { unexpected: outcome.refusal };
      case 'unexpected':
        return this.records.failed(job, item, outcome.refusal);
      default:
        throw new Error(`Deleting ended as ${outcome.end}.`);
    }
  }

  /** It stays in quarantine; what has been taken from it already is listed. */
  async halt(job: ExecutionJob, item: DueItem, why: Refusal): Promise<TurnEnd> {
    const { intended } = await this.contexts.of(job.tenantId, item, job.at());
    await this.records.halt(job, item, why, takenAwayBy(intended));
    return AS_EXPECTED;
  }
}

function deniedWhy(probe: boolean, { reason, remedy }: Refusal): Refusal {
  return probe
    ? {
        code: 'DELETION_DENIED',
        reason: `AWS refuses to have it deleted, so nothing was taken from it but its quarantine. ${reason}`,
        remedy: `${remedy} Then have it restored, and propose it again.`,
      }
    : {
        code: 'DELETION_DENIED_LATER',
        reason: `AWS refused a part of its deletion after other parts were done. It is still in quarantine. ${reason}`,
        remedy: `${remedy} Then have it restored, and propose it again; or finish it by hand.`,
      };
}
