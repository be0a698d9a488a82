import { regionShown } from './identity-use';
import type { Instant, LastUse } from './model';
import { regionsOf, SERVICES_USED } from './names';
import type { AgeProfile, Partition } from './options';
import type { Random } from './random';
import { DAY_MS, SECOND_MS } from './time-line';

const MINUTE_MS = 60_000;
const TWELVE_YEARS_MS = 12 * 365 * DAY_MS;
const EDGE_DAYS = [45, 60, 90, 90, 90, 365, 400] as const;
const EDGE_SECONDS = [-86_400, -3_600, -600, -30, -1, 0, 1, 30, 600, 3_600, 86_400] as const;

/** How often an age sits at a threshold, how often a use is recent, and how old things are at most. */
const PROFILES = {
  typical: { edges: 0.05, never: 0.12, recent: 0.62, oldestMs: TWELVE_YEARS_MS },
  young: { edges: 0.05, never: 0.3, recent: 0.7, oldestMs: 100 * DAY_MS },
  neglected: { edges: 0.05, never: 0.25, recent: 0.15, oldestMs: TWELVE_YEARS_MS },
  edges: { edges: 0.6, never: 0.1, recent: 0.3, oldestMs: TWELVE_YEARS_MS },
} as const satisfies Record<AgeProfile, unknown>;

/** IAM recorded no password use in these weeks (IAM API reference, `User.PasswordLastUsed`). */
const GAP = { from: Date.UTC(2018, 4, 3, 22, 50), to: Date.UTC(2018, 4, 23, 14, 8) };

/** The dates of one account: how old, and how long ago used, dense around the thresholds that people set. */
export class Ages {
  private readonly profile: (typeof PROFILES)[AgeProfile];

  constructor(
    private readonly random: Random,
    private readonly epoch: Instant,
    profile: AgeProfile,
    private readonly partition: Partition,
  ) {
    this.profile = PROFILES[profile];
  }

  /** A moment from `notBefore` to a few minutes before the epoch; the oldest are twelve years old. */
  created(notBefore: Instant = this.epoch - this.profile.oldestMs): Instant {
    const span = Math.min(this.epoch - notBefore, this.profile.oldestMs);
    if (this.random.chance(this.profile.edges)) {
      const edge = this.edge();
      if (edge <= span) return this.epoch - edge;
    }
    // Half of all things are about as old as they can be; the rest is spread over all sizes, from minutes up.
    const shortest = this.random.chance(0.5) ? 5 * MINUTE_MS : span / 12;
    return this.ago(this.random.logBetween(Math.min(shortest, span), span));
  }

  /** When something that exists since `createdAt` was used last; null is never. */
  used(createdAt: Instant): Instant | null {
    const age = this.epoch - createdAt;
    if (this.random.chance(this.profile.never) || age < 2 * MINUTE_MS) return null;
    if (this.random.chance(this.profile.edges)) {
      const edge = this.edge();
      if (edge <= age) return this.epoch - edge;
    }
    const recent = this.random.chance(this.profile.recent);
    const [from, to] = recent ? [MINUTE_MS, 20 * DAY_MS] : [20 * DAY_MS, TWELVE_YEARS_MS];
    return this.ago(this.random.logBetween(Math.min(from, age), Math.min(to, age)));
  }

  /** As `used`, with service and region. */
  use(createdAt: Instant): LastUse | null {
    const at = this.used(createdAt);
    if (at === null) return null;
    const service = this.random.pick(SERVICES_USED);
    return { at, service, region: regionShown(service, this.random.pick(regionsOf(this.partition))) };
  }

  /** As `used`, with the weeks in which IAM recorded no sign-in moved to just before them. */
  signedIn(createdAt: Instant): Instant | null {
    const at = this.used(createdAt);
    return at !== null && at >= GAP.from && at < GAP.to ? Math.max(createdAt, GAP.from - DAY_MS) : at;
  }

  /** A moment between two, whole seconds. */
  between(from: Instant, to: Instant): Instant {
    return Math.floor((from + this.random.next() * (to - from)) / SECOND_MS) * SECOND_MS;
  }

  private edge(): number {
    return this.random.pick(EDGE_DAYS) * DAY_MS + this.random.pick(EDGE_SECONDS) * SECOND_MS;
  }

  private ago(ms: number): Instant {
    return this.epoch - Math.floor(ms / SECOND_MS) * SECOND_MS;
  }
}
