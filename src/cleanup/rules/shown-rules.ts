import type { EntityManager } from 'typeorm';
import { type CleanupRules, defaultRules } from './cleanup-rules';
import { clampRules } from './stricter';
import { overlay, type WrittenRules } from './written-rules';

export type RulesSetBy = 'tenant' | 'platform';

/** What somebody has written down; what is left out follows the level above. */
export interface StoredRules {
  readonly setBy: RulesSetBy;
  readonly rules: WrittenRules;
  readonly savedBy: string;
  readonly savedAt: Date;
}

export interface ShownRules {
  /** What holds. */
  readonly effective: CleanupRules;
  /** What the tenant's own may not be looser than. */
  readonly bound: CleanupRules;
  /** The tenant's own; null: it has written none. */
  readonly own: StoredRules | null;
  /** What the platform lets this tenant have, or asks of it; null: nothing of its own. */
  readonly grant: StoredRules | null;
}

interface Row {
  set_by: RulesSetBy;
  rules: WrittenRules;
  saved_by: string;
  saved_at: Date;
}

/** What holds in a tenant now, and who has said what of it. */
export async function shownRules(manager: EntityManager, tenantId: string): Promise<ShownRules> {
  const rows = await manager.query<Row[]>(
    'SELECT set_by, rules, saved_by, saved_at FROM cleanup_rules WHERE tenant_id = $1',
    [tenantId],
  );
  const [everyone] = await manager.query<{ rules: WrittenRules | null }[]>('SELECT platform_cleanup_rules() AS rules');
  const of = (setBy: RulesSetBy): StoredRules | null => {
    const row = rows.find((one) => one.set_by === setBy);
    return row ? { setBy, rules: row.rules, savedBy: row.saved_by, savedAt: row.saved_at } : null;
  };
  const [own, grant] = [of('tenant'), of('platform')];
  const bound = [everyone?.rules, grant?.rules].reduce<CleanupRules>(
    (rules, written) => (written ? overlay(rules, written) : rules),
    defaultRules,
  );
  return { effective: own ? clampRules(bound, overlay(bound, own.rules)) : bound, bound, own, grant };
}
