import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Events } from '../tasks/events.service';
import type { FindingStatus } from './finding';
import { OwnersService } from './owners/owners.service';
import { Transitions } from './transitions.service';
import type { JudgedAccount, Resolution, Standing, VerdictRow } from './verdicts';

interface WrittenRow extends VerdictRow {
  readonly id: string;
  readonly owner_id: string | null;
}

/** Turns one account's verdicts into findings, set-based: opened, kept, resolved, reopened, exempt; an event for each change. */
@Injectable()
export class VerdictWriter {
  constructor(
    private readonly events: Events,
    private readonly transitions: Transitions,
    private readonly owners: OwnersService,
  ) {}

  async write(manager: EntityManager, judged: JudgedAccount): Promise<void> {
    const { tenantId, accountId } = judged;
    const names = new Set(judged.verdicts.flatMap(({ owner }) => owner ?? []));
    const ownerIds = await this.owners.ensure(manager, tenantId, [...names]);
    const { standing, resolved } = await this.transitions.of(manager, judged, ownerIds);
    await this.writeUnknown(manager, judged);
    await this.writeStanding(manager, judged, standing, ownerIds);
    await this.resolve(manager, judged, resolved);
    await this.events.record(
      manager,
      tenantId,
      [...standing.map((one) => ({ ...one, now: one.verdict.status })), ...resolved.map(toResolved)].flatMap(
        (change) => {
          const type = eventType(change.before, change.now);
          if (type === null) return [];
          const { id, checkId: check, identityId } = change;
          return [{ type, objectType: 'finding', objectId: id, data: { check, identityId, accountId } }];
        },
      ),
    );
  }

  private async writeStanding(
    manager: EntityManager,
    { tenantId, accountId, at }: JudgedAccount,
    standing: readonly Standing[],
    ownerIds: ReadonlyMap<string, string>,
  ): Promise<void> {
    if (standing.length === 0) return;
    const rows = standing.map(({ id, verdict }): WrittenRow => {
      const { owner } = verdict;
      return { ...verdict, id, owner_id: owner === null ? null : (ownerIds.get(owner) ?? null) };
    });
    await manager.query(
      `INSERT INTO findings (tenant_id, id, account_id, identity_id, check_id, status, severity, why, exempt_reason,
         exemption_id, owner_id, idle_since, idle_at_least, policy_name, policy_version, first_seen_at, changed_at)
       SELECT $1, id, $2, identity_id, check_id, status, severity, why, exempt_reason, exemption_id, owner_id, idle_since,
         idle_at_least, policy_name, policy_version, $3, $3
       FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, identity_id uuid, check_id text, status text, severity text,
         why text, exempt_reason text, exemption_id uuid, owner_id uuid, idle_since timestamptz(3), idle_at_least boolean,
         policy_name text, policy_version int)
       ON CONFLICT (tenant_id, account_id, identity_id, check_id) DO UPDATE SET status = excluded.status,
         severity = excluded.severity, why = excluded.why, exempt_reason = excluded.exempt_reason,
         exemption_id = excluded.exemption_id, owner_id = excluded.owner_id,
         idle_since = excluded.idle_since, idle_at_least = excluded.idle_at_least, policy_name = excluded.policy_name,
         policy_version = excluded.policy_version, changed_at = excluded.changed_at, resolved_at = NULL, resolution = NULL`,
      [tenantId, accountId, at, JSON.stringify(rows)],
    );
  }

  private async resolve(
    manager: EntityManager,
    { tenantId, at }: JudgedAccount,
    resolved: readonly Resolution[],
  ): Promise<void> {
    if (resolved.length === 0) return;
    const rows = resolved.map(({ id, resolution }) => ({ id, resolution }));
    await manager.query(
      `UPDATE findings f SET status = 'resolved', resolved_at = $2, changed_at = $2, resolution = r.resolution
       FROM jsonb_to_recordset($3::jsonb) AS r (id uuid, resolution text)
       WHERE f.tenant_id = $1 AND f.id = r.id`,
      [tenantId, at, JSON.stringify(rows)],
    );
  }

  private async writeUnknown(
    manager: EntityManager,
    { tenantId, accountId, at, unknown }: JudgedAccount,
  ): Promise<void> {
    await manager.query(
      `WITH incoming AS MATERIALIZED (
         SELECT * FROM jsonb_to_recordset($4::jsonb) AS r (identity_id uuid, check_id text, reason text)
       ), settled AS (
         DELETE FROM unknown_verdicts n WHERE n.tenant_id = $1 AND n.account_id = $2
           AND NOT EXISTS (SELECT 1 FROM incoming r WHERE r.identity_id = n.identity_id AND r.check_id = n.check_id)
       )
       INSERT INTO unknown_verdicts AS n (tenant_id, account_id, identity_id, check_id, reason, since)
       SELECT $1, $2, identity_id, check_id, reason, $3 FROM incoming
       ON CONFLICT (tenant_id, account_id, identity_id, check_id) DO UPDATE SET reason = excluded.reason
         WHERE n.reason <> excluded.reason`,
      [tenantId, accountId, at, JSON.stringify(unknown)],
    );
  }
}

const toResolved = (one: Resolution) => ({ ...one, now: 'resolved' as const });

/** What has happened to a finding that stood at `before` (null: it is new) and stands at `now`; null: nothing. */
export function eventType(before: FindingStatus | null, now: FindingStatus): string | null {
  if (before === now) return null;
  if (now === 'open') return before === 'resolved' ? 'finding.reopened' : 'finding.opened';
  return now === 'exempt' ? 'finding.exempt' : 'finding.resolved';
}
