import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { Failure } from './failure.mjs';
import { endWhenDone } from './jest-end.mjs';
import { migrate } from './migrate.mjs';
import { nodeModules } from './paths.mjs';
import { startEmbeddedPostgres } from './postgres.mjs';
import { say, step } from './progress.mjs';
import { provision } from './provision.mjs';
import { startThrowAwayRedis } from './redis.mjs';
import { startChild, superviseAll } from './supervisor.mjs';
import { summarize } from './test-summary.mjs';
import { createTemplate } from './test-template.mjs';

/**
 * Runs all tests on real Postgres, and on Redis where there is one.
 * @param {string[]} jestArgs
 * @param {{ soak: boolean }} options
 * @returns {Promise<number>} the exit status
 */
export async function runTests(jestArgs, { soak }) {
  await build();
  const given = process.env.DATABASE_URL;
  const server = given
    ? { adminUrl: given, stop: async () => {}, ended: new Promise(() => {}) }
    : await step('Starting PostgreSQL', () => startEmbeddedPostgres({ ephemeral: true, durable: false }));
  /** @type {Awaited<ReturnType<typeof startThrowAwayRedis>>} */
  let redis = null;
  /** @type {Awaited<ReturnType<typeof createTemplate>> | null} */
  let template = null;
  try {
    template = await createTemplate(server.adminUrl);
    const urls = await provision({ adminUrl: server.adminUrl, database: template.name });
    await migrate(urls.owner);
    const redisUrl = process.env.MOTHBALL_TEST_REDIS_URL ?? (redis = await startThrowAwayRedis())?.url;
    if (!redisUrl) say('There is no redis-server on this machine: what needs Redis is skipped.');
    const chromium = process.env.MOTHBALL_TEST_CHROMIUM ?? findChromium();
    if (!chromium) say('There is no Chromium on this machine: what needs a browser is skipped.');
    const env = testEnvironment({
      MOTHBALL_TEST_ADMIN_URL: server.adminUrl,
      MOTHBALL_TEST_TEMPLATE: template.name,
      MOTHBALL_TEST_URLS: JSON.stringify(urls),
      ...(redisUrl ? { MOTHBALL_TEST_REDIS_URL: redisUrl } : {}),
      ...(chromium ? { MOTHBALL_TEST_CHROMIUM: chromium } : {}),
      ...(soak ? { MOTHBALL_TEST_SOAK: '1' } : {}),
    });
    return await runJest(jestArgs, env, server.ended);
  } finally {
    await redis?.stop();
    if (given) await template?.drop();
    await server.stop();
  }
}

/**
 * Nothing of the developer's own databases, queues and AWS accounts reaches the tests.
 * @param {NodeJS.ProcessEnv} own
 * @returns {NodeJS.ProcessEnv}
 */
function testEnvironment(own) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(MOTHBALL_|AWS_|PG)/.test(name) && name !== 'DATABASE_URL' && name !== 'REDIS_URL',
  );
  return { ...Object.fromEntries(kept), AWS_EC2_METADATA_DISABLED: 'true', NODE_ENV: 'test', ...own };
}

/**
 * @param {string[]} jestArgs
 * @param {NodeJS.ProcessEnv} env
 * @param {Promise<string>} databaseEnded
 */
async function runJest(jestArgs, env, databaseEnded) {
  const folder = mkdtempSync(join(tmpdir(), 'mothball-test-'));
  try {
    const results = join(folder, 'results.json');
    const workers = jestArgs.some((arg) => /^(--maxWorkers|-w|--runInBand|-i)\b/.test(arg)) ? [] : ['--maxWorkers=3'];
    const jest = startChild(join(nodeModules, 'jest', 'bin', 'jest.js'), {
      args: [...workers, '--json', `--outputFile=${results}`, ...jestArgs],
      env,
      leashed: true,
      output: 'stderr only',
    });
    void databaseEnded.then((reason) => say(`PostgreSQL ended (${reason}), and with it the tests.`));
    const wasEnded = endWhenDone(jest, results);
    const code = await superviseAll([jest], { stopOn: databaseEnded });
    const summary = summarize(readResults(results), {
      redis: 'MOTHBALL_TEST_REDIS_URL' in env,
      chromium: 'MOTHBALL_TEST_CHROMIUM' in env,
      soak: 'MOTHBALL_TEST_SOAK' in env,
    });
    process.stdout.write(`${summary.text}\n`);
    if (code !== 0 && !wasEnded()) return code;
    return summary.ok ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResults(/** @type {string} */ path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new Failure('The tests did not run to their end.');
  }
}
