import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from './failure.mjs';
import { root, stateFolder } from './paths.mjs';

/** @typedef {import('./postgres-binaries.mjs').Account} Account */

/**
 * The account that Postgres runs as: it refuses root, so root lends it `postgres`, else `nobody`.
 * @returns {Account | null} null: no change of account
 */
export function postgresAccount() {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => {
      const answer = spawnSync('id', [flag, name], { encoding: 'utf8' });
      return answer.status === 0 ? Number(answer.stdout) : 0;
    });
    if (uid && gid) return { uid, gid };
  }
  throw new Failure(
    'PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`. ' +
      'Run as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer that you have.',
  );
}

/**
 * The folder that databases live in: the checkout's own, or, when Postgres's account cannot reach that (a checkout in
 * root's home folder), one of this checkout's in the first of /var/lib and the temporary folder where nobody else
 * could put anything in its way.
 * @param {Account | null} account
 */
export function findPlace(account) {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const uid = process.getuid?.() ?? 0;
  const places = [
    () => own(stateFolder),
    ...(account ? [() => (guarded('/var/lib/mothball'), guarded(`/var/lib/mothball/${key}`))] : []),
    () => guarded(join(tmpdir(), `mothball-${uid}-${key}`)),
  ];
  const problems = [];
  for (const prepare of places) {
    try {
      const place = prepare();
      if (reaches(account, place)) return place;
      problems.push(`${place} is out of reach for the user that PostgreSQL runs as`);
    } catch (error) {
      problems.push(error.message);
    }
  }
  throw new Failure(
    `There is no place for the database:\n  ${problems.join('\n  ')}\nSet DATABASE_URL, or free one of these.`,
  );
}

/** The checkout's owner could change these scripts as well, so only who can write matters here. */
function own(/** @type {string} */ folder) {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (process.getuid && lstatSync(folder).uid === process.getuid()) chmodSync(folder, 0o755);
  else if (process.getuid?.() !== 0 && process.platform !== 'win32')
    throw new Error(`${folder} belongs to another user`);
  return folder;
}

/** A folder that is ours, in one where others cannot replace it: not one that somebody put there before us. */
function guarded(/** @type {string} */ folder) {
  if (process.platform === 'win32') return own(folder);
  const parent = lstatSync(dirname(folder));
  const writable = (parent.mode & 0o022) !== 0;
  const sticky = (parent.mode & 0o1000) !== 0;
  if (!parent.isDirectory() || ![0, process.getuid()].includes(parent.uid) || (writable && !sticky)) {
    throw new Error(`${dirname(folder)} is open to changes by others`);
  }
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid() || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder of ours alone`);
  }
  chmodSync(folder, 0o755);
  return folder;
}

function reaches(/** @type {Account | null} */ account, /** @type {string} */ folder) {
  if (!account) return true;
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore' });
  if (tried.error) throw new Error(`cannot switch to the user that PostgreSQL runs as (${tried.error.message})`);
  return tried.status === 0;
}
