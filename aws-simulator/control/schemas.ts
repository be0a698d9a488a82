import { z } from 'zod';
import type { World } from '../world/world';

const accountId = z.string().regex(/^\d{12}$/, 'twelve digits');
const names = z.array(z.string());
const quiet = z.boolean().default(false);
const texts = z.record(z.string(), z.string());
const bucket = z.strictObject({ rate: z.number().positive(), burst: z.number().min(1) });

/** Shapes of the control API's bodies. Dates are ISO texts as callers of AWS see them, or instants of the time line. */
export function schemas(world: World) {
  const instant = z.union([
    z.number(),
    z.iso.datetime({ offset: true }).transform((date) => world.instantOf(new Date(date))),
  ]);
  return {
    accountId,
    nothing: z.strictObject({}),
    travel: z.union([
      z.strictObject({ ms: z.number().min(0) }),
      z.strictObject({ days: z.number().min(0) }).transform(({ days }) => ({ ms: days * 86_400_000 })),
    ]),
    pass: z.union([
      z.strictObject({ ms: z.number().min(0), quiet }),
      z
        .strictObject({ hours: z.number().min(0), quiet })
        .transform(({ hours, quiet: silent }) => ({ ms: hours * 3_600_000, quiet: silent })),
      z
        .strictObject({ days: z.number().min(0), quiet })
        .transform(({ days, quiet: silent }) => ({ ms: days * 86_400_000, quiet: silent })),
    ]),
    dates: z.strictObject({
      accountId,
      roleName: z.string().exactOptional(),
      accessKeyId: z.string().exactOptional(),
      userName: z.string().exactOptional(),
      createdAt: instant.exactOptional(),
      lastUsedAt: instant.nullable().exactOptional(),
      service: z.string().exactOptional(),
      region: z.string().exactOptional(),
      passwordCreatedAt: instant.exactOptional(),
      passwordLastChangedAt: instant.exactOptional(),
      passwordLastUsedAt: instant.nullable().exactOptional(),
    }),
    ...uses(instant),
    ...newIdentities(instant),
    ...plainSchemas,
  };
}

function uses(instant: z.ZodType<number, number | string>) {
  const way = {
    accountId,
    userName: z.string().exactOptional(),
    roleName: z.string().exactOptional(),
    accessKeyId: z.string().exactOptional(),
    password: z.boolean().exactOptional(),
    region: z.string().exactOptional(),
    at: instant.exactOptional(),
  };
  return {
    use: z.strictObject({ ...way, service: z.string().exactOptional(), denied: z.boolean().exactOptional() }),
    attempt: z.strictObject({ ...way, action: z.string().exactOptional(), resource: z.string().exactOptional() }),
  };
}

function newIdentities(instant: z.ZodType<number, number | string>) {
  const lastUse = z.strictObject({ at: instant, region: z.string(), service: z.string() }).nullable();
  const holder = {
    name: z.string(),
    path: z.string().exactOptional(),
    createdAt: instant.exactOptional(),
    tags: texts.exactOptional(),
    attachedPolicyArns: names.exactOptional(),
    inlinePolicies: texts.exactOptional(),
    boundaryArn: z.string().nullable().exactOptional(),
  };
  const key = z.strictObject({
    active: z.boolean().exactOptional(),
    createdAt: instant.exactOptional(),
    lastUse: lastUse.exactOptional(),
  });
  const credential = z.strictObject({ kind: z.enum(['ssh', 'certificate', 'service-specific']), active: z.boolean() });
  const password = z.strictObject({ createdAt: instant.exactOptional(), lastChangedAt: instant.exactOptional() });
  return {
    newUser: z.strictObject({
      accountId,
      user: z.strictObject({
        ...holder,
        groups: names.exactOptional(),
        password: password.nullable().exactOptional(),
        passwordLastUsedAt: instant.nullable().exactOptional(),
        keys: z.array(key).exactOptional(),
        credentials: z.array(credential).exactOptional(),
        mfa: z.boolean().exactOptional(),
        hardwareMfa: names.exactOptional(),
      }),
    }),
    newRole: z.strictObject({
      accountId,
      role: z.strictObject({
        ...holder,
        trustPolicy: z.string().exactOptional(),
        lastUse: lastUse.exactOptional(),
        instanceProfiles: names.exactOptional(),
        description: z.string().exactOptional(),
        maxSessionDuration: z.number().exactOptional(),
      }),
    }),
  };
}

const plainSchemas = {
  identity: z.strictObject({
    accountId,
    userName: z.string().exactOptional(),
    roleName: z.string().exactOptional(),
    uniqueId: z.string().exactOptional(),
  }),
  writes: z.strictObject({
    accountId: accountId.exactOptional(),
    action: z.string().exactOptional(),
    by: z.string().exactOptional(),
    identityId: z.string().exactOptional(),
  }),
  user: z.strictObject({ accountId, userName: z.string() }),
  role: z.strictObject({ accountId, roleName: z.string() }),
  keyStatus: z.strictObject({ accessKeyId: z.string(), active: z.boolean() }),
  boundary: z.strictObject({
    accountId,
    userName: z.string().exactOptional(),
    roleName: z.string().exactOptional(),
    boundaryArn: z.string().nullable(),
  }),
  account: z.strictObject({ accountId }),
  someAccount: z.strictObject({ accountId: accountId.exactOptional() }),
  accountState: z.strictObject({
    accountId,
    state: z.enum(['PENDING_ACTIVATION', 'ACTIVE', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED']),
  }),
  newAccount: z.strictObject({ accountId, name: z.string(), alias: z.string().exactOptional() }),
  deployment: z.strictObject({
    roleName: z.string(),
    path: z.string().exactOptional(),
    trustedPrincipalArn: z.string(),
    externalIdPrefix: z.string().exactOptional(),
    externalId: z.string().exactOptional(),
    policyDocument: z.string().exactOptional(),
    managedPolicyArns: names.exactOptional(),
    trustPolicy: z.string().exactOptional(),
    accounts: z.union([z.literal('all'), z.array(accountId)]),
    exceptManagement: z.boolean().exactOptional(),
    maxSessionDuration: z.number().exactOptional(),
    tags: texts.exactOptional(),
  }),
  newTopic: z.strictObject({
    accountId,
    region: z.string(),
    name: z.string(),
    contentBasedDeduplication: z.boolean().exactOptional(),
    policy: z.string().exactOptional(),
  }),
  published: z.strictObject({ topicArn: z.string().exactOptional() }),
  serviceControlPolicy: z.strictObject({ accountId, document: z.string().nullable() }),
  pacing: z.strictObject({
    byService: z
      .strictObject({ iam: bucket.nullable(), sts: bucket.nullable(), organizations: bucket.nullable() })
      .exactOptional(),
    byAction: z.record(z.string(), bucket).exactOptional(),
    iamTogether: bucket.nullable().exactOptional(),
    organizationsTogether: bucket.nullable().exactOptional(),
  }),
  iamRate: z.strictObject({ size: bucket.nullable() }),
  latency: z.strictObject({
    ms: z.number().min(0).exactOptional(),
    byAction: z.record(z.string(), z.number().min(0)).exactOptional(),
  }),
  fault: z.strictObject({
    service: z.enum(['iam', 'sts', 'organizations', 'sns', 'cloudtrail']).exactOptional(),
    action: z.string().exactOptional(),
    accountId: accountId.exactOptional(),
    parameters: texts.exactOptional(),
    writes: z.boolean().exactOptional(),
    by: z.string().exactOptional(),
    kind: z.enum(['error-before-effect', 'error-after-effect', 'effect-then-lost-response', 'slow', 'reset']),
    skip: z.int().min(0).exactOptional(),
    times: z.int().min(1).exactOptional(),
    code: z.string().exactOptional(),
    message: z.string().exactOptional(),
    status: z.int().exactOptional(),
    ms: z.number().min(0).exactOptional(),
  }),
  log: z.strictObject({
    service: z.string().exactOptional(),
    action: z.string().exactOptional(),
    accountId: accountId.exactOptional(),
    limit: z.coerce.number().exactOptional(),
  }),
  truth: z.strictObject({ days: z.coerce.number().positive().default(90), accountId: accountId.exactOptional() }),
  switches: z.strictObject({
    world: z
      .strictObject({
        lastUseLagMs: z.number().min(0).exactOptional(),
        deniedMovesLastUse: z.boolean().exactOptional(),
        inactiveKeyMovesLastUse: z.boolean().exactOptional(),
        roleTrackingDays: z.number().min(1).exactOptional(),
        report: z
          .strictObject({
            available: z.boolean().exactOptional(),
            pendingPolls: z.int().min(0).exactOptional(),
            generationMs: z.number().min(0).exactOptional(),
            regenerationMs: z.number().min(0).exactOptional(),
            rootRow: z.boolean().exactOptional(),
            regions: z.boolean().exactOptional(),
            rootPasswordEnabled: z.enum(['not_supported', 'FALSE']).exactOptional(),
            extraColumns: names.exactOptional(),
          })
          .exactOptional(),
      })
      .exactOptional(),
    services: z
      .strictObject({
        organizationAccountFields: z.enum(['both', 'onlyState', 'onlyStatus']).exactOptional(),
        organizationsEmptyPageEvery: z.int().min(0).exactOptional(),
        iamPageLimit: z.int().min(0).exactOptional(),
        serviceLastAccessedPolls: z.int().min(0).exactOptional(),
        serviceLastAccessedLagMs: z.number().min(0).exactOptional(),
        inlineDenyAllEmptiesServiceLastAccessed: z.boolean().exactOptional(),
        unknownAccessKeyError: z.enum(['AccessDenied', 'NoSuchEntity']).exactOptional(),
        eventualConsistencyMs: z.number().min(0).exactOptional(),
        packedPolicyLimitBytes: z.int().min(1).exactOptional(),
        authorizationBeforeConflict: z.boolean().exactOptional(),
        temporarilyUnmodifiableMs: z.number().min(0).exactOptional(),
        concurrentModificationMs: z.number().min(0).exactOptional(),
        cloudTrailDelayMs: z.number().min(0).exactOptional(),
      })
      .exactOptional(),
  }),
};
