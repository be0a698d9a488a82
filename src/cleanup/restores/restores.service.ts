import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { accountLane } from '../../accounts/account';
import { Clock } from '../../clock';
import { badInput, DomainError, notFound } from '../../errors';
import { run } from '../../paging';
import { Events } from '../../tasks/events.service';
import { TaskQueue } from '../../tasks/task-queue.service';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { Principal } from '../../tenancy/principal';
import { BEYOND_RETURN } from '../decisions/item-stops';
import { CleanupDue } from '../execution/cleanup-due.service';
import { idsOf } from '../items/item-ids';
import { Items } from '../items/items.service';
import type { Refusal } from '../steps';
import { type Restorable, wayBack } from './restorable';
import { restoreItems } from './restore-items.definition';

/** What a request has set going; what was under way already is in neither. */
export interface RestoreRequested {
  /** Items that are given back from quarantine. */
  readonly returning: readonly string[];
  /** Items whose user or role is made again. */
  readonly recreating: readonly string[];
}

const MOST = 500;

/** What is written of a request besides the items themselves. */
@Injectable()
export class RestoreRecords {
  constructor(
    private readonly events: Events,
    private readonly auditLog: AuditLog,
  ) {}

  async note(
    manager: EntityManager,
    tenantId: string,
    items: readonly Restorable[],
    { name }: Pick<Principal, 'name'>,
  ): Promise<void> {
    for (const { id, stage, name: identity, aws_account_id: awsAccountId, principal_id: uniqueId } of items) {
      const after = { identity, uniqueId, awsAccountId };
      const object = { type: 'plan-item', id };
      this.auditLog.note(manager, { action: 'restore.requested', object, before: { stage }, after });
    }
    await this.events.record(
      manager,
      tenantId,
      items.map((item) => ({
        type: 'restore.requested',
        objectType: 'plan-item',
        objectId: item.id,
        data: { ...idsOf(item), by: name },
      })),
    );
  }
}

/** People want something back. Bound to no pause, window, cap or state of a plan. */
@Injectable()
export class Restores {
  constructor(
    private readonly items: Items,
    private readonly clock: Clock,
    private readonly requested: RestoreRecords,
    private readonly due: CleanupDue,
    private readonly queue: TaskQueue,
  ) {}

  /**
   * All of them, or none. Throws BAD_INPUT for an empty or too long list, NOT_FOUND, and for the first that cannot come
   * back an error with the reason and the remedy: NO_SNAPSHOT, NO_RESTORE_ROLE, NEVER_COMES_BACK …
   */
  async request(
    manager: EntityManager,
    tenantId: string,
    itemIds: readonly string[],
    by: Pick<Principal, 'name'>,
  ): Promise<RestoreRequested> {
    const items = await restorables(manager, tenantId, itemIds, { hold: true });
    const ways = items.map((item) => ({ item, way: wayBack(item) }));
    for (const { way } of ways) if (way.way === 'none') throw refused(way.why);
    const returning = ways.filter(({ way }) => way.way === 'give-back').map(({ item }) => item);
    const recreating = ways.filter(({ way }) => way.way === 'make-again').map(({ item }) => item);
    for (const item of returning) await this.move(manager, item, 'returning', by);
    for (const item of recreating) await this.move(manager, item, 'recreating', by);
    await this.requested.note(manager, tenantId, [...returning, ...recreating], by);
    await this.due.enqueue(manager, tenantId, accountsOf(returning));
    await this.enqueue(manager, tenantId, recreating);
    return { returning: returning.map(({ id }) => id), recreating: recreating.map(({ id }) => id) };
  }

  private async move(
    manager: EntityManager,
    item: Restorable,
    stage: 'returning' | 'recreating',
    by: Pick<Principal, 'name'>,
  ): Promise<void> {
    const why = { code: 'ASKED_FOR', reason: `${by.name} asked for it back.`, remedy: null };
    try {
      await this.items.move(manager, item, stage, { ...why, next_at: this.clock.now() });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION)) throw error;
      throw refused({
        code: 'IN_ANOTHER_PLAN',
        reason: `Another plan is working on ${item.name} in account ${item.aws_account_id} at the moment.`,
        remedy: 'Restore the item of that plan first, or cancel that plan.',
      });
    }
  }

  private async enqueue(manager: EntityManager, tenantId: string, items: readonly Restorable[]): Promise<void> {
    const accounts = new Map(items.map((item) => [item.account_id, item]));
    await this.queue.enqueueMany(
      manager,
      [...accounts].map(([accountId, item]) => ({
        tenantId,
        task: restoreItems,
        payload: { accountId },
        lane: accountLane(item),
        dedupeKey: accountId,
        whenRunning: 'again' as const,
        priority: 'urgent' as const,
      })),
    );
  }
}

/** The items, in the order of their ids; `hold`: until the commit. Throws BAD_INPUT and NOT_FOUND. */
export async function restorables(
  manager: EntityManager,
  tenantId: string,
  itemIds: readonly string[],
  { hold }: { readonly hold: boolean },
): Promise<Restorable[]> {
  const ids = [...new Set(itemIds)];
  if (ids.length === 0) throw badInput('itemIds: the list is empty; name the items that are to come back.');
  if (ids.length > MOST) throw badInput(`itemIds: must name at most ${MOST}; ask for the rest afterwards.`);
  if (hold) {
    await run(
      manager,
      sql`SELECT 1 FROM plan_items WHERE tenant_id = ${tenantId} AND id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE`,
    );
  }
  const items = await run<Restorable>(
    manager,
    sql`SELECT i.*, ${BEYOND_RETURN} AS beyond_return,
          EXISTS (SELECT 1 FROM snapshots s WHERE s.tenant_id = i.tenant_id AND s.item_id = i.id
            AND s.purpose = 'quarantine') AS has_snapshot,
          coalesce((SELECT a.restore_role_arn IS NOT NULL FROM accounts a
            WHERE a.tenant_id = i.tenant_id AND a.id = i.account_id), false) AS has_restore_role
        FROM plan_items i WHERE i.tenant_id = ${tenantId} AND i.id = ANY (${ids}::uuid[]) ORDER BY i.id`,
  );
  if (items.length < ids.length) throw notFound('itemIds: one of the items');
  return items;
}

const UNIQUE_VIOLATION = '23505';

const accountsOf = (items: readonly Restorable[]): string[] => [
  ...new Set(items.map(({ account_id: accountId }) => accountId)),
];

const refused = ({ code, reason, remedy }: Refusal): DomainError => new DomainError(code, reason, { remedy });
