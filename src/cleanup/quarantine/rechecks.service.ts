import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { AuditLog } from '../../tenancy/audit-log.service';
import { CleanupDue } from '../execution/cleanup-due.service';
import { Items } from '../items/items.service';
import type { Stage } from '../items/plan-item';
import { Returned } from './returned.service';

const LISTENED_TO: ReadonlySet<Stage> = new Set(['announced', 'quarantined', 'silenced', 'returning', 'halted']);
const IN_THE_MIDDLE: ReadonlySet<Stage> = new Set(['quarantining', 'deleting', 'recreating']);

/** Looks at one item now, at people's wish. Nothing is done about it that would not be done at its next look. */
@Injectable()
export class Rechecks {
  constructor(
    private readonly items: Items,
    private readonly due: CleanupDue,
    private readonly returned: Returned,
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * What is in quarantine has its next look now; anything else is read afresh by the scan role and judged again. Throws
   * NOT_FOUND, and BAD_INPUT for what is being worked on at this moment.
   */
  async request(manager: EntityManager, tenantId: string, itemId: string): Promise<void> {
    const item = await this.items.load(manager, tenantId, itemId);
    if (IN_THE_MIDDLE.has(item.stage)) {
      throw badInput('id: this item is being worked on; it is read afresh before each step anyway.');
    }
    this.auditLog.note(manager, { action: 'item.recheck-requested', object: { type: 'plan-item', id: itemId } });
    if (LISTENED_TO.has(item.stage) && item.point_of_no_return_at === null) {
      await this.items.note(manager, item, { next_at: this.clock.now() });
      await this.due.enqueue(manager, tenantId, [item.account_id]);
      return;
    }
    await this.returned.readAfresh(manager, item);
  }
}
