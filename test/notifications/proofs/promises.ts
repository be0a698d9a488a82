import { encodeId } from '../../../src/api-id';
import type { Received } from '../receiver';
import { type Happened, isAskedFor } from './asked';
import type { RunningEndpoint, RunningTenant } from './running-tenant';
import type { Attempt, Delivery, There } from './what-is-there';

/** Before the second attempt, the third and so on, in milliseconds, at least: the schedule with its jitter. */
const SECOND = 1_000;
const WAITS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => 0.89 * seconds * SECOND);
const ATTEMPTS = 10;
const DAY_MS = 86_400_000;

/** Whatever was not kept of what tenants are promised, a line each. */
export function brokenPromises(tenant: RunningTenant, there: There): string[] {
  return [
    ...publication(tenant, there),
    ...tenant.endpoints.flatMap((endpoint) => {
      const told = new Told(tenant, there, endpoint);
      return [...told.asked(), ...told.ends(), ...told.arrivals(), ...told.schedule(), ...told.order()].map(
        (text) => `endpoint ${endpoint.path.slice(-1)} (${endpoint.sketch.sends}): ${text}`,
      );
    }),
  ];
}

/** Each event once, in one order without gaps, and no event that did not happen. */
function publication({ happened }: RunningTenant, { published, unpublished }: There): string[] {
  const ids = published.map(({ id }) => id);
  return [
    ...(unpublished > 0 ? [`${unpublished} events are not published`] : []),
    ...[...happened.keys()].filter((id) => !ids.includes(id)).map((id) => `the event ${id} was lost`),
    ...published
      .filter(({ id, type }) => !happened.has(id) && type !== 'endpoint.disabled')
      .map(({ id, type }) => `the event ${id} (${type}) was invented`),
    ...published.filter(({ seq }, index) => seq !== index + 1).map(({ seq }) => `${seq} is out of the order`),
    ...(new Set(ids).size === ids.length ? [] : ['an event was published twice']),
  ];
}

/** One endpoint's side of the story and the receiver's, held against what should have been. */
class Told {
  private readonly deliveries: readonly Delivery[];
  private readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  private readonly received: readonly Received[];
  private readonly byMessage: ReadonlyMap<string, readonly Received[]>;

  constructor(
    private readonly tenant: RunningTenant,
    private readonly there: There,
    private readonly endpoint: RunningEndpoint,
  ) {
    this.deliveries = there.deliveries.filter((delivery) => delivery.endpoint_id === endpoint.id);
    this.attempts = grouped(there.attempts, ({ delivery_id }) => delivery_id);
    this.received = tenant.world.receiver.of(endpoint.path);
    this.byMessage = grouped(this.received, ({ id }) => id);
  }

  /** For each event that it asked for a message, or a place in one batch; and none for any other. */
  asked(): string[] {
    const wanted = this.wanted();
    const given = this.deliveries.filter(({ kind }) => kind === 'event').map(({ event_id }) => event_id ?? '');
    if (this.endpoint.sketch.sends === 'batch') return this.batches(wanted);
    return [
      ...[...wanted.keys()].filter((id) => !given.includes(id)).map((id) => `${this.nameOf(id)} was lost for it`),
      ...given.filter((id) => !wanted.has(id)).map((id) => `${this.nameOf(id)} was not asked for`),
      ...(new Set(given).size === given.length ? [] : ['two deliveries of one event']),
    ];
  }

  /** Each ends, and says how. */
  ends(): string[] {
    return this.deliveries.flatMap((delivery) => {
      const attempts = this.attempts.get(delivery.id) ?? [];
      const accepted = attempts.some(({ outcome }) => outcome === 'accepted');
      const complain = (text: string): string[] => [`${this.nameOf(delivery.event_id)}: ${text}`];
      if (attempts.some(({ outcome }) => outcome === 'sending')) return complain('an attempt without an outcome');
      if (attempts.some(({ outcome, why }) => outcome !== 'accepted' && why === null))
        return complain('failed without a reason');
      switch (delivery.state) {
        case 'delivered':
          return accepted ? [] : complain('delivered, though nobody accepted it');
        case 'superseded':
          return this.isOutdone(delivery) ? [] : complain('superseded by nothing');
        case 'failed':
          return delivery.state_why === null ? complain('failed without a reason') : [];
        default:
          return complain(`is ${delivery.state} in the end`);
      }
    });
  }

  /** What the receiver saw is what the attempts say: the same id and text each time, one request an attempt. */
  arrivals(): string[] {
    const known = new Set(this.deliveries.map((delivery) => this.messageOf(delivery)));
    return [
      ...[...this.byMessage.keys()].filter((id) => !known.has(id)).map((id) => `the message ${id} is of no delivery`),
      ...this.deliveries.flatMap((delivery) => {
        const requests = this.byMessage.get(this.messageOf(delivery)) ?? [];
        const attempts = this.attempts.get(delivery.id) ?? [];
        const complain = (text: string): string[] => [`${this.nameOf(delivery.event_id)}: ${text}`];
        if (new Set(requests.map(({ body }) => body)).size > 1) return complain('two texts under one id');
        if (requests.some(({ body }) => Buffer.byteLength(body) >= 20_000)) return complain('more than 20 kB');
        if (requests.length !== attempts.length) {
          return complain(`${attempts.length} attempts, ${requests.length} requests`);
        }
        return attempts.flatMap(({ status, outcome }, index) => {
          const answered = requests[index]?.answered ?? null;
          const isAccepted = answered !== null && answered >= 200 && answered < 300;
          if (status === answered && (outcome === 'accepted') === isAccepted) return [];
          return complain(`answered ${answered ?? 'nothing'}, written down as ${outcome} ${status ?? ''}`);
        });
      }),
    ];
  }

  /** No attempt before its time, none after the last one, none before the receiver wanted to be asked again. */
  schedule(): string[] {
    return this.deliveries.flatMap((delivery) => {
      const attempts = this.attempts.get(delivery.id) ?? [];
      const requests = this.byMessage.get(this.messageOf(delivery)) ?? [];
      const complaints: string[] = [];
      let round = 1;
      for (const [index, { at }] of attempts.entries()) {
        const before = attempts[index - 1];
        if (before === undefined) continue;
        const isNewRound = this.endpoint.replayedAt.some((time) => time >= before.at.getTime() && time <= at.getTime());
        if (isNewRound) {
          round = 1;
          continue;
        }
        const gap = at.getTime() - before.at.getTime();
        const wait = Math.max(WAITS[round - 1] ?? Infinity, askedWait(requests[index - 1]));
        if (gap < wait) complaints.push(`attempt ${round + 1} after ${gap} ms, and not ${Math.round(wait)}`);
        if (before.outcome === 'accepted') complaints.push('sent again after it was accepted');
        round += 1;
      }
      if (round > ATTEMPTS) complaints.push(`${round} attempts`);
      return complaints.map((text) => `${this.nameOf(delivery.event_id)}: ${text}`);
    });
  }

  /** Of one object, and of one account's batches, nothing older after something newer was accepted, and never two at once. */
  order(): string[] {
    const complaints: string[] = [];
    const keyOf = ({ kind, object_key, account_id }: Delivery): string =>
      kind === 'batch' ? `batches ${account_id}` : (object_key ?? '');
    for (const [key, deliveries] of grouped(this.deliveries, keyOf)) {
      if (key === '') continue;
      const places = new Map(deliveries.map((delivery) => [this.messageOf(delivery), delivery]));
      const requests = this.received.filter(({ id }) => places.has(id));
      let newest = 0;
      let ended = 0;
      for (const request of requests) {
        const delivery = places.get(request.id);
        const seq = delivery?.seq ?? 0;
        // A replay of a range brings older batches after newer ones.
        const isReplayed =
          this.endpoint.byHand.has(delivery?.id ?? '') ||
          (delivery?.kind === 'batch' && this.endpoint.replayedAt.some((time) => time <= request.at.getTime()));
        if (seq < newest && !isReplayed) {
          complaints.push(`${seq} of ${key} was sent after ${newest} had been accepted`);
        }
        if (request.began < ended) complaints.push(`two of ${key} at once`);
        ended = Math.max(ended, request.ended ?? Infinity);
        const { answered } = request;
        if (answered !== null && answered >= 200 && answered < 300) newest = Math.max(newest, seq);
      }
    }
    const most = this.tenant.world.receiver.mostAtOnce(this.endpoint.path);
    if (most > this.endpoint.sketch.concurrency) complaints.push(`${most} requests at once`);
    return complaints;
  }

  private wanted(): Map<string, number> {
    const { happened, subjects } = this.tenant;
    const kept = this.there.endpoints.get(this.endpoint.id);
    const wanted = new Map<string, number>();
    for (const { id, seq, type, object_id: objectId } of this.there.published) {
      // What happens to itself is told another way.
      if (objectId === this.endpoint.id) continue;
      const what: Happened = happened.get(id) ?? { type, subject: null };
      const isLater = kept !== undefined && seq > kept.after_seq;
      if (isLater && isAskedFor(this.endpoint.sketch.filter, subjects.accounts, what)) wanted.set(id, seq);
    }
    return wanted;
  }

  /** Each event that is of an account is in one batch of that account, and batches count no other. */
  private batches(wanted: ReadonlyMap<string, number>): string[] {
    const { happened } = this.tenant;
    const complaints: string[] = [];
    const counted = new Map<string, number>();
    for (const [id, seq] of wanted) {
      const accountId = happened.get(id)?.subject?.account.id ?? null;
      const holding = this.deliveries.filter(
        (delivery) =>
          delivery.event_id === id ||
          (delivery.kind === 'batch' &&
            delivery.account_id === accountId &&
            (delivery.seq ?? Infinity) <= seq &&
            seq <= (delivery.last_seq ?? 0)),
      );
      if (holding.length !== 1) complaints.push(`${this.nameOf(id)} is in ${holding.length} messages`);
      for (const delivery of holding) counted.set(delivery.id, (counted.get(delivery.id) ?? 0) + 1);
    }
    for (const delivery of this.deliveries) {
      const body = this.byMessage.get(this.messageOf(delivery))?.[0]?.body;
      const said = body === undefined || delivery.kind !== 'batch' ? undefined : countIn(body);
      const right = counted.get(delivery.id) ?? 0;
      if (right === 0) complaints.push(`a ${delivery.kind} of nothing that it asked for`);
      if (said !== undefined && said !== right) complaints.push(`a batch of ${right} events says ${said}`);
    }
    return complaints;
  }

  private isOutdone(delivery: Delivery): boolean {
    return this.deliveries.some(
      (other) =>
        other.object_key === delivery.object_key &&
        (other.seq ?? 0) > (delivery.seq ?? 0) &&
        (this.attempts.get(other.id) ?? []).some(({ outcome }) => outcome === 'accepted'),
    );
  }

  private messageOf({ id, event_id }: Delivery): string {
    const { tenantId } = this.tenant;
    return event_id === null
      ? `msg_${encodeId('Delivery', tenantId, id)}`
      : `evt_${encodeId('Event', tenantId, event_id)}`;
  }

  private nameOf(eventId: string | null): string {
    const event = this.there.published.find(({ id }) => id === eventId);
    return event === undefined ? 'a message' : `${event.seq} (${event.type})`;
  }
}

/** What the receiver asked for, in milliseconds; at most a day of it counts. */
function askedWait(request: Received | undefined): number {
  if (request?.mood.does !== 'refuse' || ![429, 503].includes(request.mood.status)) return 0;
  const asked = request.mood.retryAfter ?? '';
  const isDate = /GMT$/.test(asked);
  const ms = isDate ? Date.parse(asked) - request.at.getTime() : /^\d+$/.test(asked) ? Number(asked) * SECOND : 0;
  // A date has whole seconds.
  return Math.min(Math.max(0, ms - SECOND), DAY_MS - SECOND);
}

/** How many events a batch says that it is of. */
const countIn = (body: string): number => (JSON.parse(body) as { data: { count: number } }).data.count;

function grouped<T>(all: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = by(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
