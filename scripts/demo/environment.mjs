import { servingUrls } from '../lib/database.mjs';

const nowhere = process.platform === 'win32' ? 'NUL' : '/dev/null';

/** Nothing of the developer's own AWS accounts, in the environment or in ~/.aws, and no other database. */
export function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(AWS_|PG)/.test(name) &&
      !['DATABASE_URL', 'MOTHBALL_SECRET'].includes(name) &&
      !name.startsWith('MOTHBALL_ENCRYPTION_KEYS'),
  );
  return {
    ...Object.fromEntries(kept),
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

/**
 * The environment of the service's processes. MOTHBALL_* settings are passed on, so that a wrong one is refused.
 * @param {object} options
 * @param {import('../lib/provision.mjs').LoginUrls} options.urls
 * @param {string | null} options.encryptionKeys the demo's own, of the database that is thrown away
 * @param {import('./simulator.mjs').Simulator} options.simulator
 * @param {import('./issuer.mjs').Issuer} options.issuer
 * @param {string} options.queuePrefix
 * @param {'api' | 'worker'} options.role
 * @param {number} options.port
 * @returns {NodeJS.ProcessEnv}
 */
export function serviceEnvironment({ urls, encryptionKeys, simulator, issuer, queuePrefix, role, port }) {
  return {
    MOTHBALL_LOG_LEVEL: 'warn',
    // Also where the shell says NODE_ENV=production: the demo shows its explorer.
    MOTHBALL_PRODUCTION: 'false',
    // Days go by in the demo.
    MOTHBALL_PRACTICE_CLOCK: 'true',
    // … and what was told in the first of them is still to be counted.
    MOTHBALL_RETENTION_DAYS: '90',
    // Whoever is told is on this machine.
    MOTHBALL_OUTBOUND_LOOPBACK: 'true',
    MOTHBALL_OIDC: JSON.stringify(issuer.settings),
    ...cleanEnvironment(),
    ...servingUrls(urls),
    MOTHBALL_ENCRYPTION_KEYS: encryptionKeys ?? undefined,
    MOTHBALL_ROLE: role,
    MOTHBALL_HOST: '127.0.0.1',
    MOTHBALL_PORT: `${port}`,
    MOTHBALL_QUEUE_PREFIX: queuePrefix,
    AWS_ENDPOINT_URL: simulator.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
  };
}
