import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ACCOUNT_FACTS, accountFacts, type AccountFacts, type AccountFactsRow } from '../account-facts';
import { checkOwnerRules, type OwnerRuleRequest } from './owner-rule-input';
import { DEFAULT_OWNER_RULES, OwnerRules } from './owner-rules';
import { OwnersService } from './owners.service';
import type { PrincipalFacts } from './principal-facts';

export interface OwnerChange {
  /** Null: nobody. */
  readonly from: string | null;
  readonly to: string | null;
  readonly count: number;
}

interface AttributedRow {
  id: string;
  account_id: string;
  unique_id: string;
  path: string;
  name: string;
  is_root: boolean;
  tags: Record<string, string>;
  owner: string | null;
  findings: string;
}

const PAGE = 2_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Whose findings would change hands by other rules, before they are saved. */
@Injectable()
export class OwnerRulesPreview {
  constructor(private readonly owners: OwnersService) {}

  /** Of findings that are not resolved; the largest changes first. Null: the built-in rules. Throws BAD_INPUT. */
  async of(
    manager: EntityManager,
    tenantId: string,
    requests: readonly OwnerRuleRequest[] | null,
  ): Promise<OwnerChange[]> {
    const rules = requests === null ? DEFAULT_OWNER_RULES : checkOwnerRules(requests);
    const { pins } = await this.owners.rules(manager, tenantId);
    const changed = new OwnerRules(rules, pins);
    const accounts = await accountsOf(manager, tenantId);
    const counts = new Map<string, OwnerChange>();
    for (let after = FIRST; ;) {
      const rows = await attributed(manager, tenantId, after);
      for (const row of rows) {
        const account = accounts.get(row.account_id);
        if (!account) continue;
        const to = changed.ownerOfPrincipal(factsOf(row), account);
        if (to?.toLowerCase() === row.owner?.toLowerCase()) continue;
        const key = JSON.stringify([row.owner, to?.toLowerCase() ?? null]);
        const known = counts.get(key) ?? { from: row.owner, to, count: 0 };
        counts.set(key, { ...known, count: known.count + Number(row.findings) });
      }
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) break;
      after = last.id;
    }
    return [...counts.values()].sort((a, b) => b.count - a.count);
  }
}

/** Users and roles with findings, each with the owner that those have now. */
async function attributed(manager: EntityManager, tenantId: string, after: string): Promise<AttributedRow[]> {
  return manager.query<AttributedRow[]>(
    `WITH held AS (
       SELECT coalesce(i.owner_id, i.id) AS id, f.owner_id, count(*) AS findings FROM findings f
       JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
       WHERE f.tenant_id = $1 AND f.status <> 'resolved' GROUP BY 1, 2
     ), page AS MATERIALIZED (SELECT DISTINCT id FROM held WHERE id > $2 ORDER BY id LIMIT ${PAGE})
     SELECT p.id, p.account_id, p.unique_id, p.path, p.name, p.is_root, o.name AS owner, held.findings,
       (SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}') FROM identity_tags t
        WHERE t.tenant_id = p.tenant_id AND t.identity_id = p.id) AS tags
     FROM page JOIN held USING (id) JOIN identities p ON p.tenant_id = $1 AND p.id = page.id
     LEFT JOIN owners o ON o.tenant_id = $1 AND o.id = held.owner_id ORDER BY p.id`,
    [tenantId, after],
  );
}

async function accountsOf(manager: EntityManager, tenantId: string): Promise<Map<string, AccountFacts>> {
  const rows = await manager.query<AccountFactsRow[]>(`SELECT ${ACCOUNT_FACTS} FROM accounts WHERE tenant_id = $1`, [
    tenantId,
  ]);
  return new Map(rows.map((row) => [row.id, accountFacts(row)]));
}

const factsOf = ({ unique_id, path, name, is_root, tags }: AttributedRow): PrincipalFacts => ({
  ...{ path, name, tags },
  uniqueId: unique_id,
  isRoot: is_root,
});
