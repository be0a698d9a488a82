import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../ids';
import type { FindingStatus } from './finding';
import type { CheckId } from './policy';
import type { JudgedAccount, Resolution, Standing } from './verdicts';

interface StandingRow {
  place: number;
  id: string | null;
  before: FindingStatus | null;
}

interface OverRow {
  id: string;
  identity_id: string;
  check_id: CheckId;
  before: FindingStatus;
  principal_id: string;
  gone: boolean;
  looked_since: boolean;
  in_quarantine: boolean;
}

/** What an account's judgement changes. Reads only: writing does just this, and a preview shows just this. */
@Injectable()
export class Transitions {
  /** `ownerIds`: the ids of the owners that the verdicts name; of one that is not there yet a finding has none. */
  async of(
    manager: EntityManager,
    judged: JudgedAccount,
    ownerIds: ReadonlyMap<string, string> = new Map(),
  ): Promise<{ standing: Standing[]; resolved: Resolution[] }> {
    return {
      standing: await this.standing(manager, judged, ownerIds),
      resolved: await this.resolved(manager, judged),
    };
  }

  private async standing(
    manager: EntityManager,
    { tenantId, accountId, verdicts }: JudgedAccount,
    ownerIds: ReadonlyMap<string, string>,
  ): Promise<Standing[]> {
    if (verdicts.length === 0) return [];
    const rows = verdicts.map(({ owner, ...verdict }, place) => ({
      ...verdict,
      place,
      owner_id: owner === null ? null : (ownerIds.get(owner) ?? null),
    }));
    const changed = await manager.query<StandingRow[]>(
      `SELECT r.place, f.id, f.status AS before
       FROM jsonb_to_recordset($3::jsonb) AS r (place int, identity_id uuid, check_id text, status text, severity text,
         why text, exempt_reason text, exemption_id uuid, owner_id uuid, idle_since timestamptz(3), idle_at_least boolean,
         policy_name text, policy_version int)
       LEFT JOIN findings f ON f.tenant_id = $1 AND f.account_id = $2 AND f.identity_id = r.identity_id AND f.check_id = r.check_id
       WHERE f.id IS NULL OR (f.status, f.severity, f.why, f.exempt_reason, f.exemption_id, f.owner_id, f.idle_since,
           f.idle_at_least, f.policy_name, f.policy_version)
         IS DISTINCT FROM (r.status, r.severity, r.why, r.exempt_reason, r.exemption_id, r.owner_id, r.idle_since,
           r.idle_at_least, r.policy_name, r.policy_version)
         -- What ended with a sign of life stays so, with its evidence, for as long as it is spared for that.
         AND NOT (f.id IS NOT NULL AND f.status = 'resolved' AND f.resolution = 'showed-life' AND r.status = 'exempt')`,
      [tenantId, accountId, JSON.stringify(rows)],
    );
    return changed.flatMap(({ place, id, before }) => {
      const verdict = verdicts[place];
      if (!verdict) return [];
      const { identity_id: identityId, check_id: checkId } = verdict;
      return [{ id: id ?? newId(), identityId, checkId, before, verdict }];
    });
  }

  /**
   * Whatever is no longer non-compliant, unless its verdict is unknown: a gap closes nothing. Credentials of a user
   * whose credentials were not read count as unknown, too. After a reading with gaps only what IAM itself was asked
   * about since, and findings of checks that were switched off. What clean-up holds in quarantine is not compliant by
   * that: its findings stay until it is gone or given back.
   */
  private async resolved(manager: EntityManager, judged: JudgedAccount): Promise<Resolution[]> {
    const { tenantId, accountId, verdicts, unknown, gapsAt } = judged;
    const kept = [...verdicts, ...unknown].map(({ identity_id, check_id }) => ({ identity_id, check_id }));
    const over = await manager.query<OverRow[]>(
      // Looked up one by one (OFFSET 0): before its first statistics Postgres takes a new table for empty, and would compare
      // each identity with each.
      `SELECT f.id, f.identity_id, f.check_id, f.status AS before, p.id AS principal_id, i.gone_at IS NOT NULL AS gone,
         coalesce(p.looked_at > $4, false) AS looked_since,
         i.quarantined_at IS NOT NULL OR p.quarantined_at IS NOT NULL AS in_quarantine
       FROM (
         SELECT f.id, f.identity_id, f.check_id, f.status FROM findings f
         WHERE f.tenant_id = $1 AND f.account_id = $2 AND f.status <> 'resolved'
           AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset($3::jsonb) AS r (identity_id uuid, check_id text)
                           WHERE r.identity_id = f.identity_id AND r.check_id = f.check_id)
         OFFSET 0
       ) f
       CROSS JOIN LATERAL (
         SELECT i.id, i.owner_id, i.gone_at, i.quarantined_at FROM identities i
         WHERE i.tenant_id = $1 AND i.id = f.identity_id OFFSET 0
       ) i
       LEFT JOIN LATERAL (
         SELECT p.id, p.looked_at, p.quarantined_at, p.credentials_unknown FROM identities p
         WHERE p.tenant_id = $1 AND p.id = coalesce(i.owner_id, i.id) OFFSET 0
       ) p ON true
       WHERE i.gone_at IS NOT NULL OR i.owner_id IS NULL OR p.credentials_unknown IS NULL`,
      [tenantId, accountId, JSON.stringify(kept), gapsAt],
    );
    return over.flatMap((row): Resolution[] => {
      const off = judged.isOff(row.principal_id, row.check_id);
      if (gapsAt !== null && !off && !row.looked_since) return [];
      if (row.in_quarantine && !row.gone && !off) return [];
      const resolution = row.gone ? 'gone' : off ? 'check-disabled' : 'compliant';
      const { id, identity_id: identityId, check_id: checkId, before } = row;
      return [{ id, identityId, checkId, before, resolution }];
    });
  }
}
