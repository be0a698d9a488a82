import { Client, escapeIdentifier } from 'pg';
import { Config, type ConfigValues, type SignInValues } from '../../src/config';
import { newId } from '../../src/ids';

type Login = 'owner' | 'app' | 'dispatcher' | 'platform' | 'queue';

export interface TestDatabase {
  readonly name: string;
  /** The server's administrator, connected to this database: for looking behind row-level security. */
  readonly adminUrl: string;
  readonly urls: Readonly<Record<Login, string>>;
  /** A process's settings on this database: a queue of its own, short leases. */
  config(overrides?: Partial<ConfigValues>): Config;
  drop(): Promise<void>;
}

/** No issuer, and limits that no test meets by accident. */
export const SIGN_IN: SignInValues = {
  oidc: null,
  sessionIdleMinutes: 60,
  sessionHours: 12,
  failedSignIns: 1_000_000,
  requestsPerMinute: 1_000_000,
  mutationsPerMinute: 1_000_000,
};

/** Protects nothing: a test's database is thrown away. */
export const TEST_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** A database of its own for a test file: copied from the migrated template in some 30 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = required('MOTHBALL_TEST_ADMIN_URL');
  const template = required('MOTHBALL_TEST_TEMPLATE');
  const templateUrls = JSON.parse(required('MOTHBALL_TEST_URLS')) as Record<Login, string>;
  const name = `${template}_${newId().slice(-12)}`;
  const quoted = escapeIdentifier(name);
  await asAdmin(adminUrl, async (client) => {
    await client.query(`CREATE DATABASE ${quoted} TEMPLATE ${escapeIdentifier(template)}`);
    // A copy does not inherit what the database itself grants.
    await client.query(`GRANT CONNECT, CREATE ON DATABASE ${quoted} TO mothball_owner, mothball_queue`);
    await client.query(`GRANT CONNECT ON DATABASE ${quoted} TO mothball_app, mothball_dispatcher, mothball_platform`);
    await client.query(`REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC`);
  });
  const urls = Object.fromEntries(
    Object.entries(templateUrls).map(([login, url]) => [login, inDatabase(url, name)]),
  ) as Record<Login, string>;
  const queuePrefix = `test-${newId().slice(-12)}`;
  return {
    name,
    adminUrl: inDatabase(adminUrl, name),
    urls,
    config: (overrides = {}) =>
      new Config({
        role: 'all',
        host: '127.0.0.1',
        port: 0,
        appDatabaseUrl: urls.app,
        dispatcherDatabaseUrl: urls.dispatcher,
        platformDatabaseUrl: urls.platform,
        queueDatabaseUrl: urls.queue,
        databasePoolSize: 5,
        readTimeoutMs: 20_000,
        redisUrl: null,
        queuePrefix,
        workerConcurrency: 4,
        leaseMs: 2_000,
        retentionDays: 30,
        logLevel: 'silent',
        production: false,
        introspection: true,
        explorer: false,
        trustedDocuments: null,
        metricsToken: null,
        skipExternalIdCheck: false,
        practiceClock: false,
        publicUrl: null,
        templateUrl: null,
        signIn: SIGN_IN,
        encryptionKeys: TEST_KEYS,
        trustedProxies: [],
        notifications: { endpointsPerTenant: 50, perMinute: 6_000 },
        auditAnchor: { file: null, url: null, everyMinutes: 60 },
        outbound: { ports: [443], allowed: [], proxy: null, loopback: true, certificates: null },
        mail: null,
        ...overrides,
      }),
    drop: () =>
      asAdmin(adminUrl, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`);
      }),
  };
}

/** Runs statements as the server's administrator, whom row-level security does not hold. */
export async function asAdmin<T>(adminUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with "npm test".`);
  return value;
}
