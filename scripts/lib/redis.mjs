import { fork, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { freePort } from './postgres.mjs';

const leash = fileURLToPath(new URL('./leashed-command.mjs', import.meta.url));

/**
 * Starts the machine's Redis, empty and in memory only, on a free loopback port with a random password. It never
 * outlives this process.
 * @returns {Promise<{ url: string, stop: () => Promise<void> } | null>} null when there is no `redis-server`
 */
export async function startThrowAwayRedis() {
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status !== 0) return null;
  const port = await freePort();
  const password = randomBytes(18).toString('base64url');
  const child = fork(leash, ['redis-server', '-'], {
    detached: true,
    execArgv: [],
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
  });
  // By stdin: arguments can be read by every user of the machine.
  child.stdin.end(
    `port ${port}\nbind 127.0.0.1\nrequirepass ${password}\nsave ""\nappendonly no\nmaxmemory-policy noeviction\n`,
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  for (const end = performance.now() + 10_000; !(await accepts(port)); await sleep(30)) {
    if (child.exitCode !== null || performance.now() > end)
      throw new Failure('redis-server is installed but does not start.');
  }
  child.unref();
  child.channel?.unref();
  const stop = async () => {
    child.ref();
    if (child.connected) child.disconnect();
    await exited;
  };
  return { url: `redis://:${password}@127.0.0.1:${port}`, stop };
}

/** @returns {Promise<boolean>} */
function accepts(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy() && resolve(true));
    socket.once('error', () => resolve(false));
  });
}
