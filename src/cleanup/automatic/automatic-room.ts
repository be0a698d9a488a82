import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { DAY_MS } from '../../clock';
import { run } from '../../paging';
import { type Course } from '../items/plan-item';
import { KIND_OF, type Share } from '../plans/plan';
import type { CleanupRules } from '../rules/cleanup-rules';
import { capOf } from './caps';

export type Kind = Share['kind'];
export type Room = ReadonlyMap<Kind, number>;

export interface AccountOf {
  readonly tenantId: string;
  readonly accountId: string;
}

/**
 * Whoever makes plans by themselves for an account, or begins one of their items, does so one after the other: else two
 * of them would count the same room.
 */
export async function lockRoom(manager: EntityManager, accountId: string): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('automatic clean-up ' || $1::text, 0))`, [
    accountId,
  ]);
}

/** How many more of each kind policies may put away by themselves in the account now. The caller holds `lockRoom`. */
export async function roomIn(
  manager: EntityManager,
  { tenantId, accountId }: AccountOf,
  rules: CleanupRules['automatic'],
  now: Date,
): Promise<Room> {
  const identities = await run<{ kind: Kind; count: number }>(
    manager,
    sql`SELECT i.kind, count(*)::integer AS count FROM identities i
        WHERE i.tenant_id = ${tenantId} AND i.account_id = ${accountId} AND i.gone_at IS NULL GROUP BY i.kind`,
  );
  const since = new Date(now.getTime() - rules.days * DAY_MS);
  // What waits counts as well: it will be begun by itself.
  const taken = await run<{ course: Course; count: number }>(
    manager,
    sql`SELECT i.course, count(*)::integer AS count
        FROM plan_items i JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
        WHERE i.tenant_id = ${tenantId} AND i.account_id = ${accountId} AND NOT p.dry_run
          AND p.mode IN ('automatic-quarantine', 'automatic-deletion')
          AND (i.began_at > ${since}
            OR (i.stage = 'waiting' AND i.began_at IS NULL AND p.state IN ('proposed', 'approved', 'halted')))
        GROUP BY i.course`,
  );
  const room = new Map<Kind, number>();
  for (const { kind, count } of identities) room.set(kind, capOf(rules, count));
  for (const { course, count } of taken) {
    const kind = KIND_OF[course];
    room.set(kind, Math.max(0, (room.get(kind) ?? 0) - count));
  }
  return room;
}
