import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';
import { exclusively } from './lock.mjs';
import { stateFolder } from './paths.mjs';
import { findBinaries } from './postgres-binaries.mjs';
import { createInstance, openInstance, superuser } from './postgres-instance.mjs';
import { findPlace, postgresAccount } from './postgres-place.mjs';
import { recover, sweep } from './postgres-recovery.mjs';
import { isPostmasterOf, processIdentity, waitUntil } from './processes.mjs';

const guardianScript = fileURLToPath(new URL('./postgres-guardian.mjs', import.meta.url));
const maxLogBytes = 10_000_000;

/**
 * @typedef {object} EmbeddedPostgres
 * @property {string} adminUrl of the superuser and the database `postgres`; on 127.0.0.1, a random password in it
 * @property {string} encryptionKeys the master key for secrets that is kept beside the data
 * @property {() => Promise<void>} stop resolves when the server has ended (and, if ephemeral, its data is removed)
 * @property {Promise<string>} ended resolves with the reason when the server ends without having been asked to
 */

/**
 * Starts the PostgreSQL server that comes with npm. It never outlives this process.
 * @param {object} options
 * @param {string} [options.name] which of the checkout's databases; data stays between runs
 * @param {boolean} [options.ephemeral] a new one, thrown away in the end
 * @param {boolean} options.durable false: faster, and a crash of the machine may lose everything
 * @param {(text: string) => void} [options.log]
 * @returns {Promise<EmbeddedPostgres>}
 */
export async function startEmbeddedPostgres({ name = 'postgres', ephemeral = false, durable, log = () => {} }) {
  const user = postgresAccount();
  const place = findPlace(user);
  const earlier = join(stateFolder, name);
  if (!ephemeral && place !== stateFolder && existsSync(earlier)) {
    throw new Failure(
      `The database in ${earlier} belongs to another user. Run as that user, remove the folder, or set DATABASE_URL.`,
    );
  }
  const binaries = findBinaries(place, user);
  await sweep(place);
  const folder = ephemeral ? `ephemeral-${process.pid}-${randomBytes(4).toString('hex')}` : name;
  const open = () => openAndLaunch({ instance: join(place, folder), binaries, user, ephemeral, durable, log });
  return exclusively(folder, open, place);
}

/**
 * @param {object} options
 * @param {string} options.instance
 * @param {import('./postgres-binaries.mjs').Binaries} options.binaries
 * @param {import('./postgres-binaries.mjs').Account | null} options.user
 * @param {boolean} options.ephemeral
 * @param {boolean} options.durable
 * @param {(text: string) => void} options.log
 * @returns {Promise<EmbeddedPostgres>}
 */
async function openAndLaunch({ instance, binaries, user, ephemeral, durable, log }) {
  await recover(instance);
  if (!existsSync(instance)) {
    if (!ephemeral) log(`Creating a PostgreSQL ${binaries.major} database in ${instance}`);
    await createInstance({ instance, binaries, account: user, durable });
  }
  const { password, encryptionKeys, account } = openInstance({ instance, binaries, account: user });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const outcome = await launch({ instance, binaries, account, ephemeral, settings: settingsFor(port, durable) });
    if ('running' in outcome) {
      const adminUrl = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
      return { adminUrl, encryptionKeys, ...outcome.running };
    }
    // Between our look and Postgres's, another program may have taken the port.
    if (attempt < 5 && /address already in use|could not bind/i.test(outcome.log)) continue;
    if (ephemeral) rmSync(instance, { recursive: true, force: true });
    throw new Failure(`The embedded PostgreSQL server did not start: ${outcome.reason}\n${outcome.log}`);
  }
}

function settingsFor(/** @type {number} */ port, /** @type {boolean} */ durable) {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off']),
  ];
}

/**
 * @param {object} options
 * @param {string} options.instance
 * @param {import('./postgres-binaries.mjs').Binaries} options.binaries
 * @param {import('./postgres-binaries.mjs').Account | null} options.account
 * @param {boolean} options.ephemeral
 * @param {string[]} options.settings
 */
async function launch({ instance, binaries, account, ephemeral, settings }) {
  const logFile = join(instance, 'log');
  if (existsSync(logFile) && statSync(logFile).size > maxLogBytes) renameSync(logFile, `${logFile}.old`);
  const output = openSync(logFile, 'a', 0o600);
  const logStart = statSync(logFile).size;
  const guardian = fork(guardianScript, {
    detached: true,
    execArgv: [],
    cwd: '/',
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const exited = new Promise((resolve) => guardian.once('exit', resolve));
  const record = { supervisor: processIdentity(process.pid), guardian: processIdentity(guardian.pid) };
  const order = { folder: binaries.folder, instance, settings, account, ephemeral, record };
  const first = await new Promise((resolve) => {
    guardian.once('message', resolve);
    guardian.once('exit', (code) => resolve({ ended: `its guardian ended with status ${code}` }));
    guardian.once('error', (error) => resolve({ ended: error.message }));
    guardian.send(order, (error) => error && resolve({ ended: error.message }));
  });
  if (!first.ready) return { reason: first.ended, log: tail(logFile, logStart) };
  return { running: watch(guardian, exited, first.server, join(instance, 'data')) };
}

/**
 * @param {import('node:child_process').ChildProcess} guardian
 * @param {Promise<unknown>} exited
 * @param {number} server the pid of Postgres
 * @param {string} data
 */
function watch(guardian, exited, server, data) {
  let stopping = false;
  let endedBecause = 'its guardian was ended';
  guardian.on('message', (message) => (endedBecause = message.ended ?? endedBecause));
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    exited.then(async () => {
      // A guardian that was killed cannot stop its server any more.
      if (isPostmasterOf(server, data)) {
        process.kill(server, 'SIGINT');
        await waitUntil(() => !isPostmasterOf(server, data), 5_000);
      }
      if (!stopping) resolve(endedBecause);
    });
  });
  guardian.unref();
  guardian.channel?.unref();
  const stop = async () => {
    stopping = true;
    if (guardian.exitCode === null && guardian.signalCode === null) {
      guardian.ref();
      if (guardian.connected) guardian.disconnect();
      await exited;
    }
  };
  return { stop, ended };
}

function tail(/** @type {string} */ path, /** @type {number} */ from) {
  try {
    return readFileSync(path).subarray(from).toString('utf8').trim().split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
