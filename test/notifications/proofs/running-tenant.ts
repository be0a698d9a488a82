import { EndpointPreparation } from '../../../src/notifications/endpoints/endpoint-preparation.service';
import { Endpoints } from '../../../src/notifications/endpoints/endpoints.service';
import { Events } from '../../../src/tasks/events.service';
import type { Arriving, Mood } from '../receiver';
import type { Happened } from './asked';
import type { NotifiedWorld } from './notified-world';
import { type EndpointSketch, type RandomTenant } from './random-tenant';
import { makeSubjects, type Subject, type Subjects } from './subjects';
import { disbelief } from './told';

const HOUR_MS = 3_600_000;

/** One endpoint of a story, with the receiver's side of it. */
export interface RunningEndpoint {
  readonly id: string;
  readonly path: string;
  readonly sketch: EndpointSketch;
  /** What the receiver verifies with. */
  secret: string;
  /** A new secret, and when the receiver takes it up. */
  next: { readonly secret: string; readonly from: number } | null;
  /** Whether it is well-behaved from now on. */
  calm: boolean;
  /** Whether people have stopped it: nothing may arrive. */
  isPaused: boolean;
  /** How many arrived since it wanted nothing any more; null: it takes messages. */
  sinceGone: number | null;
  /** When people had something sent again, by the service's clock. */
  readonly replayedAt: number[];
  /** Deliveries that were sent again one by one, by hand. */
  readonly byHand: Set<string>;
}

/** A tenant whose story is being told: what has happened, and whom it should reach. */
export class RunningTenant {
  /** Recorded in the stages' way and to be published once each, by id. */
  readonly happened = new Map<string, Happened>();
  readonly endpoints: RunningEndpoint[] = [];
  readonly violations: string[] = [];
  private made = 0;

  private constructor(
    readonly world: NotifiedWorld,
    readonly spec: RandomTenant,
    readonly tenantId: string,
    readonly subjects: Subjects,
  ) {}

  static async begin(world: NotifiedWorld, spec: RandomTenant): Promise<RunningTenant> {
    const tenantId = await world.pipeline.createTenant();
    const subjects = await makeSubjects(world.pipeline.rows, tenantId, spec.findings);
    return new RunningTenant(world, spec, tenantId, subjects);
  }

  /** Its filter in the service's words. */
  async makeEndpoint(sketch: EndpointSketch): Promise<void> {
    const { pipeline, receiver } = this.world;
    // Several may be made at once.
    const number = (this.made += 1) - 1;
    const path = `/${this.tenantId}/${number}`;
    const { accounts, ...others } = sketch.filter;
    const accountIds = accounts?.map((number) => this.subjects.accounts[number].id);
    const request = {
      name: `endpoint ${number}`,
      channel: 'webhook' as const,
      settings: { url: `${receiver.url}${path}`, signing: sketch.signing },
      filter: { ...others, ...(accountIds ? { accountIds } : {}) },
      sends: sketch.sends,
      concurrency: sketch.concurrency,
      perMinute: 6_000,
    };
    const prepared = await pipeline.get(EndpointPreparation).prepare(this.tenantId, request);
    const { id, secret } = await pipeline.tenants.inTenant(this.tenantId, (manager) =>
      pipeline.get(Endpoints).create(manager, this.tenantId, prepared, { name: 'Somebody' }),
    );
    if (secret === null) throw new Error('A webhook has a secret.');
    const endpoint: RunningEndpoint = {
      id,
      path,
      sketch,
      secret,
      next: null,
      calm: false,
      isPaused: false,
      sinceGone: null,
      replayedAt: [],
      byHand: new Set(),
    };
    this.endpoints.push(endpoint);
    receiver.behave(path, (arriving, count) => this.moodOf(endpoint, arriving, count));
  }

  async record(events: readonly { readonly subject: Subject; readonly type: string }[]): Promise<void> {
    const { tenants, get } = this.world.pipeline;
    const recorded = await tenants.inTenant(this.tenantId, (manager) =>
      get(Events).record(
        manager,
        this.tenantId,
        events.map(({ subject, type }) => ({
          type,
          objectType: subject.type,
          objectId: subject.id,
          data: subject.data,
        })),
      ),
    );
    for (const [index, { id, type }] of recorded.entries()) {
      this.happened.set(id, { type, subject: events[index]?.subject ?? null });
    }
  }

  private moodOf(endpoint: RunningEndpoint, arriving: Arriving, count: number): Mood {
    const at = arriving.at.getTime();
    if (endpoint.next !== null && at >= endpoint.next.from) {
      endpoint.secret = endpoint.next.secret;
      endpoint.next = null;
    }
    const why = disbelief(arriving, endpoint.secret, this.world.jumpMs);
    if (why !== null) {
      this.violations.push(`${endpoint.path}: ${arriving.id} was not believed: ${why}`);
      return { does: 'refuse', status: 401 };
    }
    if (endpoint.isPaused) this.violations.push(`${endpoint.path}: was sent ${arriving.id} while paused`);
    if (endpoint.sinceGone !== null) this.mustHaveBeenUnderWay(endpoint, arriving);
    if (endpoint.calm) return { does: 'accept' };
    const { moods } = endpoint.sketch;
    const mood = asDate(moods[count % moods.length] ?? { does: 'accept' }, at);
    if (mood.does === 'refuse' && mood.status === 410) endpoint.sinceGone ??= 0;
    return mood;
  }

  /** Whoever says 410 gets nothing more, but for what went out together with that one. */
  private mustHaveBeenUnderWay(endpoint: RunningEndpoint, { id }: Arriving): void {
    endpoint.sinceGone = (endpoint.sinceGone ?? 0) + 1;
    if (endpoint.sinceGone < endpoint.sketch.concurrency) return;
    this.violations.push(`${endpoint.path}: was sent ${id} after it had said 410`);
  }
}

const DATES: Readonly<Record<string, number>> = {
  'in-an-hour': HOUR_MS,
  'in-a-year': 8_760 * HOUR_MS,
  'an-hour-ago': -HOUR_MS,
};

function asDate(mood: Mood, at: number): Mood {
  if (mood.does !== 'refuse' || mood.retryAfter === undefined) return mood;
  const ms = DATES[mood.retryAfter];
  return ms === undefined ? mood : { ...mood, retryAfter: new Date(at + ms).toUTCString() };
}
