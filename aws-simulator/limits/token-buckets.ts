/** `rate` tokens a second, at most `burst` saved up. */
export interface BucketSize {
  rate: number;
  burst: number;
}

export interface Pacing {
  /** For any action without its own line. `null` = no limit. */
  byService: Record<'iam' | 'sts' | 'organizations', BucketSize | null> &
    Partial<Record<'sns' | 'cloudtrail', BucketSize | null>>;
  /** `organizations:ListAccounts` and the like; for each calling account. */
  byAction: Record<string, BucketSize>;
  /** One bucket for all IAM calls of an account together, beside those of each action; `null` = none. */
  iamTogether: BucketSize | null;
  /** One bucket for all Organizations calls of the organization together. */
  organizationsTogether: BucketSize | null;
}

/**
 * Organizations' numbers are published (quotas page); STS's about 600/s for account and region; IAM's are not: others
 * assume 15/s for `GetRole` and the list calls.
 */
export const defaultPacing: Readonly<Pacing> = {
  byService: {
    iam: { rate: 15, burst: 30 },
    sts: { rate: 600, burst: 600 },
    organizations: { rate: 5, burst: 8 },
  },
  byAction: {
    'organizations:ListAccounts': { rate: 8, burst: 12 },
    'organizations:ListAccountsForParent': { rate: 5, burst: 8 },
    'organizations:ListParents': { rate: 5, burst: 8 },
    'organizations:ListRoots': { rate: 1, burst: 2 },
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    'cloudtrail:LookupEvents': { rate: 2, burst: 2 },
    // The lowest of all regions: https://docs.aws.amazon.com/general/latest/gr/sns.html#limits_sns
    'sns:Publish': { rate: 300, burst: 300 },
  },
  iamTogether: null,
  organizationsTogether: { rate: 9, burst: 14 },
};

export const unlimitedPacing: Readonly<Pacing> = {
  byService: { iam: null, sts: null, organizations: null },
  byAction: {},
  iamTogether: null,
  organizationsTogether: null,
};

interface Bucket {
  size: BucketSize;
  tokens: number;
  filledAt: number;
}

/** Token buckets for each account and action, in real time. */
export class TokenBuckets {
  private buckets = new Map<string, Bucket>();

  constructor(
    private pacing: Pacing,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get sizes(): Pacing {
    return this.pacing;
  }

  /** Takes effect at once; saved-up tokens are forgotten. */
  resize(pacing: Pacing): void {
    this.pacing = pacing;
    this.buckets = new Map();
  }

  /** Takes a token from every bucket that applies, or from none and answers false. */
  take(service: keyof Pacing['byService'], action: string, accountId: string): boolean {
    const name = `${service}:${action}`;
    const own = this.pacing.byAction[name] ?? this.pacing.byService[service] ?? null;
    const wanted: [string, BucketSize | null][] = [[`${accountId} ${name}`, own]];
    if (service === 'iam') wanted.push([`${accountId} iam`, this.pacing.iamTogether]);
    if (service === 'organizations') wanted.push(['organizations', this.pacing.organizationsTogether]);

    const buckets = wanted.flatMap(([key, size]) => (size ? [this.filled(key, size)] : []));
    if (buckets.some((bucket) => bucket.tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  private filled(key: string, size: BucketSize): Bucket {
    const now = this.clock();
    let bucket = this.buckets.get(key);
    if (!bucket) {
      bucket = { size, tokens: size.burst, filledAt: now };
      this.buckets.set(key, bucket);
    }
    bucket.tokens = Math.min(size.burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * size.rate);
    bucket.filledAt = now;
    return bucket;
  }
}
