import { z } from 'zod';
import { DomainError } from './errors';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address; `npm start` makes it from DATABASE_URL');

/** Every variable that Mothball reads under its own prefix; a name that is not here is an error. */
const schema = z.strictObject({
  MOTHBALL_ROLE: z.enum(['api', 'worker', 'all']).default('all'),
  MOTHBALL_HOST: z.string().min(1).default('127.0.0.1'),
  MOTHBALL_PORT: count(0, 65_535).default(4000),
  MOTHBALL_APP_DATABASE_URL: postgresUrl,
  MOTHBALL_DISPATCHER_DATABASE_URL: postgresUrl,
  MOTHBALL_PLATFORM_DATABASE_URL: postgresUrl,
  MOTHBALL_QUEUE_DATABASE_URL: postgresUrl,
  MOTHBALL_DATABASE_POOL_SIZE: count(2, 200).default(10),
  MOTHBALL_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -')
    .default('mothball'),
  MOTHBALL_WORKER_CONCURRENCY: count(1, 200).default(8),
  MOTHBALL_LEASE_MS: count(500, 600_000).default(30_000),
  MOTHBALL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  MOTHBALL_INTROSPECTION: flag.default(true),
  MOTHBALL_EXPLORER: flag.default(true),
  MOTHBALL_SKIP_EXTERNAL_ID_CHECK: flag.default(false),
});

export interface ConfigValues {
  readonly role: 'api' | 'worker' | 'all';
  readonly host: string;
  readonly port: number;
  readonly appDatabaseUrl: string;
  readonly dispatcherDatabaseUrl: string;
  readonly platformDatabaseUrl: string;
  readonly queueDatabaseUrl: string;
  /** Connections of one login's pool in this process. */
  readonly databasePoolSize: number;
  /** Null: BullMQ runs on Postgres. */
  readonly redisUrl: string | null;
  readonly queuePrefix: string;
  readonly workerConcurrency: number;
  /** How long a worker may hold a lane without renewing it, in milliseconds. */
  readonly leaseMs: number;
  readonly logLevel: string;
  readonly introspection: boolean;
  readonly explorer: boolean;
  /** Emulators that ignore external ids only; refused unless the STS endpoint is on loopback. */
  readonly skipExternalIdCheck: boolean;
}

/** The process's settings, read once and frozen; injected by this class. */
export class Config implements ConfigValues {
  readonly role!: ConfigValues['role'];
  readonly host!: string;
  readonly port!: number;
  readonly appDatabaseUrl!: string;
  readonly dispatcherDatabaseUrl!: string;
  readonly platformDatabaseUrl!: string;
  readonly queueDatabaseUrl!: string;
  readonly databasePoolSize!: number;
  readonly redisUrl!: string | null;
  readonly queuePrefix!: string;
  readonly workerConcurrency!: number;
  readonly leaseMs!: number;
  readonly logLevel!: string;
  readonly introspection!: boolean;
  readonly explorer!: boolean;
  readonly skipExternalIdCheck!: boolean;

  constructor(values: ConfigValues) {
    Object.assign(this, values);
    Object.freeze(this);
  }
}

/**
 * Reads the environment. Throws one `DomainError` CONFIG_INVALID that names every bad variable at once; a
 * `MOTHBALL_` name that nobody reads is an error, since a misspelt setting that silently does nothing has hurt people.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('MOTHBALL_')));
  const parsed = schema.safeParse(own);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(describe);
  const redisUrl = environment['REDIS_URL'] || null;
  if (redisUrl !== null && !/^rediss?:\/\//.test(redisUrl))
    problems.push('REDIS_URL: must begin with redis:// or rediss://');
  if (!parsed.success || problems.length > 0) {
    throw new DomainError('CONFIG_INVALID', `The configuration has errors:\n  ${problems.join('\n  ')}`);
  }
  const value = parsed.data;
  return new Config({
    role: value.MOTHBALL_ROLE,
    host: value.MOTHBALL_HOST,
    port: value.MOTHBALL_PORT,
    appDatabaseUrl: value.MOTHBALL_APP_DATABASE_URL,
    dispatcherDatabaseUrl: value.MOTHBALL_DISPATCHER_DATABASE_URL,
    platformDatabaseUrl: value.MOTHBALL_PLATFORM_DATABASE_URL,
    queueDatabaseUrl: value.MOTHBALL_QUEUE_DATABASE_URL,
    databasePoolSize: value.MOTHBALL_DATABASE_POOL_SIZE,
    redisUrl,
    queuePrefix: value.MOTHBALL_QUEUE_PREFIX,
    workerConcurrency: value.MOTHBALL_WORKER_CONCURRENCY,
    leaseMs: value.MOTHBALL_LEASE_MS,
    logLevel: value.MOTHBALL_LOG_LEVEL,
    introspection: value.MOTHBALL_INTROSPECTION,
    explorer: value.MOTHBALL_EXPLORER,
    skipExternalIdCheck: value.MOTHBALL_SKIP_EXTERNAL_ID_CHECK,
  });
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (name) => `${name}: no such setting; the settings are ${Object.keys(schema.shape).join(', ')}`,
    );
  }
  return [`${issue.path.join('.')}: ${issue.message}`];
}
