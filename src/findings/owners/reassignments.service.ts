import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput, notFound } from '../../errors';
import { Events } from '../../tasks/events.service';
import { AuditLog } from '../../tenancy/audit-log.service';
import { Rejudging } from '../rejudging.service';
import { checkOwnerName } from './owner-name';
import { OwnersService } from './owners.service';

interface Principal {
  id: string;
  account_id: string;
  unique_id: string;
  name: string;
}

interface Pin {
  owner: string | null;
  note: string | null;
}

/** "Not mine": what people say about whose one user or role is. It stands above all rules, also after them. */
@Injectable()
export class Reassignments {
  constructor(
    private readonly clock: Clock,
    private readonly owners: OwnersService,
    private readonly events: Events,
    private readonly auditLog: AuditLog,
    private readonly rejudging: Rejudging,
  ) {}

  /**
   * Gives a user or role, by its unique id, to `owner`; null: it is nobody's, until somebody takes it. A password or key
   * stands for its user. Its findings say so at once. Throws BAD_INPUT, or NOT_FOUND.
   */
  async reassign(
    manager: EntityManager,
    tenantId: string,
    by: string,
    identityId: string,
    { owner, note }: Pin,
  ): Promise<void> {
    if ((note?.length ?? 0) > 1_000) throw badInput('note: must have at most 1,000 characters.');
    const principal = await principalOf(manager, tenantId, identityId);
    const name = owner === null ? null : checkOwnerName(owner);
    const ownerId = name === null ? null : (await this.owners.ensure(manager, tenantId, [name])).get(name);
    const before = await pinOf(manager, tenantId, principal.unique_id);
    await manager.query(
      `INSERT INTO owner_pins (tenant_id, unique_id, owner_id, note, pinned_by, pinned_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (tenant_id, unique_id) DO UPDATE SET owner_id = excluded.owner_id, note = excluded.note,
         pinned_by = excluded.pinned_by, pinned_at = excluded.pinned_at`,
      [tenantId, principal.unique_id, ownerId, note, by, this.clock.now()],
    );
    await this.tell(manager, tenantId, principal, before, { owner: name, note });
    await this.move(manager, tenantId, principal, ownerId ?? null, { owner: name, note, by });
    await this.rejudging.of(manager, tenantId, [principal.account_id]);
  }

  /** Lets the rules decide again. One that nobody reassigned stays as it is. Throws NOT_FOUND. */
  async release(manager: EntityManager, tenantId: string, identityId: string): Promise<void> {
    const principal = await principalOf(manager, tenantId, identityId);
    const before = await pinOf(manager, tenantId, principal.unique_id);
    if (before === null) return;
    await manager.query('DELETE FROM owner_pins WHERE tenant_id = $1 AND unique_id = $2', [
      tenantId,
      principal.unique_id,
    ]);
    await this.tell(manager, tenantId, principal, before, null);
    await this.rejudging.of(manager, tenantId, [principal.account_id]);
  }

  private async tell(
    manager: EntityManager,
    tenantId: string,
    { id, unique_id, name }: Principal,
    before: Pin | null,
    after: Pin | null,
  ): Promise<void> {
    const object = { type: 'identity', id };
    this.auditLog.note(manager, { action: 'identity.reassigned', object, before, after });
    const data = { name, uniqueId: unique_id, owner: after?.owner ?? null, byRules: after === null };
    await this.events.record(manager, tenantId, [
      { type: 'identity.reassigned', objectType: 'identity', objectId: id, data },
    ]);
  }

  /** What judging would write as well, only sooner. */
  private async move(
    manager: EntityManager,
    tenantId: string,
    { id }: Principal,
    ownerId: string | null,
    { owner, note, by }: Pin & { readonly by: string },
  ): Promise<void> {
    const [moved] = await manager.query<[{ id: string }[], number]>(
      `UPDATE findings f SET owner_id = $3 FROM identities i
       WHERE f.tenant_id = $1 AND i.tenant_id = f.tenant_id AND i.id = f.identity_id AND (i.id = $2 OR i.owner_id = $2)
         AND f.owner_id IS DISTINCT FROM $3 RETURNING f.id`,
      [tenantId, id, ownerId],
    );
    await this.events.record(
      manager,
      tenantId,
      moved.map((finding) => ({
        type: 'finding.reassigned',
        objectType: 'finding',
        objectId: finding.id,
        data: { owner, note, by },
      })),
    );
  }
}

async function principalOf(manager: EntityManager, tenantId: string, identityId: string): Promise<Principal> {
  const [row] = await manager.query<Principal[]>(
    `SELECT p.id, p.account_id, p.unique_id, p.name FROM identities i
     JOIN identities p ON p.tenant_id = i.tenant_id AND p.id = coalesce(i.owner_id, i.id)
     WHERE i.tenant_id = $1 AND i.id = $2`,
    [tenantId, identityId],
  );
  if (!row) throw notFound('The identity');
  return row;
}

async function pinOf(manager: EntityManager, tenantId: string, uniqueId: string): Promise<Pin | null> {
  const [row] = await manager.query<Pin[]>(
    `SELECT o.name AS owner, p.note FROM owner_pins p LEFT JOIN owners o ON o.tenant_id = p.tenant_id AND o.id = p.owner_id
     WHERE p.tenant_id = $1 AND p.unique_id = $2 FOR UPDATE OF p`,
    [tenantId, uniqueId],
  );
  return row ?? null;
}
