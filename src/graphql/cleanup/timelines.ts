import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { PlanItemRow } from '../../cleanup/items/plan-item';
import { type ApprovalRow, PlanQueries } from '../../cleanup/plans/plan-queries';
import { ofTenant, run, type Reader } from '../../paging';
import { groupBy } from '../core/group-by';
import type { Batch } from '../core/request-context';
import { sentenceOf } from './timeline-words';
import type { TimelineEntry } from './timeline.type';

interface EventRow {
  readonly object_type: string;
  readonly object_id: string;
  readonly type: string;
  readonly at: Date;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Told by the decisions themselves. */
const DECIDED: ReadonlySet<string> = new Set(['plan.seconded', 'plan.refused']);

type ItemPart = Pick<PlanItemRow, 'id' | 'plan_id' | 'identity_id' | 'watched_at' | 'life'>;

/** What has happened to plans: proposed, each approval, halted, resumed … the oldest first. */
@Injectable()
export class TimelineOfPlan implements Batch<string, TimelineEntry[]> {
  constructor(private readonly plans: PlanQueries) {}

  async load(reader: Reader, planIds: readonly string[]): Promise<TimelineEntry[][]> {
    const events = groupBy(await this.plans.history(reader, planIds), (event) => event.plan_id);
    const decisions = groupBy(await this.plans.approvals(reader, planIds), (decision) => decision.plan_id);
    return planIds.map((id) =>
      inOrder([
        ...(events.get(id) ?? []).filter(({ type }) => !DECIDED.has(type)).map((event) => fromEvent(event)),
        ...(decisions.get(id) ?? []).map(fromDecision),
      ]),
    );
  }
}

/** What has happened to items, and to their plans as far as it concerns them, in one list each. */
@Injectable()
export class TimelineOfItem implements Batch<string, TimelineEntry[]> {
  constructor(private readonly ofPlan: TimelineOfPlan) {}

  async load(reader: Reader, itemIds: readonly string[]): Promise<TimelineEntry[][]> {
    const items = await run<ItemPart>(
      reader.manager,
      sql`SELECT i.id, i.plan_id, i.identity_id, i.watched_at, i.life FROM plan_items i
          WHERE ${ofTenant(reader, 'i.tenant_id')} AND i.id = ANY (${itemIds}::uuid[])`,
    );
    const planIds = [...new Set(items.map((item) => item.plan_id))];
    const plans = await this.ofPlan.load(reader, planIds);
    const ofPlan = new Map(planIds.map((id, at) => [id, plans[at] ?? []]));
    const identityIds = [...new Set(items.map((item) => item.identity_id))];
    const own = groupBy(
      [...(await eventsOf(reader, 'plan-item', itemIds)), ...(await eventsOf(reader, 'identity', identityIds))],
      itemIdOf,
    );
    const byId = new Map(items.map((item) => [item.id, item]));
    return itemIds.map((id) => {
      const item = byId.get(id);
      if (!item) return [];
      const watched = item.watched_at && { at: item.watched_at, what: 'identity.watched', by: null };
      return inOrder([
        ...(ofPlan.get(item.plan_id) ?? []),
        ...(own.get(id) ?? []).map((event) => fromEvent(event, item.life?.detail)),
        ...(watched ? [{ ...watched, text: sentenceOf(watched.what, null) }] : []),
      ]);
    });
  }
}

/** What has happened to identities: their findings, and what clean-up has done with them. */
@Injectable()
export class TimelineOfIdentity implements Batch<string, TimelineEntry[]> {
  async load(reader: Reader, identityIds: readonly string[]): Promise<TimelineEntry[][]> {
    const findings = await run<{ id: string; identity_id: string }>(
      reader.manager,
      sql`SELECT f.id, f.identity_id FROM findings f
          WHERE ${ofTenant(reader, 'f.tenant_id')} AND f.identity_id = ANY (${identityIds}::uuid[])`,
    );
    const identityOf = new Map(findings.map((finding) => [finding.id, finding.identity_id]));
    const events = [
      ...(await eventsOf(reader, 'finding', [...identityOf.keys()])),
      ...(await eventsOf(reader, 'identity', identityIds)),
    ];
    const own = groupBy(events, ({ object_id: id }) => identityOf.get(id) ?? id);
    return identityIds.map((id) => inOrder((own.get(id) ?? []).map((event) => fromEvent(event))));
  }
}

function eventsOf(reader: Reader, objectType: string, ids: readonly string[]): Promise<EventRow[]> {
  return run(
    reader.manager,
    sql`SELECT e.object_type, e.object_id, e.type, e.at, e.data FROM events e
        WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.object_type = ${objectType} AND e.object_id = ANY (${ids}::text[])
        ORDER BY e.id`,
  );
}

/** Events of an identity name the item that they are about; an item's own event is about it. */
function itemIdOf({ object_type: type, object_id: id, data }: EventRow): unknown {
  return type === 'plan-item' ? id : data['itemId'];
}

function fromEvent({ type, at, data }: Pick<EventRow, 'type' | 'at' | 'data'>, life?: string): TimelineEntry {
  const detail = (type === 'identity.showed-life' ? life : undefined) ?? textOf(data['reason']) ?? textOf(data['why']);
  return { at, what: type, text: sentenceOf(type, detail), by: textOf(data['by']) };
}

function fromDecision({ decision, decided_by: by, note, at }: ApprovalRow): TimelineEntry {
  const text = decision === 'approved' ? 'Approved.' : 'Refused.';
  return { at, what: `approval.${decision}`, text: note === null ? text : `${text} ${note}`, by };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Those of one moment stay as they were recorded. */
const inOrder = (entries: readonly TimelineEntry[]): TimelineEntry[] =>
  [...entries].sort((a, b) => a.at.getTime() - b.at.getTime());
