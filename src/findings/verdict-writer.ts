import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../ids';
import { Events } from '../tasks/events.service';
import type { CheckId, Severity } from './policy';

export interface VerdictRow {
  readonly identity_id: string;
  readonly check_id: CheckId;
  readonly status: 'open' | 'exempt';
  readonly severity: Severity;
  readonly why: string;
  readonly exempt_reason: string | null;
  readonly idle_since: Date | null;
  readonly idle_at_least: boolean;
}

export interface UnknownVerdict {
  readonly identity_id: string;
  readonly check_id: CheckId;
  readonly reason: string;
}

export interface JudgedAccount {
  readonly tenantId: string;
  readonly accountId: string;
  readonly at: Date;
  readonly policyName: string;
  readonly policyVersion: number;
  readonly enabledChecks: readonly CheckId[];
  /** When the last reading, one with gaps, ended; null where it had none. */
  readonly gapsAt: Date | null;
}

interface Transition {
  id: string;
  check_id: CheckId;
  identity_id: string;
  /** Null for one that is new. */
  before: 'open' | 'exempt' | 'resolved' | null;
  now: 'open' | 'exempt' | 'resolved';
}

/** Turns one account's verdicts into findings, set-based: opened, kept, resolved, reopened, exempt; an event for each change. */
@Injectable()
export class VerdictWriter {
  constructor(private readonly events: Events) {}

  async write(
    manager: EntityManager,
    account: JudgedAccount,
    verdicts: readonly VerdictRow[],
    unknown: readonly UnknownVerdict[],
  ): Promise<void> {
    await this.writeUnknown(manager, account, unknown);
    const written = await this.upsert(manager, account, verdicts);
    const resolved = await this.resolve(manager, account, verdicts);
    await this.events.record(
      manager,
      account.tenantId,
      [...written, ...resolved].flatMap((change) => {
        const type = eventType(change);
        if (type === null) return [];
        const { id, check_id: check, identity_id: identityId } = change;
        return [
          { type, objectType: 'finding', objectId: id, data: { check, identityId, accountId: account.accountId } },
        ];
      }),
    );
  }

  private async upsert(
    manager: EntityManager,
    account: JudgedAccount,
    verdicts: readonly VerdictRow[],
  ): Promise<Transition[]> {
    if (verdicts.length === 0) return [];
    const rows = verdicts.map((verdict) => ({ ...verdict, id: newId() }));
    return manager.query<Transition[]>(
      `WITH changed AS MATERIALIZED (
         SELECT r.*, f.id AS known_id, f.status AS before
         FROM jsonb_to_recordset($6::jsonb) AS r (id uuid, identity_id uuid, check_id text, status text, severity text,
           why text, exempt_reason text, idle_since timestamptz(3), idle_at_least boolean)
         LEFT JOIN findings f ON f.tenant_id = $1 AND f.account_id = $2 AND f.identity_id = r.identity_id AND f.check_id = r.check_id
         WHERE f.id IS NULL OR (f.status, f.severity, f.why, f.exempt_reason, f.idle_since, f.idle_at_least, f.policy_version)
           IS DISTINCT FROM (r.status, r.severity, r.why, r.exempt_reason, r.idle_since, r.idle_at_least, $5::int)
       ), written AS (
         INSERT INTO findings (tenant_id, id, account_id, identity_id, check_id, status, severity, why, exempt_reason,
           idle_since, idle_at_least, policy_name, policy_version, first_seen_at, changed_at)
         SELECT $1, id, $2, identity_id, check_id, status, severity, why, exempt_reason, idle_since, idle_at_least,
           $4, $5, $3, $3 FROM changed
         ON CONFLICT (tenant_id, account_id, identity_id, check_id) DO UPDATE SET status = excluded.status,
           severity = excluded.severity, why = excluded.why, exempt_reason = excluded.exempt_reason,
           idle_since = excluded.idle_since, idle_at_least = excluded.idle_at_least, policy_name = excluded.policy_name,
           policy_version = excluded.policy_version, changed_at = excluded.changed_at, resolved_at = NULL, resolution = NULL
       )
       SELECT coalesce(known_id, id) AS id, check_id, identity_id, before, status AS now FROM changed`,
      [
        account.tenantId,
        account.accountId,
        account.at,
        account.policyName,
        account.policyVersion,
        JSON.stringify(rows),
      ],
    );
  }

  /**
   * Whatever is no longer non-compliant, unless its verdict is unknown: a gap closes nothing. Credentials of a user
   * whose credentials were not read count as unknown, too. After a reading with gaps only what IAM itself was asked
   * about since, and findings of checks that were switched off.
   */
  private async resolve(
    manager: EntityManager,
    account: JudgedAccount,
    verdicts: readonly VerdictRow[],
  ): Promise<Transition[]> {
    const standing = verdicts.map(({ identity_id, check_id }) => ({ identity_id, check_id }));
    const [rows] = await manager.query<[Transition[], number]>(
      `UPDATE findings f SET status = 'resolved', resolved_at = $3, changed_at = $3,
         resolution = CASE WHEN i.gone_at IS NOT NULL THEN 'gone' WHEN f.check_id <> ALL ($5::text[]) THEN 'check-disabled'
           ELSE 'compliant' END
       FROM identities i
       WHERE f.tenant_id = $1 AND f.account_id = $2 AND f.status <> 'resolved'
         AND i.tenant_id = f.tenant_id AND i.id = f.identity_id
         AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset($4::jsonb) AS r (identity_id uuid, check_id text)
                         WHERE r.identity_id = f.identity_id AND r.check_id = f.check_id)
         AND NOT EXISTS (SELECT 1 FROM unknown_verdicts n WHERE n.tenant_id = f.tenant_id AND n.account_id = f.account_id
                         AND n.identity_id = f.identity_id AND n.check_id = f.check_id)
         AND (i.gone_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM identities o WHERE o.tenant_id = i.tenant_id
                         AND o.id = i.owner_id AND o.credentials_unknown IS NOT NULL))
         AND ($6::timestamptz IS NULL OR f.check_id <> ALL ($5::text[])
              OR EXISTS (SELECT 1 FROM identities p WHERE p.tenant_id = i.tenant_id
                         AND p.id = coalesce(i.owner_id, i.id) AND p.looked_at > $6))
       RETURNING f.id, f.check_id, f.identity_id, 'open' AS before, f.status AS now`,
      [
        account.tenantId,
        account.accountId,
        account.at,
        JSON.stringify(standing),
        account.enabledChecks,
        account.gapsAt,
      ],
    );
    return rows;
  }

  private async writeUnknown(
    manager: EntityManager,
    account: JudgedAccount,
    unknown: readonly UnknownVerdict[],
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
      [account.tenantId, account.accountId, account.at, JSON.stringify(unknown)],
    );
  }
}

function eventType({ before, now }: Transition): string | null {
  if (before === now) return null;
  if (now === 'open') return before === 'resolved' ? 'finding.reopened' : 'finding.opened';
  return now === 'exempt' ? 'finding.exempt' : 'finding.resolved';
}
