import { fork } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';

const leash = fileURLToPath(new URL('./leashed.mjs', import.meta.url));

/** Longer than any drain: a child that has not ended by then is ended. */
const drainMs = 30_000;

/**
 * Starts a Node program of the checkout as a child that cannot outlive this process.
 * @param {string} program absolute path
 * @param {object} [options]
 * @param {string[]} [options.args]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {'inherit' | 'pipe' | 'stderr only'} [options.output] default: this process's own
 * @param {boolean} [options.leashed] for a program that does not itself end on `disconnect`
 * @param {string[]} [options.execArgv]
 * @param {string} [options.cwd] default: the checkout
 */
export function startChild(program, options = {}) {
  const { args = [], env = process.env, output = 'inherit', leashed = false, execArgv = [], cwd = root } = options;
  return fork(leashed ? leash : program, leashed ? [program, ...args] : args, {
    cwd,
    // The AWS SDK's notice that its releases of 2027 want Node 22 is for whoever raises the locked version.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
    execArgv,
    stdio: ['inherit', ...(output === 'stderr only' ? ['ignore', 'inherit'] : [output, output]), 'ipc'],
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} the exit status; 128 + n for one that a signal ended, as shells have it
 */
export function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/**
 * Runs a Node program to its end and collects what it prints.
 * @param {string} program
 * @param {Parameters<typeof startChild>[1]} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runToEnd(program, options = {}) {
  const child = startChild(program, { leashed: true, output: 'pipe', ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const code = await exitOf(child);
  await closed;
  return { code, output: output.trim() };
}

/**
 * Stays with the children until all have ended: the first one to end, for whatever reason, or a SIGINT or SIGTERM to
 * this process, asks all others to drain and end. A second signal, not merely the copy that npm passes on, ends them
 * at once.
 * @param {import('node:child_process').ChildProcess[]} children
 * @param {{ stopOn?: Promise<unknown> }} [options] `stopOn`: something else whose end ends all, such as the database
 * @returns {Promise<number>} the exit status of the first one that ended; 0 when a signal asked for the end
 */
export async function superviseAll(children, { stopOn } = {}) {
  let askedAt = 0;
  const sendAll = (/** @type {NodeJS.Signals} */ signal) => {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  };
  const drain = () => {
    if (askedAt) return;
    askedAt = performance.now();
    sendAll('SIGTERM');
    setTimeout(() => sendAll('SIGKILL'), drainMs).unref();
  };
  let signalled = false;
  const onSignal = () => {
    if (askedAt && performance.now() - askedAt > 1_000) sendAll('SIGKILL');
    signalled = true;
    drain();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  /** @type {number | undefined} */
  let first;
  void stopOn?.then(() => {
    first ??= 1;
    drain();
  });
  await Promise.all(
    children.map(async (child) => {
      const code = await exitOf(child);
      if (!askedAt) first ??= code;
      drain();
    }),
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, onSignal);
  return signalled ? 0 : (first ?? 0);
}
