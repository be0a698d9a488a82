import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { keptEncryptionKey } from './encryption-keys.mjs';
import { Failure } from './failure.mjs';

/**
 * @typedef {import('./postgres-binaries.mjs').Account} Account
 * @typedef {import('./postgres-binaries.mjs').Binaries} Binaries
 */

/** The superuser of the embedded server. */
export const superuser = 'postgres';

/**
 * Initializes a cluster with a random password in `<instance>/data`; the password lies beside it, readable by who
 * runs this only. The instance appears under its name when it is complete, so a start that is killed leaves no half.
 * @param {{ instance: string, binaries: Binaries, account: Account | null, durable: boolean }} options
 */
export async function createInstance({ instance, binaries, account, durable }) {
  const draft = `${instance}.new-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  // Whatever the umask: Postgres's account must pass through to its data.
  if (account) chmodSync(draft, 0o755);
  const data = join(draft, 'data');
  mkdirSync(data, { mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(draft, 'password');
  const passwordForInitdb = join(draft, 'initdb-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  writeFileSync(passwordForInitdb, password, { mode: 0o600 });
  if (account) for (const path of [data, passwordForInitdb]) chownSync(path, account.uid, account.gid);
  try {
    await initdb(binaries, account, [
      ...['-D', data, '-U', superuser, `--pwfile=${passwordForInitdb}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(durable ? [] : ['--no-sync']),
    ]);
    rmSync(passwordForInitdb);
    renameSync(draft, instance);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start was faster: its instance serves as well.
    if (!existsSync(join(instance, 'data'))) throw error;
  }
}

async function initdb(
  /** @type {Binaries} */ binaries,
  /** @type {Account | null} */ account,
  /** @type {string[]} */ args,
) {
  const env = { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH, SystemRoot: process.env.SystemRoot };
  const child = spawn(join(binaries.folder, 'initdb'), args, {
    ...account,
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const problem = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : `initdb ended with ${signal ?? `status ${code}`}`),
    );
  });
  if (/could not look up effective user ID/.test(output)) {
    throw new Failure(
      'PostgreSQL wants to know the name of the user that it runs as, and this user id has none on this machine. ' +
        'Run as a user of /etc/passwd, or set DATABASE_URL to a PostgreSQL 15 or newer that you have.',
    );
  }
  if (problem) throw new Failure(`The embedded database could not be created: ${problem}\n${output.trim()}`);
}

/**
 * Reads an instance made by this or an earlier run.
 * @param {{ instance: string, binaries: Binaries, account: Account | null }} options
 * @returns {{ password: string, encryptionKeys: string, account: Account | null }} the account that owns the data may
 *   differ from today's
 */
export function openInstance({ instance, binaries, account }) {
  const data = join(instance, 'data');
  const version = read(join(data, 'PG_VERSION'), instance);
  if (Number(version) !== binaries.major) {
    throw new Failure(
      `The database in ${instance} was made by PostgreSQL ${version} and this is PostgreSQL ${binaries.major}. ` +
        `Go back to the version before to take a dump of it, or remove that folder to begin with an empty one.`,
    );
  }
  const { uid, gid } = statSync(data);
  return {
    password: read(join(instance, 'password'), instance),
    encryptionKeys: keptEncryptionKey(join(instance, 'encryption-keys')),
    account: account && uid !== 0 ? { uid, gid } : account,
  };
}

function read(/** @type {string} */ path, /** @type {string} */ instance) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error.code === 'EACCES') {
      throw new Failure(`The database in ${instance} belongs to another user: run as that user, or set DATABASE_URL.`);
    }
    throw new Failure(
      `The database in ${instance} is damaged (${path}: ${error.code}). Restore the folder, or remove it to begin with an empty one.`,
    );
  }
}
