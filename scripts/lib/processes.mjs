import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process's pid together with when it started, since pids are used again. Null when there is none.
 * @param {number} pid
 * @returns {string | null}
 */
export function processIdentity(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === 'linux') {
    try {
      // After the command's name, which may hold spaces and brackets: state is the first field, start time the 20th.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
      return fields[0] === 'Z' ? null : `${pid}@${fields[19]}`;
    } catch {
      return null;
    }
  }
  if (process.platform === 'win32') return isAlive(pid) ? `${pid}` : null;
  const started = spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' }).stdout?.trim();
  return started ? `${pid}@${started}` : null;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** @param {string | null | undefined} identity as `processIdentity` gave it, maybe long ago */
export function stillRuns(identity) {
  return Boolean(identity) && processIdentity(Number.parseInt(identity, 10)) === identity;
}

/**
 * @param {number} pid
 * @returns {{ parent: number, commandLine: string } | null}
 */
export function describeProcess(pid) {
  try {
    if (process.platform === 'linux') {
      const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[1]);
      return { parent, commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
    }
    const shown = spawnSync('ps', ['-ww', '-o', 'ppid=,command=', '-p', `${pid}`], { encoding: 'utf8' }).stdout;
    const [, parent, commandLine] = /^\s*(\d+) (.*)/.exec(shown ?? '') ?? [];
    return parent ? { parent: Number(parent), commandLine } : null;
  } catch {
    return null;
  }
}

/**
 * The running Postgres server of this data directory, if that is what the pid is now.
 * @param {number} pid
 * @param {string} dataDirectory
 */
export function isPostmasterOf(pid, dataDirectory) {
  if (process.platform === 'linux') {
    try {
      const [program = '', ...rest] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return basename(program) === 'postgres' && rest.includes(dataDirectory);
    } catch {
      return false;
    }
  }
  if (process.platform === 'win32') return false;
  const line = spawnSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).stdout ?? '';
  return line.includes('postgres') && line.includes(dataDirectory);
}

/**
 * Waits until a condition holds.
 * @param {() => boolean} condition
 * @param {number} timeoutMs
 * @returns {Promise<boolean>} whether it came to hold
 */
export async function waitUntil(condition, timeoutMs) {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) return false;
    await sleep(40);
  }
  return true;
}
