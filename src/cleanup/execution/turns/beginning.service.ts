import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { DueItem } from '../../items/due-item';
import { Items } from '../../items/items.service';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { deletionDue, NOTICE_MS } from '../../quarantine/due-times';
import { Snapshots } from '../../snapshots/snapshots.service';
import type { Refusal } from '../../steps';
import { type CapReached, Caps } from '../bounds/caps.service';
import type { ExecutionJob } from '../execution-job';
import { Rivals } from './rivals.service';

export type Begun =
  | { readonly state: 'begun'; readonly item: PlanItemRow }
  | { readonly state: 'capped'; readonly cap: CapReached }
  | { readonly state: 'refused'; readonly why: Refusal };

/** Begins an item, within the caps: from here on something of it may be changed. */
@Injectable()
export class Beginning {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: Items,
    private readonly caps: Caps,
    private readonly snapshots: Snapshots,
    private readonly rivals: Rivals,
  ) {}

  /** Why it is not begun at all, as far as our own plans tell. Asked before it is looked at: the other plan has changed it. */
  async refusal(job: ExecutionJob, item: DueItem): Promise<Refusal | null> {
    return this.database.inTenant(job.tenantId, (manager) => this.rivals.of(manager, item));
  }

  /** All of it in one transaction: counted, saved as it is now, and on its way. */
  async begin(job: ExecutionJob, item: DueItem, seen: Observed): Promise<Begun> {
    return this.capped(job, item, async (manager) => {
      const { snapshotDays } = job.rules;
      const of = { tenantId: job.tenantId, itemId: item.id, purpose: 'quarantine' as const };
      await this.snapshots.save(manager, of, seen, snapshotDays);
      const changes = { began_at: job.at(), execution_id: job.executionId, next_at: job.at() };
      return { state: 'begun', item: await this.items.move(manager, item, 'quarantining', changes) };
    });
  }

  /** What an earlier plan holds in quarantine goes on under this one, with its snapshot and its time. */
  async takeOver(job: ExecutionJob, item: DueItem, fromId: string): Promise<Begun> {
    return this.capped(job, item, async (manager) => {
      const from = await this.items.load(manager, job.tenantId, fromId);
      const held = from.stage === 'quarantined' || from.stage === 'announced' || from.stage === 'silenced';
      if (!held || from.quarantined_at === null || from.principal_id !== item.principal_id) {
        return { state: 'refused', why: quarantineOver(from) };
      }
      await this.items.move(manager, from, 'handed-over', {
        code: 'HANDED_OVER',
        reason: 'A later plan goes on with it, as far as deletion.',
        remedy: 'Nothing.',
      });
      await this.snapshots.takeOver(manager, job.tenantId, from.id, item.id);
      const due = deletionDue(item.course, from.quarantined_at, job.rules).getTime();
      const moved = await this.items.move(manager, item, from.stage, {
        began_at: job.at(),
        execution_id: job.executionId,
        quarantined_at: from.quarantined_at,
        quarantined_by: from.quarantined_by,
        silenced_at: from.silenced_at,
        // People hear of it two days before, whatever time has passed already.
        deletion_due_at: new Date(Math.max(due, job.at().getTime() + NOTICE_MS)),
        next_at: job.at(),
      });
      return { state: 'begun', item: moved };
    });
  }

  private async capped(
    job: ExecutionJob,
    item: DueItem,
    work: (manager: EntityManager) => Promise<Begun>,
  ): Promise<Begun> {
    return this.database.inTenant(job.tenantId, async (manager) => {
      await job.task.guard(manager);
      const why = (await holdAccount(manager, item)) ? await this.rivals.of(manager, item) : NOT_OURS;
      if (why) return { state: 'refused', why };
      const { rules, executionId } = job;
      const cap = await this.caps.reached(manager, item, { rules, executionId, at: job.at() });
      if (cap === null) return work(manager);
      await this.caps.putOff(manager, item, cap);
      return { state: 'capped', cap };
    });
  }
}

/**
 * Holds the account's row until the commit: it does not change hands while its first item is begun, which nobody else
 * can see yet. Not by FOR KEY SHARE: accepting a transfer changes no key. False: it has changed hands already.
 */
async function holdAccount(manager: EntityManager, item: DueItem): Promise<boolean> {
  const rows = await manager.query<object[]>(
    "SELECT 1 FROM accounts WHERE tenant_id = $1 AND id = $2 AND status = 'owned' FOR SHARE",
    [item.tenant_id, item.account_id],
  );
  return rows.length > 0;
}

const NOT_OURS: Refusal = {
  code: 'NO_ACCOUNT',
  reason: 'The account has left this tenant since its turn began.',
  remedy: 'Nothing was done. Propose it again where the account comes back and it is still a finding.',
};

const quarantineOver = (from: PlanItemRow): Refusal => ({
  code: 'QUARANTINE_OVER',
  reason: `The quarantine that this was to go on from is over: its item is ${from.stage}.`,
  remedy: 'Scan the account, and propose it again where it is still a finding.',
});
