import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../ids';
import { type Actor, countDecision, currentActor } from './actor';
import { canonicalJson, wellFormed } from './audit-log/canonical-json';

/** What was decided or changed. Never holds a secret. */
export interface AuditNote {
  /** What was done, in the form of events: "policy.saved", "token.revoked". */
  readonly action: string;
  /** To what; null where it concerns the whole tenant. */
  readonly object: { readonly type: string; readonly id: string } | null;
  /** What changed, as it was; null: it was not there. Of more than 16 KiB of JSON the beginning and a hash are kept. */
  readonly before?: unknown;
  /** The same as it is now; null: it is gone. */
  readonly after?: unknown;
}

/** Names and ids are short; one that was crafted is cut. */
const LONGEST_TEXT = 500;

/** Who acts where nobody was named: at start-up, in commands. */
const THE_SERVICE = { kind: 'service', id: 'mothball', name: 'mothball', role: null, standsFor: 'mothball' } as const;

interface Noted {
  readonly decisions: AuditNote[];
  readonly consequences: AuditNote[];
  readonly elsewhere: { readonly tenantId: string; readonly note: AuditNote }[];
}

/** The record of everything that people decide and the service does. */
@Injectable()
export class AuditLog {
  private readonly pending = new WeakMap<EntityManager, Noted>();

  /**
   * Notes something in the caller's transaction. It is written as the transaction's last statement, by the actor of the
   * moment (`currentActor`): either both are there afterwards, the change and its entry, or neither.
   */
  note(manager: EntityManager, note: AuditNote): void {
    this.of(manager).decisions.push(note);
  }

  /** Notes what follows from a decision, which is still to be noted itself: a decision of the same name is enough. */
  noteConsequences(manager: EntityManager, notes: readonly AuditNote[]): void {
    for (const note of notes) this.of(manager).consequences.push(note);
  }

  /**
   * Notes in another tenant's log what a decision of the platform does there. Only in the platform's transactions; the
   * decision itself is still to be noted.
   */
  noteIn(manager: EntityManager, tenantId: string, note: AuditNote): void {
    this.of(manager).elsewhere.push({ tenantId, note });
  }

  /** The decisions that the transaction has noted so far. */
  notesOf(manager: EntityManager): readonly AuditNote[] {
    return this.pending.get(manager)?.decisions ?? [];
  }

  /**
   * Writes what the transaction has noted. Only the database's door calls it, as the last statement: it takes the lock on
   * the tenant's chain (of several in the order of their ids), which is then held for no longer than a commit, and after every other lock.
   */
  async write(manager: EntityManager): Promise<void> {
    const noted = this.pending.get(manager);
    if (!noted) return;
    this.pending.delete(manager);
    const { decisions } = noted;
    const consequences = noted.consequences.filter(({ action }) => !decisions.some((one) => one.action === action));
    const actor = actorColumns(currentActor());
    const rows = [...decisions, ...consequences].map((note) => ({ ...actor, ...noteColumns(note) }));
    if (noted.elsewhere.length === 0) {
      await manager.query('SELECT append_audit_entries($1::jsonb)', [JSON.stringify(rows)]);
    } else {
      const others = noted.elsewhere.map(({ tenantId, note }) => ({
        ...actor,
        ...noteColumns(note),
        tenant_id: tenantId,
      }));
      await manager.query('SELECT append_audit_entries_across($1::jsonb)', [JSON.stringify([...rows, ...others])]);
    }
    if (decisions.length > 0) countDecision();
  }

  private of(manager: EntityManager): Noted {
    const noted = this.pending.get(manager) ?? { decisions: [], consequences: [], elsewhere: [] };
    this.pending.set(manager, noted);
    return noted;
  }
}

function actorColumns(actor: Actor | undefined) {
  const { kind, id, name, role, standsFor } = actor ?? THE_SERVICE;
  return {
    actor_kind: kind,
    actor_id: short(id),
    actor_name: short(name),
    actor_tenant_id: actor?.tenantId ?? null,
    actor_role: role,
    actor_stands_for: short(standsFor),
    request_id: actor ? short(actor.requestId) : null,
    source_address: actor?.sourceAddress == null ? null : short(actor.sourceAddress),
  };
}

function noteColumns({ action, object, before, after }: AuditNote) {
  return {
    id: newId(),
    action: short(action),
    object_type: object && short(object.type),
    object_id: object && short(object.id),
    before: canonicalJson(before),
    after: canonicalJson(after),
  };
}

const short = (text: string): string => wellFormed(text.slice(0, LONGEST_TEXT));
