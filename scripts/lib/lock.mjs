import { appendFileSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { stateFolder } from './paths.mjs';
import { processIdentity, stillRuns } from './processes.mjs';

/**
 * Does some work while no other process of this checkout does work of the same name. A lock whose process is gone is
 * taken over.
 * @template T
 * @param {string} name
 * @param {(hold: (pid: number) => void) => Promise<T>} work `hold` names a process of this work that may outlive us: the
 *   lock is not taken over before that has ended too
 * @param {string} [folder] where the lock lies
 * @returns {Promise<T>}
 */
export async function exclusively(name, work, folder = stateFolder) {
  const path = join(folder, `${name}.lock`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new Failure(`Cannot write to ${folder} (${error.code}): run as the user who owns this checkout.`);
  }
  while (!take(path)) await sleep(200);
  try {
    return await work((pid) => appendFileSync(path, `${processIdentity(pid) ?? ''}\n`));
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, `${processIdentity(process.pid)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') {
      throw new Failure(`Cannot write ${path} (${error.code}): run as the user who owns this checkout.`);
    }
  }
  if (isAbandoned(path)) removeAbandoned(path);
  return false;
}

/** @param {string} path */
function isAbandoned(path) {
  const holders = readQuietly(path)?.split('\n').filter(Boolean) ?? [];
  // None: its maker is between creating and writing it; the next look tells.
  return holders.length > 0 && !holders.some(stillRuns);
}

/**
 * Between our look and the removal another process may have taken the lock over: then it is put back.
 * @param {string} path
 */
function removeAbandoned(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (!isAbandoned(aside)) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} path */
function readQuietly(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
