import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { isPostmasterOf, stillRuns, waitUntil } from './processes.mjs';

/** An instance without a record is younger than this, or its maker died while it made it. */
const unfinishedMs = 10 * 60_000;

/**
 * Makes a data directory startable again after whatever happened to the run before: waits for one that is shutting
 * down, stops a server that lost its guardian, removes a pid file that names some other program by now.
 * @param {string} instance
 * @throws {Failure} when a living supervisor uses it
 */
export async function recover(instance) {
  const record = readRecord(instance);
  if (record && stillRuns(record.supervisor)) {
    throw new Failure(
      `Another Mothball (process ${Number.parseInt(record.supervisor, 10)}) runs on the database in ${instance}. ` +
        'Stop it first, or set DATABASE_URL to run a second one on a database of its own.',
    );
  }
  if (record) await waitUntil(() => !stillRuns(record.guardian), 15_000);
  await stopOrphan(join(instance, 'data'));
}

async function stopOrphan(/** @type {string} */ data) {
  const pidFile = join(data, 'postmaster.pid');
  const pid = Number(readQuietly(pidFile)?.split('\n')[0]);
  if (!pid) return;
  const gone = () => !isPostmasterOf(pid, data);
  if (!gone()) {
    kill(pid, 'SIGINT');
    if (!(await waitUntil(gone, 8_000))) kill(pid, 'SIGQUIT');
    if (!(await waitUntil(gone, 5_000))) {
      throw new Failure(`A PostgreSQL server of an earlier run (process ${pid}) does not stop; end it and try again.`);
    }
  }
  // On Windows nobody can tell what the process is; Postgres looks for itself there.
  if (process.platform !== 'win32') rmSync(pidFile, { force: true });
}

/**
 * Removes the throw-away instances of runs that were killed together with their guardian.
 * @param {string} place
 */
export async function sweep(place) {
  for (const name of readdirSync(place).filter((entry) => entry.startsWith('ephemeral-'))) {
    const instance = join(place, name);
    const record = readRecord(instance);
    if (record ? stillRuns(record.supervisor) || stillRuns(record.guardian) : ageMs(instance) < unfinishedMs) continue;
    try {
      await stopOrphan(join(instance, 'data'));
      rmSync(instance, { recursive: true, force: true });
    } catch {
      // Another user's, or another start is sweeping it: it stays for a later start.
    }
  }
}

/** @returns {{ supervisor: string, guardian: string } | null} */
function readRecord(/** @type {string} */ instance) {
  try {
    return JSON.parse(readFileSync(join(instance, 'guardian.json'), 'utf8'));
  } catch {
    return null;
  }
}

function readQuietly(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function ageMs(/** @type {string} */ path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function kill(/** @type {number} */ pid, /** @type {NodeJS.Signals} */ signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH')
      throw new Failure(`Cannot stop process ${pid}, a PostgreSQL server of an earlier run: ${error.message}`);
  }
}
