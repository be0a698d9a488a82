import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { Principal } from '../../tenancy/principal';
import { CleanupDue } from '../execution/cleanup-due.service';
import { Items } from '../items/items.service';
import type { PlanItemRow, Stage } from '../items/plan-item';

const GOES_ON: ReadonlySet<Stage> = new Set(['quarantining', 'announced', 'quarantined', 'silenced', 'deleting']);

const isOnTheWayThere = (stage: PlanItemRow['stage_before']): stage is Stage => stage !== null && GOES_ON.has(stage);

/** People have looked at an item that halted, and let it go on where it stopped. */
@Injectable()
export class GoingOn {
  constructor(
    private readonly items: Items,
    private readonly due: CleanupDue,
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * It is looked at afresh before anything is done, so what stopped it stops it again where it is still so. Throws
   * NOT_FOUND, and BAD_INPUT for what has not halted on its way to deletion.
   */
  async request(manager: EntityManager, tenantId: string, itemId: string, by: Pick<Principal, 'name'>): Promise<void> {
    const item = await this.items.load(manager, tenantId, itemId);
    const { stage_before: stage } = item;
    if (item.stage !== 'halted') throw badInput(`id: this item is ${item.stage}; only a halted one can go on.`);
    if (!isOnTheWayThere(stage)) {
      throw badInput('id: this item halted while it was given back; recheck it, or ask for it again with a restore.');
    }
    const before = { stage: item.stage, code: item.code, reason: item.reason };
    const object = { type: 'plan-item', id: itemId };
    this.auditLog.note(manager, { action: 'item.went-on', object, before, after: { stage } });
    await this.items.move(manager, item, stage, { next_at: this.clock.now(), unknown_since: null }, by.name);
    await this.due.enqueue(manager, tenantId, [item.account_id]);
  }
}
