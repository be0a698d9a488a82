import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput, notFound } from '../../errors';
import { newId } from '../../ids';
import { AuditLog } from '../../tenancy/audit-log.service';
import { judgedAccounts } from '../account-facts';
import { Rejudging } from '../rejudging.service';
import { checkOwnerName } from './owner-name';
import { checkOwnerRules, type OwnerRuleRequest } from './owner-rule-input';
import { DEFAULT_OWNER_RULES, type OwnerRule } from './owner-rules';
import { OwnersService } from './owners.service';

export interface OwnerToSave {
  readonly name: string;
  readonly contact?: string | null | undefined;
  readonly notes?: string | null | undefined;
}

/** Changing owners and the rules that find them. All within the caller's transaction. */
@Injectable()
export class OwnerChanges {
  constructor(
    private readonly owners: OwnersService,
    private readonly auditLog: AuditLog,
    private readonly rejudging: Rejudging,
  ) {}

  /** Replaces all rules; every account is judged again, without calling AWS. Throws BAD_INPUT naming rule and field. */
  async setRules(manager: EntityManager, tenantId: string, requests: readonly OwnerRuleRequest[]): Promise<void> {
    await this.replace(manager, tenantId, checkOwnerRules(requests));
  }

  /** Back to the built-in rules. */
  async resetRules(manager: EntityManager, tenantId: string): Promise<void> {
    await this.replace(manager, tenantId, null);
  }

  /**
   * Makes an owner, or changes what is kept of one; what is left out stays. Its name stays, since tags and paths would
   * find the old one again. Returns its id. Throws BAD_INPUT.
   */
  async save(manager: EntityManager, tenantId: string, owner: OwnerToSave): Promise<string> {
    const name = checkOwnerName(owner.name, 'name');
    const contact = contactOf(owner.contact);
    if ((owner.notes?.length ?? 0) > 2_000) throw badInput('notes: must have at most 2,000 characters.');
    const id = (await this.owners.ensure(manager, tenantId, [name])).get(name) ?? '';
    const before = await one(manager, tenantId, id);
    await manager.query(
      `UPDATE owners SET contact = CASE WHEN $3 THEN $4 ELSE contact END, notes = CASE WHEN $5 THEN $6 ELSE notes END
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, owner.contact !== undefined, contact, owner.notes !== undefined, owner.notes?.trim() || null],
    );
    const after = await one(manager, tenantId, id);
    this.auditLog.note(manager, { action: 'owner.saved', object: { type: 'owner', id }, before, after });
    return id;
  }

  private async replace(manager: EntityManager, tenantId: string, rules: readonly OwnerRule[] | null): Promise<void> {
    // Two people who save at once do it one after the other.
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('owner rules ' || $1::text, 0))`, [tenantId]);
    const before = await this.owners.rules(manager, tenantId);
    await manager.query('DELETE FROM owner_rules WHERE tenant_id = $1', [tenantId]);
    if (rules !== null) await this.insert(manager, tenantId, rules);
    this.auditLog.note(manager, {
      action: 'owner-rules.saved',
      object: null,
      before: before.rules,
      after: rules ?? DEFAULT_OWNER_RULES,
    });
    const accounts = await judgedAccounts(manager, tenantId);
    await this.rejudging.of(
      manager,
      tenantId,
      accounts.map(({ id }) => id),
    );
  }

  private async insert(manager: EntityManager, tenantId: string, rules: readonly OwnerRule[]): Promise<void> {
    const names = rules.flatMap((rule) => ('owner' in rule ? [rule.owner] : []));
    const ids = await this.owners.ensure(manager, tenantId, names);
    const rows = rules.map((rule, position) => ({
      id: newId(),
      position,
      kind: rule.kind,
      keys: 'keys' in rule ? rule.keys : null,
      value: 'value' in rule ? rule.value : null,
      segment: 'segment' in rule ? rule.segment : null,
      owner_id: 'owner' in rule ? ids.get(rule.owner) : null,
    }));
    await manager.query(
      `INSERT INTO owner_rules (tenant_id, id, position, kind, keys, value, segment, owner_id)
       SELECT $1, id, position, kind, keys, value, segment, owner_id
       FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, position int, kind text, keys text[], value text, segment int,
         owner_id uuid)`,
      [tenantId, JSON.stringify(rows)],
    );
  }
}

function contactOf(text: string | null | undefined): string | null {
  const contact = text?.trim() || null;
  if (contact !== null && (contact.length > 320 || !/^[^\s@]+@[^\s@]+$/.test(contact))) {
    throw badInput('contact: must be an e-mail address, "team@example.com".');
  }
  return contact;
}

interface Kept {
  name: string;
  contact: string | null;
  notes: string | null;
}

async function one(manager: EntityManager, tenantId: string, id: string): Promise<Kept> {
  const [row] = await manager.query<Kept[]>(
    'SELECT name, contact, notes FROM owners WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
    [tenantId, id],
  );
  if (!row) throw notFound('The owner');
  return row;
}
