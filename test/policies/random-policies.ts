import fc from 'fast-check';

/** What scopes may name and find something. */
export interface Pools {
  readonly accounts: readonly string[];
  readonly organizationalUnits: readonly string[];
  readonly identityTags: readonly { readonly key: string; readonly value: string }[];
  readonly paths: readonly string[];
  readonly names: readonly string[];
}

const some = <T>(pool: readonly T[], most = 3) =>
  fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1, maxLength: Math.min(most, pool.length) });

/** Begins as one of the pool does, so that it takes in a part. */
const prefix = (pool: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...pool), fc.integer({ min: 1, max: 6 }))
    .map(([text, length]) => `${text.slice(0, length).replace(/[^-a-zA-Z0-9+=,.@_]/g, '?')}*`);

const check = (withDays: boolean) =>
  fc.record(
    {
      enabled: fc.boolean(),
      severity: fc.constantFrom('low', 'medium', 'high', 'critical'),
      ...(withDays ? { idleDays: fc.integer({ min: 1, max: 400 }) } : {}),
    },
    { requiredKeys: [] },
  );

const checks = fc.record(
  {
    'unused-access-key': check(true),
    'unused-password': check(true),
    'unused-user': check(true),
    'unused-role': check(true),
    'access-key-not-rotated': check(true),
    'second-active-key': check(false),
    'inactive-access-key': check(true),
    'root-access-key': check(false),
  },
  { requiredKeys: [] },
);

function scope(pools: Pools) {
  const fields: Record<string, fc.Arbitrary<unknown>> = {
    accounts: some(pools.accounts),
    organizationalUnits: some(pools.organizationalUnits),
    names: fc.array(prefix(pools.names), { minLength: 1, maxLength: 4 }),
    paths: some(pools.paths),
  };
  if (pools.identityTags.length > 0) {
    fields['identityTags'] = fc
      .constantFrom(...pools.identityTags)
      .chain(({ key, value }) =>
        fc.constantFrom({ [key]: [value] }, { [key]: ['*'] }, { [key]: [`${value.slice(0, 2)}*`] }),
      );
  }
  // Mostly few conditions: with many, hardly anything is left.
  return fc.oneof(
    fc.constant(undefined),
    fc
      .subarray(Object.keys(fields), { minLength: 1, maxLength: 2 })
      .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fields[name]!])))),
  );
}

/** A policy as somebody might write it. */
export function aPolicy(name: string, pools: Pools): fc.Arbitrary<object> {
  const pattern = prefix(pools.names).map((text) => `*${text}`);
  return fc
    .record({
      profile: fc.option(fc.constantFrom('standard', 'cis', 'aws-config-rule', 'iam-029'), { nil: undefined }),
      scope: scope(pools),
      checks: fc.option(checks, { nil: undefined }),
      rolePatternWhitelist: fc.option(
        pattern.map((text) => text.replaceAll('?', '*')),
        { nil: undefined },
      ),
      exclusions: fc.option(
        fc.record(
          { users: fc.array(pattern, { maxLength: 3 }), roles: fc.array(pattern, { maxLength: 3 }) },
          { requiredKeys: [] },
        ),
        { nil: undefined },
      ),
      action: fc.option(fc.constantFrom({ mode: 'report' }, { mode: 'propose' }, { mode: 'automatic-quarantine' }), {
        nil: undefined,
      }),
    })
    .map((written) => ({ apiVersion: 'mothball/v1', kind: 'Policy', name, ...written }));
}
