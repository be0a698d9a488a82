import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { readEncryptionKeys } from './encryption-keys';
import { DomainError } from './errors';
import { mailOf, type MailSettings, mailVariables } from './mail-settings';
import { notificationsOf, type NotificationSettings, notificationVariables } from './notification-settings';
import { outboundOf, type OutboundSettings, outboundVariables } from './outbound-settings';
import { readTrustedDocuments, type TrustedDocuments } from './trusted-documents';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address; `npm start` makes it from DATABASE_URL');

/** Addresses and networks, as in "10.0.0.0/8, ::1". */
const networks = z.string().transform((text, context) => {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const wrong = parts.filter((part) => !isNetwork(part));
  if (wrong.length > 0) context.addIssue(`${wrong.join(', ')}: no IP address or network; write "10.0.0.0/8, ::1"`);
  return parts;
});

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
  MOTHBALL_READ_TIMEOUT_MS: count(100, 120_000).default(20_000),
  MOTHBALL_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -')
    .default('mothball'),
  MOTHBALL_WORKER_CONCURRENCY: count(1, 200).default(8),
  MOTHBALL_LEASE_MS: count(500, 600_000).default(30_000),
  MOTHBALL_RETENTION_DAYS: count(1, 3_650).default(30),
  MOTHBALL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  MOTHBALL_PRODUCTION: flag.optional(),
  MOTHBALL_INTROSPECTION: flag.optional(),
  MOTHBALL_EXPLORER: flag.optional(),
  MOTHBALL_TRUSTED_DOCUMENTS: z.string().min(1).optional(),
  MOTHBALL_METRICS_TOKEN: z.string().min(16, 'must have 16 characters or more').optional(),
  MOTHBALL_SKIP_EXTERNAL_ID_CHECK: flag.default(false),
  MOTHBALL_PRACTICE_CLOCK: flag.default(false),
  MOTHBALL_ENCRYPTION_KEYS: z.string().optional(),
  MOTHBALL_ENCRYPTION_KEYS_FILE: z.string().optional(),
  MOTHBALL_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeToSendTo, 'must begin with https:// (http:// on loopback only)')
    .refine((url) => new URL(url).pathname === '/', 'must have no path')
    .optional(),
  MOTHBALL_TEMPLATE_URL: z
    .url({ protocol: /^https$/, error: 'must begin with https:// and be a folder on S3 that the console can read' })
    .optional(),
  MOTHBALL_OIDC: z.string().min(1).optional(),
  MOTHBALL_OIDC_FILE: z.string().min(1).optional(),
  MOTHBALL_SESSION_IDLE_MINUTES: count(1, 1_440).default(60),
  MOTHBALL_SESSION_HOURS: count(1, 168).default(12),
  MOTHBALL_FAILED_SIGN_INS: count(1, 1_000_000).default(20),
  MOTHBALL_REQUESTS_PER_MINUTE: count(1, 10_000_000).default(1_200),
  MOTHBALL_MUTATIONS_PER_MINUTE: count(1, 10_000_000).default(300),
  MOTHBALL_TRUSTED_PROXIES: networks.default([]),
  ...mailVariables,
  ...notificationVariables,
  MOTHBALL_AUDIT_ANCHOR_FILE: z.string().min(1).optional(),
  MOTHBALL_AUDIT_ANCHOR_URL: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeToSendTo, 'must begin with https:// (http:// on loopback only)')
    .optional(),
  MOTHBALL_AUDIT_ANCHOR_MINUTES: count(1, 1_440)
    .refine(
      (minutes) => 60 % minutes === 0 || (minutes % 60 === 0 && 1_440 % minutes === 0),
      'must divide an hour, or be hours that divide a day: 5, 15, 60, 360 …',
    )
    .default(60),
  ...outboundVariables,
});

/** How people sign in, and how much one of them may ask. */
export interface SignInValues {
  /** The issuers, as a YAML or JSON document (`tenancy/oidc/oidc-settings.ts`); null: API tokens only. */
  readonly oidc: string | null;
  readonly sessionIdleMinutes: number;
  readonly sessionHours: number;
  /** Failed attempts from one address, or with one credential, before further ones have to wait. */
  readonly failedSignIns: number;
  /** Of one principal, in one process. */
  readonly requestsPerMinute: number;
  readonly mutationsPerMinute: number;
}

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
  /** How long one statement of an API request that reads may take, in milliseconds. */
  readonly readTimeoutMs: number;
  /** Null: BullMQ runs on Postgres. */
  readonly redisUrl: string | null;
  readonly queuePrefix: string;
  readonly workerConcurrency: number;
  /** How long a worker may hold a lane without renewing it, in milliseconds. */
  readonly leaseMs: number;
  /** How long tasks, sessions and the like are kept once they are over. */
  readonly retentionDays: number;
  readonly logLevel: string;
  /** Served to others than its developers: what helps attackers as well is off unless asked for. */
  readonly production: boolean;
  readonly introspection: boolean;
  readonly explorer: boolean;
  /** The only queries that are run, by their SHA-256 hash; null: any query. */
  readonly trustedDocuments: TrustedDocuments | null;
  /** What lets others than this machine read the metrics; null: nothing. */
  readonly metricsToken: string | null;
  /** Emulators that ignore external ids only; refused unless the STS endpoint is on loopback. */
  readonly skipExternalIdCheck: boolean;
  /** The process that started this one may put its clock ahead; refused unless AWS is a simulated one on loopback. */
  readonly practiceClock: boolean;
  /** Where people reach the service, without a path; null: unknown, so links are not made and signing in works on loopback only. */
  readonly publicUrl: string | null;
  /** The folder on S3 with copies of `deploy/cloudformation`, for links to the AWS console; null: there is none. */
  readonly templateUrl: string | null;
  readonly signIn: SignInValues;
  /** Master keys as `id:base64,id:base64`; the first is the current one, the others only open. */
  readonly encryptionKeys: string;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly auditAnchor: AuditAnchorConfig;
  readonly notifications: NotificationSettings;
  readonly outbound: OutboundSettings;
  /** Null: there is no mail server, so there are no e-mails. */
  readonly mail: MailSettings | null;
}

/** Where the audit log's heads are kept outside of the database; nowhere when both are null. */
export interface AuditAnchorConfig {
  readonly file: string | null;
  readonly url: string | null;
  readonly everyMinutes: number;
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
  readonly readTimeoutMs!: number;
  readonly redisUrl!: string | null;
  readonly queuePrefix!: string;
  readonly workerConcurrency!: number;
  readonly leaseMs!: number;
  readonly retentionDays!: number;
  readonly logLevel!: string;
  readonly production!: boolean;
  readonly introspection!: boolean;
  readonly explorer!: boolean;
  readonly trustedDocuments!: TrustedDocuments | null;
  readonly metricsToken!: string | null;
  readonly skipExternalIdCheck!: boolean;
  readonly practiceClock!: boolean;
  readonly publicUrl!: string | null;
  readonly templateUrl!: string | null;
  readonly signIn!: SignInValues;
  readonly encryptionKeys!: string;
  readonly trustedProxies!: readonly string[];
  readonly auditAnchor!: AuditAnchorConfig;
  readonly notifications!: NotificationSettings;
  readonly outbound!: OutboundSettings;
  readonly mail!: ConfigValues['mail'];

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
  const encryptionKeys = readEncryptionKeys(environment, problems);
  if (!parsed.success || problems.length > 0) {
    throw new DomainError('CONFIG_INVALID', `The configuration has errors:\n  ${problems.join('\n  ')}`);
  }
  const value = parsed.data;
  const production = value.MOTHBALL_PRODUCTION ?? environment['NODE_ENV'] === 'production';
  return new Config({
    role: value.MOTHBALL_ROLE,
    host: value.MOTHBALL_HOST,
    port: value.MOTHBALL_PORT,
    appDatabaseUrl: value.MOTHBALL_APP_DATABASE_URL,
    dispatcherDatabaseUrl: value.MOTHBALL_DISPATCHER_DATABASE_URL,
    platformDatabaseUrl: value.MOTHBALL_PLATFORM_DATABASE_URL,
    queueDatabaseUrl: value.MOTHBALL_QUEUE_DATABASE_URL,
    databasePoolSize: value.MOTHBALL_DATABASE_POOL_SIZE,
    readTimeoutMs: value.MOTHBALL_READ_TIMEOUT_MS,
    redisUrl,
    queuePrefix: value.MOTHBALL_QUEUE_PREFIX,
    workerConcurrency: value.MOTHBALL_WORKER_CONCURRENCY,
    leaseMs: value.MOTHBALL_LEASE_MS,
    retentionDays: value.MOTHBALL_RETENTION_DAYS,
    logLevel: value.MOTHBALL_LOG_LEVEL,
    production,
    introspection: value.MOTHBALL_INTROSPECTION ?? !production,
    explorer: value.MOTHBALL_EXPLORER ?? !production,
    trustedDocuments: readTrustedDocuments(value.MOTHBALL_TRUSTED_DOCUMENTS),
    metricsToken: value.MOTHBALL_METRICS_TOKEN ?? null,
    skipExternalIdCheck: value.MOTHBALL_SKIP_EXTERNAL_ID_CHECK,
    practiceClock: practiceClockOf(value, production),
    encryptionKeys,
    publicUrl: value.MOTHBALL_PUBLIC_URL === undefined ? null : new URL(value.MOTHBALL_PUBLIC_URL).origin,
    templateUrl: value.MOTHBALL_TEMPLATE_URL ?? null,
    signIn: signInOf(value),
    trustedProxies: value.MOTHBALL_TRUSTED_PROXIES,
    notifications: notificationsOf(value),
    auditAnchor: {
      file: value.MOTHBALL_AUDIT_ANCHOR_FILE ?? null,
      url: value.MOTHBALL_AUDIT_ANCHOR_URL ?? null,
      everyMinutes: value.MOTHBALL_AUDIT_ANCHOR_MINUTES,
    },
    outbound: outboundOf(value, production),
    mail: mailOf(value),
  });
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** What is sent in the clear may be changed on the way. */
function isSafeToSendTo(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

function signInOf(value: z.infer<typeof schema>): SignInValues {
  return {
    oidc: value.MOTHBALL_OIDC ?? (value.MOTHBALL_OIDC_FILE ? contentOf(value.MOTHBALL_OIDC_FILE) : null),
    sessionIdleMinutes: value.MOTHBALL_SESSION_IDLE_MINUTES,
    sessionHours: value.MOTHBALL_SESSION_HOURS,
    failedSignIns: value.MOTHBALL_FAILED_SIGN_INS,
    requestsPerMinute: value.MOTHBALL_REQUESTS_PER_MINUTE,
    mutationsPerMinute: value.MOTHBALL_MUTATIONS_PER_MINUTE,
  };
}

function practiceClockOf({ MOTHBALL_PRACTICE_CLOCK: wanted }: z.infer<typeof schema>, production: boolean): boolean {
  if (wanted && production) {
    throw new DomainError(
      'CONFIG_INVALID',
      'MOTHBALL_PRACTICE_CLOCK: it is for practising on a simulated AWS, never for production. Switch it off.',
    );
  }
  return wanted;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DomainError('CONFIG_INVALID', `MOTHBALL_OIDC_FILE: the file cannot be read: ${reason}`);
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (name) => `${name}: no such setting; the settings are ${Object.keys(schema.shape).join(', ')}`,
    );
  }
  return [`${issue.path.join('.')}: ${issue.message}`];
}
