// Runs Postgres for a supervisor and stops it when the supervisor is gone, however it went: the channel between the
// two breaks even on SIGKILL. A session of its own, so that Ctrl-C reaches the supervisor first and Postgres last.
// No dependency and no import of this project: it must also work while packages are being replaced.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Order
 * @property {string} folder the folder of binaries
 * @property {string} instance holds `data`; removed in the end when `ephemeral`
 * @property {string[]} settings
 * @property {{ uid: number, gid: number } | null} account
 * @property {boolean} ephemeral
 * @property {{ supervisor: string, guardian?: string }} record who runs this, for the next start
 */

/** @type {import('node:child_process').ChildProcess | undefined} */
let server;
/** @type {Order | undefined} */
let order;
let stopping = false;
let ready = false;

process.once('message', (message) => start(/** @type {Order} */ (message)));
process.on('disconnect', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

function start(/** @type {Order} */ given) {
  order = given;
  const data = join(order.instance, 'data');
  const settings = order.settings.flatMap((setting) => ['-c', setting]);
  server = spawn(join(order.folder, 'postgres'), ['-D', data, ...settings], {
    ...order.account,
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH, SystemRoot: process.env.SystemRoot },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  server.once('error', (error) => finish(error.message));
  server.once('exit', (code, signal) => finish(`it ended with ${signal ?? `status ${code}`}`));
  writeFileSync(join(order.instance, 'guardian.json'), JSON.stringify({ ...order.record, server: server.pid }));
  const poll = setInterval(() => {
    if (!isReady(data)) return;
    clearInterval(poll);
    ready = true;
    tell({ ready: true, server: server.pid });
  }, 25);
}

/** Postgres writes its state into the eighth line of its pid file. */
function isReady(/** @type {string} */ data) {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

function stop() {
  if (stopping) return;
  stopping = true;
  if (!server) process.exit(0);
  if (process.platform === 'win32') {
    spawnSync(join(order.folder, 'pg_ctl'), ['stop', '-m', 'fast', '-D', join(order.instance, 'data')]);
    return;
  }
  // What is thrown away needs no orderly end. SIGINT is the fast shutdown, SIGQUIT the immediate one.
  server.kill(order.ephemeral ? 'SIGQUIT' : 'SIGINT');
  setTimeout(() => server.kill('SIGQUIT'), 10_000).unref();
}

function finish(/** @type {string} */ reason) {
  // What failed to start is left to the supervisor, which reads the log and tries another port.
  if (order.ephemeral && (ready || stopping)) rmSync(order.instance, { recursive: true, force: true, maxRetries: 3 });
  else rmSync(join(order.instance, 'guardian.json'), { force: true });
  if (!stopping) tell({ ended: reason });
  process.exit(0);
}

function tell(/** @type {object} */ message) {
  if (process.connected) process.send(message, () => {});
}
