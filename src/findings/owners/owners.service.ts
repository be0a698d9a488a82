import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { newId } from '../../ids';
import { DEFAULT_OWNER_RULES, type OwnerRule, type OwnerRuleKind, OwnerRules } from './owner-rules';

export interface OwnerRuleRow {
  id: string;
  kind: OwnerRuleKind;
  keys: string[] | null;
  value: string | null;
  segment: number | null;
  owner: string | null;
}

/** A tenant's owners, and how to tell whose something is. */
@Injectable()
export class OwnersService {
  constructor(private readonly clock: Clock) {}

  /** What decides whose things are, as it stands now; the built-in rules where the tenant has none. */
  async rules(manager: EntityManager, tenantId: string): Promise<OwnerRules> {
    const rows = await this.ruleRows(manager, tenantId);
    const pins = await manager.query<{ unique_id: string; owner: string | null }[]>(
      `SELECT p.unique_id, o.name AS owner FROM owner_pins p
       LEFT JOIN owners o ON o.tenant_id = p.tenant_id AND o.id = p.owner_id WHERE p.tenant_id = $1`,
      [tenantId],
    );
    const rules = rows.length === 0 ? DEFAULT_OWNER_RULES : rows.map(toRule);
    return new OwnerRules(rules, new Map(pins.map(({ unique_id, owner }) => [unique_id, owner])));
  }

  /** The tenant's own rules, in order; empty where it has none. */
  async ruleRows(manager: EntityManager, tenantId: string): Promise<OwnerRuleRow[]> {
    return manager.query<OwnerRuleRow[]>(
      `SELECT r.id, r.kind, r.keys, r.value, r.segment, o.name AS owner FROM owner_rules r
       LEFT JOIN owners o ON o.tenant_id = r.tenant_id AND o.id = r.owner_id WHERE r.tenant_id = $1 ORDER BY r.position`,
      [tenantId],
    );
  }

  /** The ids of the owners with these names, made where there are none yet. Names differ by more than upper case. */
  async ensure(manager: EntityManager, tenantId: string, names: readonly string[]): Promise<Map<string, string>> {
    // Of several spellings the first one is kept.
    const wanted = new Map([...names].reverse().map((name) => [name.toLowerCase(), name]));
    if (wanted.size === 0) return new Map();
    const known = await this.idsOf(manager, tenantId, [...wanted.values()]);
    // Sorted, so that two transactions which make the same owners wait for each other in the same order.
    const missing = [...wanted].filter(([lower]) => !known.has(lower)).sort(([a], [b]) => (a < b ? -1 : 1));
    if (missing.length > 0) {
      await manager.query(
        `INSERT INTO owners (tenant_id, id, name, created_at)
         SELECT $1, id, name, $4 FROM unnest($2::uuid[], $3::text[]) AS r (id, name) ON CONFLICT DO NOTHING`,
        [tenantId, missing.map(() => newId()), missing.map(([, name]) => name), this.clock.now()],
      );
      for (const [lower, id] of await this.idsOf(
        manager,
        tenantId,
        missing.map(([, name]) => name),
      ))
        known.set(lower, id);
    }
    return new Map(names.map((name) => [name, known.get(name.toLowerCase()) ?? lost(name)]));
  }

  private async idsOf(
    manager: EntityManager,
    tenantId: string,
    names: readonly string[],
  ): Promise<Map<string, string>> {
    const rows = await manager.query<{ id: string; given: string }[]>(
      `SELECT o.id, g.name AS given FROM unnest($2::text[]) AS g (name)
       JOIN owners o ON o.tenant_id = $1 AND lower(o.name) = lower(g.name)`,
      [tenantId, names],
    );
    return new Map(rows.map(({ id, given }) => [given.toLowerCase(), id]));
  }
}

function toRule({ kind, keys, value, segment, owner }: OwnerRuleRow): OwnerRule {
  switch (kind) {
    case 'identity-tag':
    case 'account-tag':
      return { kind, keys: keys ?? [] };
    case 'path-segment':
      return { kind, segment: segment ?? 1 };
    case 'path-prefix':
    case 'glob':
    case 'account':
    case 'organizational-unit':
      return { kind, value: value ?? '', owner: owner ?? '' };
  }
}

function lost(name: string): never {
  throw new Error(`The owner "${name}" was not made.`);
}
