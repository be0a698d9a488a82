import { Injectable } from '@nestjs/common';
import { HOUR_MS } from '../../clock';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ExecutionJob } from '../execution/execution-job';
import { Items } from '../items/items.service';
import type { PlanItemRow } from '../items/plan-item';
import type { Refusal } from '../steps';
import { retryAfterUnknown, UNKNOWN_FOR_MS } from './due-times';
import { Returned } from './returned.service';

/** What is written down of looks that do not lead on. */
@Injectable()
export class Watched {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly returned: Returned,
  ) {}

  /** People took it out of quarantine themselves, or it is gone. The plan goes on. */
  async drop(job: ExecutionJob, item: PlanItemRow, why: Refusal): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.move(manager, item, 'dropped', { ...why, watched_at: job.at(), unknown_since: null });
      await this.returned.after(manager, item);
    });
  }

  /** It stays in quarantine until people decide, and is listened to meanwhile. */
  async halt(job: ExecutionJob, item: PlanItemRow, why: Refusal): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const changes = { ...why, watched_at: job.at(), unknown_since: null, next_at: this.nextLook(job) };
      await this.items.move(manager, item, 'halted', changes);
    });
  }

  /** Nothing is deleted on what is not known: looked at again soon, and after three days of that people are asked. */
  async unanswered(job: ExecutionJob, item: PlanItemRow, reason: string): Promise<void> {
    const at = job.at();
    const since = item.unknown_since ?? at;
    const unknown = { unknown_since: since, next_at: retryAfterUnknown(since, at) };
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      if (item.stage === 'halted' || at.getTime() - since.getTime() < UNKNOWN_FOR_MS) {
        await this.items.note(manager, item, unknown);
        return;
      }
      await this.items.move(manager, item, 'halted', {
        ...unknown,
        code: 'UNKNOWN',
        reason: `Whether it is in use could not be learnt for three days, so it is not deleted. The last answer: ${reason}`,
        remedy:
          'Let the clean-up role read it and its service-last-accessed data; or have it restored, or finish its deletion by hand.',
      });
    });
  }

  /** Its deletion halted half way: there is nothing that a look could lead to. */
  async rest(job: ExecutionJob, item: PlanItemRow): Promise<void> {
    await this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      await this.items.note(manager, item, { next_at: null });
    });
  }

  private nextLook(job: ExecutionJob): Date {
    return new Date(job.at().getTime() + job.rules.watchEveryHours * HOUR_MS);
  }
}
