import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import type { Facets } from '../catalogue/event-type';
import { findEventType, LATEST_VERSION } from '../catalogue/index';
import { LARGEST_PAYLOAD, payloadOf } from '../catalogue/payload';
import { thin } from '../catalogue/thin';
import { FanOut } from '../deliveries/fan-out.service';
import { TicketMarks } from '../tickets/marking/ticket-marks.service';
import { readKnown } from './facts/index';
import type { Known, StoredEvent } from './facts/known';
import type { PublishedEvent } from './published-event';

/** As many as one transaction publishes: some hundred milliseconds. */
const EVENTS_AT_ONCE = 2_000;

interface WaitingEvent extends StoredEvent {
  readonly position: string;
}

/** What one run has held back so far: it reads on behind that. */
export class HeldBack {
  readonly positions: string[] = [];
  readonly objects = new Set<string>();
}

/** Gives recorded events their numbers, and hands them on to endpoints and tickets. */
@Injectable()
export class Publisher {
  private readonly logger = new Logger(Publisher.name);

  constructor(
    private readonly clock: Clock,
    private readonly fanOut: FanOut,
    private readonly tickets: TicketMarks,
  ) {}

  /**
   * Publishes the next ones, in the caller's transaction; two at once wait for each other. Answers whether there may be
   * more. The same few statements for one event and for two thousand. One that cannot be told stays unpublished, and so do
   * later ones of its object: they are tried again each minute, and the log says why. It holds up nothing else, however
   * many there are: `held`, the same for all calls of a run, says what is passed over.
   */
  async publish(manager: EntityManager, tenantId: string, held: HeldBack, atMost = EVENTS_AT_ONCE): Promise<boolean> {
    const lastSeq = await holdNumbers(manager, tenantId);
    const waiting = await next(manager, tenantId, held, atMost);
    if (waiting.length === 0) return false;
    const known = await readKnown(manager, tenantId, waiting);
    const { events, done } = this.numbered({ tenantId, lastSeq, held }, waiting, known);
    if (events.length > 0) {
      await insert(manager, tenantId, events);
      await this.fanOut.fanOut(manager, tenantId, events);
    }
    // Also when nothing was published: a finding may change without an event that the catalogue has.
    await this.tickets.mark(manager, tenantId);
    await manager.query('DELETE FROM unpublished_events WHERE tenant_id = $1 AND position = ANY ($2::bigint[])', [
      tenantId,
      done,
    ]);
    return waiting.length === atMost;
  }

  /** In order; and the positions of those that wait no more. Those that are held back are added to what is held. */
  private numbered(
    { tenantId, lastSeq, held }: { readonly tenantId: string; readonly lastSeq: bigint; readonly held: HeldBack },
    waiting: readonly WaitingEvent[],
    known: ReadonlyMap<string, Known>,
  ): { events: PublishedEvent[]; done: string[] } {
    const publishedAt = this.clock.now();
    const events: PublishedEvent[] = [];
    const done: string[] = [];
    for (const event of waiting) {
      const one = known.get(event.id);
      const object = `${event.object_type} ${event.object_id}`;
      if (one !== undefined && held.objects.has(object)) {
        held.positions.push(event.position);
        continue;
      }
      try {
        const seq = (lastSeq + BigInt(events.length) + 1n).toString();
        if (one !== undefined) events.push(published({ tenantId, seq, publishedAt }, event, one));
        done.push(event.position);
      } catch (error) {
        this.logger.error({ err: error, event: event.id, tenant: tenantId }, 'An event cannot be published.');
        held.objects.add(object);
        held.positions.push(event.position);
      }
    }
    return { events, done };
  }
}

/** Throws for what cannot be told. */
function published(
  as: Pick<PublishedEvent, 'tenantId' | 'seq' | 'publishedAt'>,
  { id, type, object_type: objectType, object_id: objectId, data, at }: StoredEvent,
  { subject, facets }: Known,
): PublishedEvent {
  const facts = thin(findEventType(type)?.facts(subject, data) as object);
  const event = { ...as, id, type, objectType, objectId, at, facets, facts };
  mustBeTellable(event);
  return event;
}

/** Else every endpoint would fail with it, one by one: here it is held back, loudly, and nothing is lost. */
function mustBeTellable(event: PublishedEvent): void {
  const bytes = Buffer.byteLength(payloadOf(event, LATEST_VERSION, null).body);
  if (bytes < LARGEST_PAYLOAD) return;
  throw new Error(`The event ${event.id} (${event.type}) would make a payload of ${bytes} bytes.`);
}

/** The number of the last one so far; nobody else of the tenant publishes until the commit. */
async function holdNumbers(manager: EntityManager, tenantId: string): Promise<bigint> {
  const [row] = await manager.query<{ last_seq: string }[]>(
    `WITH held AS (
       INSERT INTO publishing AS p (tenant_id, last_seq) VALUES ($1, 0)
       ON CONFLICT (tenant_id) DO UPDATE SET last_seq = p.last_seq RETURNING last_seq
     ) SELECT last_seq FROM held`,
    [tenantId],
  );
  return BigInt(row?.last_seq ?? 0);
}

/**
 * Those of which the catalogue has nothing are among them. What is held is left out one by one: what comes in meanwhile may
 * have a lower position, when it was recorded earlier and committed later.
 */
const next = (
  manager: EntityManager,
  tenantId: string,
  { positions }: HeldBack,
  atMost: number,
): Promise<WaitingEvent[]> =>
  manager.query<WaitingEvent[]>(
    `SELECT u.position, e.id, e.type, e.object_type, e.object_id, e.data, e.at
     FROM unpublished_events u JOIN events e ON e.tenant_id = u.tenant_id AND e.id = u.event_id
     WHERE u.tenant_id = $1 AND u.position <> ALL ($3::bigint[]) ORDER BY u.position LIMIT $2`,
    [tenantId, atMost, positions],
  );

async function insert(manager: EntityManager, tenantId: string, events: readonly PublishedEvent[]): Promise<void> {
  const rows = events.map(({ facets, ...event }) => ({
    seq: event.seq,
    id: event.id,
    type: event.type,
    object_type: event.objectType,
    object_id: event.objectId,
    at: event.at,
    published_at: event.publishedAt,
    ...columnsOf(facets),
    facts: event.facts,
  }));
  await manager.query(
    `WITH added AS (
       INSERT INTO published_events (tenant_id, seq, id, type, object_type, object_id, at, published_at, account_id, scan_id,
         check_id, severity, owner, ou_path, facts)
       SELECT $1, seq, id, type, object_type, object_id, at, published_at, account_id, scan_id, check_id, severity, owner,
         ou_path, facts
       FROM jsonb_to_recordset($2::jsonb) AS r (seq bigint, id uuid, type text, object_type text, object_id text,
         at timestamptz, published_at timestamptz, account_id uuid, scan_id uuid, check_id text, severity text, owner text,
         ou_path text, facts jsonb)
     ) UPDATE publishing SET last_seq = $3 WHERE tenant_id = $1`,
    [tenantId, JSON.stringify(rows), events.at(-1)?.seq],
  );
}

const columnsOf = ({ accountId, scanId, checkId, severity, owner, ouPath }: Facets) => ({
  account_id: accountId,
  scan_id: scanId,
  check_id: checkId,
  severity,
  owner,
  ou_path: ouPath,
});
