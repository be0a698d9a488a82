import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { newId } from '../ids';
import { currentActor } from '../tenancy/actor';
import { AuditLog, type AuditNote } from '../tenancy/audit-log.service';
import type { NewEvent, RecordedEvent } from './recorded-event';
import type { NewTask } from './task-definition';
import { TaskQueue } from './task-queue.service';
import { TaskRegistry } from './task-registry.service';

/** `{"tenantId": "…", "ids": ["…"]}` for whoever shows things live. */
export const EVENTS_CHANNEL = 'mothball_events';

/** A notification's payload must stay under 8,000 bytes; an id takes 39. */
const IDS_PER_NOTICE = 150;
const ROWS_PER_INSERT = 5_000;
/** In the audit log; of more the number is kept. */
const IDS_PER_NOTE = 100;

/** What has happened, append-only, and the tasks that follow from it, in one transaction with the change itself. */
@Injectable()
export class Events {
  constructor(
    private readonly clock: Clock,
    private readonly queue: TaskQueue,
    private readonly registry: TaskRegistry,
    private readonly auditLog: AuditLog,
  ) {}

  /** Records `events` in order and enqueues what handlers asked for with `@Handles(…, { on })`. Call it in `inTenant`. */
  async record(manager: EntityManager, tenantId: string, events: readonly NewEvent[]): Promise<RecordedEvent[]> {
    if (events.length === 0) return [];
    const at = this.clock.now();
    const recorded = events.map((event) => ({ ...event, data: event.data ?? {}, id: newId(), tenantId, at }));
    for (let start = 0; start < recorded.length; start += ROWS_PER_INSERT) {
      await insert(manager, tenantId, recorded.slice(start, start + ROWS_PER_INSERT));
    }
    await this.queue.enqueueMany(manager, this.consequences(recorded));
    await notify(manager, tenantId, recorded);
    if (isAnsweredFor(tenantId)) this.auditLog.noteConsequences(manager, notesOf(recorded));
    return recorded;
  }

  /**
   * Enqueues what handlers asked for, and keeps nothing: for what happens all the time, and what nobody but a later stage
   * asks about.
   */
  async prompt(manager: EntityManager, tenantId: string, events: readonly NewEvent[]): Promise<void> {
    const at = this.clock.now();
    await this.queue.enqueueMany(
      manager,
      this.consequences(events.map((event) => ({ ...event, data: event.data ?? {}, id: newId(), tenantId, at }))),
    );
  }

  private consequences(events: readonly RecordedEvent[]): NewTask[] {
    return events.flatMap((event) =>
      this.registry.reactionsTo(event.type).flatMap(({ definition, react }) =>
        [react(event) ?? []].flat().map((request) => ({
          // The event may say something that a running task has read too early.
          whenRunning: 'again' as const,
          ...request,
          tenantId: event.tenantId,
          task: definition,
        })),
      ),
    );
  }
}

/** What the service does by itself, and what comes from outside of the tenant; what its own people do says so itself. */
function isAnsweredFor(tenantId: string): boolean {
  const actor = currentActor();
  return actor === undefined || actor.kind === 'service' || actor.tenantId !== tenantId;
}

/** One note for each kind of event: judging may open thousands of findings at once. */
function notesOf(events: readonly RecordedEvent[]): AuditNote[] {
  const byType = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const same = byType.get(event.type);
    if (same) same.push(event);
    else byType.set(event.type, [event]);
  }
  return [...byType].map(([action, [first, ...others]]) => {
    if (first && others.length === 0) {
      return { action, object: { type: first.objectType, id: first.objectId }, after: first.data };
    }
    const ids = [first, ...others].flatMap((event) => event?.objectId ?? []);
    const after = { count: ids.length, objectType: first?.objectType, ids: ids.slice(0, IDS_PER_NOTE) };
    return { action, object: null, after };
  });
}

async function insert(manager: EntityManager, tenantId: string, events: readonly RecordedEvent[]): Promise<void> {
  const rows = events.map(({ id, type, objectType, objectId, data, at }) => ({
    id,
    type,
    object_type: objectType,
    object_id: objectId,
    data,
    at,
  }));
  await manager.query(
    `INSERT INTO events (tenant_id, id, type, object_type, object_id, data, at)
     SELECT $1, id, type, object_type, object_id, data, at
     FROM jsonb_to_recordset($2::jsonb)
       AS r(id uuid, type text, object_type text, object_id text, data jsonb, at timestamptz)`,
    [tenantId, JSON.stringify(rows)],
  );
}

async function notify(manager: EntityManager, tenantId: string, events: readonly RecordedEvent[]): Promise<void> {
  const notices: string[] = [];
  for (let start = 0; start < events.length; start += IDS_PER_NOTICE) {
    const ids = events.slice(start, start + IDS_PER_NOTICE).map(({ id }) => id);
    notices.push(JSON.stringify({ tenantId, ids }));
  }
  await manager.query(`SELECT pg_notify('${EVENTS_CHANNEL}', notice) FROM unnest($1::text[]) notice`, [notices]);
}
