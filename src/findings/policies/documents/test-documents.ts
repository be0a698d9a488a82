import fc from 'fast-check';
import { type CheckId, severities, unusedUserModes } from '../../policy';
import { API_VERSION } from './policy-document';
import { type ActionMode, actionModes } from '../policy-action';
import { profileIds } from './profiles';

/** For specs and tests: random documents as people could write them, valid and not. */

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

/** Leaves out what is undefined, since a document has no such value. */
const record = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(fields).map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)));

const words = fc.constantFrom('a', 'b', 'ci', 'team-a', 'jenkins', 'break-glass', 'x1');
export const pathPattern = fc
  .tuple(fc.constantFrom('/', '*', '*/', '/?'), words, fc.constantFrom('', '*', '/*', '?'))
  .map((parts) => parts.join(''));
const path = fc.oneof(
  words.map((word) => `/${word}/`),
  words.map((word) => `/${word}/*`),
  fc.constant('/'),
);
const tags = fc.dictionary(fc.constantFrom('team', 'Owner', 'cost centre', '10'), fc.array(words, { minLength: 1 }), {
  minKeys: 1,
  maxKeys: 3,
});
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { minLength: 1, maxLength: 4 });

export const scopeWritten = record({
  accounts: maybe(list(fc.oneof(fc.constantFrom('123456789012', '012345678901'), words, fc.constant('prod-*')))),
  organizationalUnits: maybe(list(fc.constantFrom('/', '/Workloads', '/Workloads/Prod', '/Sandbox/'))),
  accountTags: maybe(tags),
  identityTags: maybe(tags),
  paths: maybe(list(path)),
  names: maybe(list(fc.oneof(words, fc.constant('ci-*'), fc.constant('?')))),
});

const withThreshold: CheckId[] = ['unused-access-key', 'unused-password', 'unused-user', 'unused-role'];
withThreshold.push('access-key-not-rotated', 'inactive-access-key');

const oneCheck = (id: CheckId): fc.Arbitrary<Record<string, unknown>> =>
  record({
    enabled: maybe(fc.boolean()),
    severity: maybe(fc.constantFrom(...severities)),
    ...(withThreshold.includes(id) ? { idleDays: maybe(fc.integer({ min: 1, max: 400 })) } : {}),
    ...(id === 'unused-user' ? { mode: maybe(fc.constantFrom(...unusedUserModes)) } : {}),
  });

const checkIds: CheckId[] = [...withThreshold, 'second-active-key', 'root-access-key'];
const byCheck = <T>(one: (id: CheckId) => fc.Arbitrary<T>): fc.Arbitrary<Record<string, unknown>> =>
  record(Object.fromEntries(checkIds.map((id) => [id, maybe(one(id))])));

const modesFor = (id: CheckId): readonly ActionMode[] => {
  if (id === 'root-access-key') return ['report'];
  return id === 'second-active-key' || id === 'access-key-not-rotated' ? ['report', 'propose'] : actionModes;
};

const whitelist = fc
  .array(fc.oneof(fc.constant('/break-glass-*'), fc.constant('*/x'), fc.constant('')), { maxLength: 4 })
  .map((patterns) => patterns.join('|'));

const settingsWritten = {
  checks: maybe(byCheck(oneCheck)),
  rolePatternWhitelist: maybe(whitelist),
  exclusions: maybe(
    record({
      users: maybe(fc.array(pathPattern, { maxLength: 4 })),
      roles: maybe(fc.array(pathPattern, { maxLength: 4 })),
    }),
  ),
};

/** A valid policy. */
export const policyWritten = record({
  apiVersion: fc.constant(API_VERSION),
  kind: fc.constant('Policy'),
  name: fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4}){0,2}$/),
  description: maybe(fc.oneof(fc.string({ maxLength: 60 }), fc.constant('two\nlines: # and more\n'))),
  profile: maybe(fc.constantFrom(...profileIds)),
  scope: maybe(scopeWritten),
  ...settingsWritten,
  action: maybe(
    record({
      mode: maybe(fc.constantFrom(...actionModes)),
      observableQuarantine: maybe(fc.boolean()),
      perCheck: maybe(byCheck((id) => fc.constantFrom(...modesFor(id)))),
    }),
  ),
  schedule: maybe(
    record({
      cron: fc.constantFrom('0 3 * * *', 'H H * * 1-5', '*/30 8-18 * * MON'),
      timeZone: maybe(fc.constantFrom('UTC', 'Asia/Tokyo', 'Europe/Zurich')),
    }),
  ),
});

const limits = (id: CheckId): fc.Arbitrary<Record<string, unknown>> =>
  record({
    required: maybe(fc.boolean()),
    minSeverity: maybe(fc.constantFrom(...severities)),
    ...(withThreshold.includes(id) ? { maxIdleDays: maybe(fc.integer({ min: 1, max: 400 })) } : {}),
    ...(id === 'unused-user' ? { mode: maybe(fc.constant('idle')) } : {}),
  });

/** A valid baseline. */
export const baselineWritten = record({
  apiVersion: fc.constant(API_VERSION),
  kind: fc.constant('Baseline'),
  checks: maybe(byCheck(limits)),
  exclusions: maybe(
    record({
      users: maybe(fc.array(pathPattern, { maxLength: 3 })),
      roles: maybe(fc.array(fc.oneof(pathPattern, fc.constant('*/*')), { maxLength: 3 })),
    }),
  ),
  maxActionMode: maybe(fc.constantFrom(...actionModes)),
  maxExemptionDays: maybe(fc.integer({ min: 1, max: 3650 })),
});

const junk = fc.constantFrom<unknown>(
  null,
  '',
  'x',
  'standard',
  -1,
  0,
  1,
  1.5,
  401,
  true,
  [],
  ['x'],
  ['/a'],
  {},
  {
    x: 1,
  },
);

/** A valid document of which one field at random became something else, was renamed, or went. */
export const damaged = (whole: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<unknown> =>
  fc
    .tuple(whole, fc.nat(), fc.constantFrom('set', 'rename', 'remove', 'add'), junk)
    .map(([document, at, how, value]) => {
      const copy = structuredClone(document);
      const places = placesIn(copy);
      const place = places[at % places.length];
      if (!place) return copy;
      const [holder, key] = place;
      if (how === 'set') holder[key] = value;
      if (how === 'add') holder['extra'] = value;
      if (how === 'rename') holder[`${key}s`] = holder[key];
      if (how !== 'set' && how !== 'add') delete holder[key];
      return copy;
    });

type Holder = Record<string, unknown>;

function placesIn(value: unknown): [Holder, string][] {
  if (value === null || typeof value !== 'object') return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as [Holder, string], ...placesIn(holder[key])]);
}
