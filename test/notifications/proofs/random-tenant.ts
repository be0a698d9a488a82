import fc from 'fast-check';
import type { Mood } from '../receiver';
import { CHECKS, type FindingSketch, OUS, OWNERS, SEVERITIES } from './subjects';

/** What an endpoint asks for, by the names and numbers of the sketch. What is missing asks for everything. */
export interface FilterSketch {
  readonly types?: string[];
  readonly checks?: string[];
  readonly severities?: (typeof SEVERITIES)[number][];
  readonly accounts?: (0 | 1)[];
  readonly ous?: string[];
  readonly owners?: string[];
}

export interface EndpointSketch {
  readonly filter: FilterSketch;
  readonly sends: 'single' | 'batch';
  readonly signing: 'hmac' | 'ed25519';
  readonly concurrency: number;
  /** One for each request, and from the start again; after the last step it is always well-behaved. */
  readonly moods: readonly Mood[];
  /** Before which step it is made. */
  readonly madeAt: number;
}

export const FINDING_EVENTS = ['finding.opened', 'finding.resolved', 'finding.reopened', 'finding.exempt'] as const;
export const ACCOUNT_EVENTS = ['account.lost-access', 'account.left'] as const;

/** `who` chooses among the subjects or the endpoints. */
export type Happening =
  /** In one transaction. */
  | { readonly kind: 'events'; readonly events: readonly { readonly who: number; readonly type: number }[] }
  /** In several, at the same time. */
  | { readonly kind: 'rivals'; readonly events: readonly { readonly who: number; readonly type: number }[] }
  | { readonly kind: 'pause' | 'resume' | 'replay-failed' | 'replay-all'; readonly who: number }
  | { readonly kind: 'rotate'; readonly who: number; readonly switchesAfterHours: number }
  | { readonly kind: 'replay-one'; readonly who: number; readonly which: number };

export interface Step {
  readonly minutes: number;
  readonly happenings: readonly Happening[];
}

export interface RandomTenant {
  readonly findings: readonly FindingSketch[];
  readonly endpoints: readonly EndpointSketch[];
  readonly steps: readonly Step[];
}

const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values], { minLength: 1 });

const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const filter: fc.Arbitrary<FilterSketch> = fc
  .record({
    types: rarely(
      some(['finding.opened', 'finding.resolved', 'finding.*', 'account.*', 'account.lost-access', 'endpoint.*']),
    ),
    checks: rarely(some(CHECKS)),
    severities: rarely(some(SEVERITIES)),
    accounts: rarely(some([0, 1] as const)),
    ous: rarely(some([...OUS, '/Workloads'])),
    owners: rarely(some(OWNERS)),
  })
  .map((asked) => Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)));

/** Every way of asking to be left alone, and texts that are none. */
const retryAfter = fc.constantFrom(
  '0',
  '7',
  '4000',
  '99999999',
  'in-an-hour',
  'in-a-year',
  'an-hour-ago',
  '-5',
  '1.5',
  '',
  'soon',
  '1e9',
);

const mood: fc.Arbitrary<Mood> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ does: fc.constant('accept' as const), status: fc.constantFrom(200, 201, 202, 204) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('accept' as const), after: fc.integer({ min: 10, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.constant<Mood>({ does: 'forget' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('refuse' as const),
      status: fc.constantFrom(400, 401, 403, 404, 500, 502),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('refuse' as const), status: fc.constantFrom(429, 503), retryAfter }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('redirect' as const),
      status: fc.constantFrom(301, 302, 303, 307, 308),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Mood>({ does: 'drop' }) },
  { weight: 2, arbitrary: fc.constant<Mood>({ does: 'take-and-reset' }) },
  { weight: 1, arbitrary: fc.constant<Mood>({ does: 'cut' }) },
  { weight: 1, arbitrary: fc.constant<Mood>({ does: 'babble' }) },
  { weight: 1, arbitrary: fc.constant<Mood>({ does: 'flood', bytes: 300_000 }) },
);

const gone: Mood = { does: 'refuse', status: 410 };

/** Most are moody; some refuse everything for as long as the story goes, some want nothing any more one day. */
const moods: fc.Arbitrary<readonly Mood[]> = fc.oneof(
  { weight: 6, arbitrary: fc.array(mood, { minLength: 3, maxLength: 15 }) },
  { weight: 1, arbitrary: fc.constant<Mood[]>([{ does: 'refuse', status: 500 }]) },
  { weight: 1, arbitrary: fc.array(mood, { minLength: 4, maxLength: 8 }).map((before) => [...before, gone]) },
);

const endpoint: fc.Arbitrary<EndpointSketch> = fc.record({
  filter: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 3, arbitrary: filter }),
  sends: fc.constantFrom('single', 'single', 'single', 'batch'),
  signing: fc.constantFrom('hmac', 'hmac', 'ed25519'),
  concurrency: fc.integer({ min: 1, max: 4 }),
  moods,
  madeAt: fc.constantFrom(0, 0, 0, 2),
});

const events = fc.array(fc.record({ who: fc.nat(9), type: fc.nat(3) }), { minLength: 1, maxLength: 6 });
const who = fc.nat(5);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('events' as const), events }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rivals' as const), events }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rotate' as const),
      who,
      switchesAfterHours: fc.integer({ min: 0, max: 23 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('replay-failed' as const, 'replay-all' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replay-one' as const), who, which: fc.nat(20) }) },
);

/** Minutes, hours or days: over seconds, the schedule's first waits, and its last. */
const minutes = fc.oneof(
  fc.integer({ min: 0, max: 1 }),
  fc.integer({ min: 2, max: 40 }),
  fc.integer({ min: 60, max: 600 }),
  fc.integer({ min: 900, max: 2_500 }),
);

const finding: fc.Arbitrary<FindingSketch> = fc.record({
  check: fc.constantFrom(...CHECKS),
  severity: fc.constantFrom(...SEVERITIES),
  account: fc.constantFrom(0 as const, 1 as const),
  owner: fc.constantFrom(...OWNERS, null),
});

export const randomTenant: fc.Arbitrary<RandomTenant> = fc.record({
  findings: fc.array(finding, { minLength: 1, maxLength: 5 }),
  endpoints: fc.array(endpoint, { minLength: 1, maxLength: 3 }),
  steps: fc.array(fc.record({ minutes, happenings: fc.array(happening, { minLength: 1, maxLength: 3 }) }), {
    minLength: 4,
    maxLength: 8,
  }),
});
