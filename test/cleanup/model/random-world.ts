import fc from 'fast-check';
import type { FaultRule } from '../../../aws-simulator/limits/faults';

/** How long ago, in days; null: never. */
type DaysAgo = number | null;

export interface KeySketch {
  readonly ageDays: number;
  readonly usedDaysAgo: DaysAgo;
  readonly active: boolean;
}

/** What makes an identity one that is to be left alone. */
export const RESERVED = ['managed-as-code', 'own-boundary', 'own-deny-all'] as const;
export type Reserved = (typeof RESERVED)[number];

interface IdentitySketch {
  readonly ageDays: number;
  readonly managedPolicies: number;
  readonly inlinePolicies: number;
  readonly reserved: Reserved | null;
}

export interface UserSketch extends IdentitySketch {
  readonly kind: 'user';
  readonly password: { readonly changedDaysAgo: number; readonly usedDaysAgo: DaysAgo } | null;
  readonly keys: readonly KeySketch[];
  readonly groups: number;
  readonly mfa: boolean;
  readonly credentials: readonly {
    readonly kind: 'ssh' | 'certificate' | 'service-specific';
    readonly active: boolean;
  }[];
}

export interface RoleSketch extends IdentitySketch {
  readonly kind: 'role';
  readonly usedDaysAgo: DaysAgo;
  readonly instanceProfiles: number;
  readonly serviceLinked: boolean;
}

export type Sketch = UserSketch | RoleSketch;

/** What people and AWS do besides. `who` chooses among the identities. `during`: while clean-up works, not before. */
export const DECISIONS = ['pause', 'go-on', 'halt', 'resume', 'cancel'] as const;
export const CHANGES = ['attach', 'make-again', 'make-key', 'take-boundary-off', 'activate-keys'] as const;

export type Change = (typeof CHANGES)[number];
export type Decision =
  | { readonly kind: 'exempt'; readonly who: number; readonly during: boolean }
  | { readonly kind: (typeof DECISIONS)[number]; readonly during: boolean }
  | { readonly kind: 'restore'; readonly who: number }
  | { readonly kind: 'scan' };
export type Misfortune =
  | { readonly kind: 'suspend' }
  | { readonly kind: 'allow-all' }
  | { readonly kind: 'refuse'; readonly action: string }
  | { readonly kind: 'fault'; readonly rule: FaultRule };
export type Happening =
  | { readonly kind: 'use'; readonly who: number; readonly during: boolean }
  | { readonly kind: Change; readonly who: number }
  | Decision
  | Misfortune;

export interface Round {
  readonly hours: number;
  readonly happenings: readonly Happening[];
}

export interface RandomWorld {
  readonly identities: readonly Sketch[];
  readonly idleDays: number;
  readonly observableQuarantine: boolean;
  readonly goal: 'quarantine' | 'deletion';
  readonly dryRun: boolean;
  readonly approval: 'given' | 'not given' | 'of another manifest' | 'by the proposer';
  /** What happens between proposal and approval, and from then on. */
  readonly rounds: readonly Round[];
}

/** Everything that AWS documents loosely, and how long things stay in quarantine. */
export interface Circumstances {
  readonly deniedMovesLastUse: boolean;
  readonly inactiveKeyMovesLastUse: boolean;
  readonly inlineDenyAllEmptiesServiceLastAccessed: boolean;
  readonly authorizationBeforeConflict: boolean;
  readonly unknownAccessKeyError: 'AccessDenied' | 'NoSuchEntity';
  readonly lagHours: number;
  readonly temporarilyUnmodifiableMs: number;
  readonly concurrentModificationMs: number;
  readonly eventualConsistencyMs: number;
  readonly iamPageLimit: number;
  readonly shortGrace: boolean;
}

const often = <T>(usual: T, other: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const daysAgo = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 95, max: 395 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 94 }) },
);
const maybeDaysAgo: fc.Arbitrary<DaysAgo> = fc.oneof(
  { weight: 3, arbitrary: daysAgo },
  { weight: 1, arbitrary: fc.constant(null) },
);

const identity = {
  ageDays: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 100, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 99 }) },
  ),
  managedPolicies: fc.integer({ min: 0, max: 2 }),
  inlinePolicies: often(1, fc.integer({ min: 0, max: 2 }), 3),
  reserved: often<Reserved | null>(null, fc.constantFrom(...RESERVED), 8),
};

const key: fc.Arbitrary<KeySketch> = fc.record({
  ageDays: fc.integer({ min: 60, max: 800 }),
  usedDaysAgo: maybeDaysAgo,
  active: often(true, fc.boolean()),
});

const user: fc.Arbitrary<UserSketch> = fc.record({
  kind: fc.constant('user' as const),
  ...identity,
  password: fc.option(fc.record({ changedDaysAgo: daysAgo, usedDaysAgo: maybeDaysAgo }), { freq: 2 }),
  keys: fc.array(key, { maxLength: 2 }),
  groups: fc.integer({ min: 0, max: 1 }),
  mfa: fc.boolean(),
  credentials: often<UserSketch['credentials']>(
    [],
    fc.array(
      fc.record({
        kind: fc.constantFrom('ssh', 'certificate', 'service-specific'),
        active: often(false, fc.boolean()),
      }),
      { maxLength: 2 },
    ),
    2,
  ),
});

const role: fc.Arbitrary<RoleSketch> = fc.record({
  kind: fc.constant('role' as const),
  ...identity,
  usedDaysAgo: maybeDaysAgo,
  instanceProfiles: often(0, fc.integer({ min: 1, max: 2 }), 2),
  serviceLinked: often(false, fc.constant(true), 12),
});

const who = fc.nat({ max: 7 });
const during = often(false, fc.constant(true), 2);

const CODES = [
  'Throttling',
  'ServiceFailure',
  'AccessDenied',
  'ConcurrentModification',
  'EntityTemporarilyUnmodifiable',
  'LimitExceeded',
];

const fault: fc.Arbitrary<FaultRule> = fc
  .record({
    kind: fc.constantFrom<FaultRule['kind']>(
      'error-before-effect',
      'error-before-effect',
      'error-after-effect',
      'effect-then-lost-response',
      'reset',
      'slow',
    ),
    code: fc.constantFrom(...CODES),
    writes: fc.boolean(),
    skip: fc.nat({ max: 12 }),
    times: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ kind, code, ...rest }) => ({
    ...rest,
    kind,
    service: 'iam',
    ...(kind === 'slow' ? { ms: 100 } : {}),
    ...(kind.startsWith('error') ? { code: kind === 'error-after-effect' ? 'ServiceFailure' : code } : {}),
  }));

const REFUSED = [
  'iam:DeleteUser',
  'iam:DeleteRole',
  'iam:DeleteAccessKey',
  'iam:DetachUserPolicy',
  'iam:DetachRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:DeleteLoginProfile',
  'iam:*PermissionsBoundary',
  'iam:GenerateServiceLastAccessedDetails',
  'iam:List*',
  'iam:GetRole',
];

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('use' as const), who, during }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fault' as const), rule: fault }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('exempt' as const), who, during }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom(...DECISIONS), during }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom(...CHANGES), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restore' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scan' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('suspend' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('allow-all' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refuse' as const), action: fc.constantFrom(...REFUSED) }) },
);

const happenings = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Happening[]>([]) },
  { weight: 1, arbitrary: fc.array(happening, { minLength: 1, maxLength: 2 }) },
);

/** Long enough for each stage to come to its end, if nothing stands in its way. */
const rounds = (hours: readonly number[]): fc.Arbitrary<Round[]> =>
  fc.tuple(...hours.map((most) => fc.record({ hours: often(most, fc.constantFrom(0, 1, 26)), happenings })));

export const randomWorld = ({ shortGrace }: Pick<Circumstances, 'shortGrace'>): fc.Arbitrary<RandomWorld> =>
  fc.record({
    identities: fc.array(fc.oneof(user, user, role), { minLength: 1, maxLength: 3 }),
    idleDays: fc.constantFrom(60, 90, 120),
    observableQuarantine: fc.boolean(),
    goal: often<RandomWorld['goal']>('deletion', fc.constant('quarantine')),
    dryRun: often(false, fc.constant(true), 10),
    approval: often<RandomWorld['approval']>(
      'given',
      fc.constantFrom('not given', 'of another manifest', 'by the proposer'),
      8,
    ),
    rounds: rounds(shortGrace ? [0, 26, 26, 26] : [0, 8 * 24, 28 * 24, 3 * 24, 26]),
  });

export const circumstances = ({ shortGrace }: Pick<Circumstances, 'shortGrace'>): fc.Arbitrary<Circumstances> =>
  fc.record({
    shortGrace: fc.constant(shortGrace),
    deniedMovesLastUse: fc.boolean(),
    inactiveKeyMovesLastUse: fc.boolean(),
    inlineDenyAllEmptiesServiceLastAccessed: fc.boolean(),
    authorizationBeforeConflict: fc.boolean(),
    unknownAccessKeyError: fc.constantFrom('AccessDenied', 'NoSuchEntity'),
    lagHours: fc.constantFrom(0, 4),
    temporarilyUnmodifiableMs: often(0, fc.constantFrom(50, 400)),
    concurrentModificationMs: often(0, fc.constantFrom(50, 400)),
    eventualConsistencyMs: often(0, fc.constantFrom(20, 200)),
    iamPageLimit: often(0, fc.constant(1), 3),
  });
