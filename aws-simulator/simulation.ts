import type { Session } from './authorization/principal';
import { TrustBindings } from './authorization/trust';
import { Directory } from './directory';
import { Faults } from './limits/faults';
import { RequestLog } from './limits/request-log';
import { WriteLedger } from './limits/write-ledger';
import { TokenBuckets, defaultPacing } from './limits/token-buckets';
import type { Pacing } from './limits/token-buckets';
import { RecentWrites } from './services/iam/recent-writes';
import type { AccessJob } from './services/iam/service-last-accessed';
import { Trail } from './services/cloudtrail/trail';
import { Topics } from './services/sns/topics';
import { defaultSwitches } from './switches';
import type { Switches } from './switches';
import type { World } from './world/world';

export interface Latency {
  /** Each answer takes at least so long. */
  ms: number;
  /** `iam:GetUser` and the like, instead of `ms`. */
  byAction: Record<string, number>;
}

export interface SimulationOptions {
  switches?: Partial<Switches>;
  pacing?: Partial<Pacing>;
  latencyMs?: number;
}

/** Everything that one running simulator holds beside the world's data. */
export class Simulation {
  readonly directory: Directory;
  readonly trust: TrustBindings;
  readonly buckets: TokenBuckets;
  readonly faults = new Faults();
  readonly log = new RequestLog();
  readonly writes = new WriteLedger();
  readonly recentWrites = new RecentWrites(() => this.world.time.elapsed());
  readonly sessions = new Map<string, Session>();
  readonly accessJobs = new Map<string, AccessJob>();
  readonly topics: Topics;
  readonly trail = new Trail();
  readonly switches: Switches;
  latency: Latency;

  constructor(
    readonly world: World,
    { switches, pacing, latencyMs = 0 }: SimulationOptions = {},
  ) {
    this.directory = new Directory(world);
    this.topics = new Topics(world.settings.partition);
    this.trust = new TrustBindings(world);
    this.buckets = new TokenBuckets({ ...defaultPacing, ...pacing });
    this.switches = { ...defaultSwitches, ...switches };
    this.latency = { ms: latencyMs, byAction: {} };
  }
}
