import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { Events } from '../tasks/events.service';

interface EndedRow {
  id: string;
  check_id: string;
  identity_id: string;
  account_id: string;
}

/** Ends findings of what showed life in quarantine, with that as evidence. */
@Injectable()
export class ShownLife {
  constructor(
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Those that are not over yet, in the caller's transaction. `why`: the evidence, for people. */
  async resolve(manager: EntityManager, tenantId: string, findingIds: readonly string[], why: string): Promise<void> {
    // As judging does: one that is under way has read them as they were, and would write that back.
    await manager.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('judge ' || account_id::text, 0)) FROM (
         SELECT DISTINCT account_id FROM findings WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY account_id) a`,
      [tenantId, findingIds],
    );
    const ended = await manager.query<EndedRow[]>(
      `WITH ended AS (
         UPDATE findings SET status = 'resolved', resolution = 'showed-life', why = $3, exempt_reason = NULL,
           exemption_id = NULL, resolved_at = $4, changed_at = $4
         WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND status <> 'resolved'
         RETURNING id, check_id, identity_id, account_id
       ) SELECT * FROM ended`,
      [tenantId, findingIds, why, this.clock.now()],
    );
    await this.events.record(
      manager,
      tenantId,
      ended.map(({ id, check_id: check, identity_id: identityId, account_id: accountId }) => ({
        type: 'finding.resolved',
        objectType: 'finding',
        objectId: id,
        data: { check, identityId, accountId },
      })),
    );
  }

  /** Whose these findings are; null: nobody's. */
  async ownerOf(manager: EntityManager, tenantId: string, findingIds: readonly string[]): Promise<string | null> {
    const [row] = await manager.query<{ owner_id: string }[]>(
      `SELECT owner_id FROM findings WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND owner_id IS NOT NULL
       ORDER BY id LIMIT 1`,
      [tenantId, findingIds],
    );
    return row?.owner_id ?? null;
  }
}
