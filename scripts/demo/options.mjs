import { accessSync, constants, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure } from '../lib/failure.mjs';

const help = `Shows Mothball at work on a simulated AWS organization. It needs nothing but Node; nothing leaves this machine.

  npm run demo [-- OPTIONS]

  --once             end after the table
  --json             the last line on standard output is one JSON object; everything else goes to standard error
  --no-clean-up      leave out what comes after the scan: one tenant's clean-up, from a plan to a restore, 38 days on
  --rescan           scan everything twice and say what each scan cost
  --accounts N       accounts of the organization, 1 to 50000; default 25
  --users N          users in each account, 0 to 5000; default about 60 to 120
  --roles N          roles in each account, 0 to 5000; default about 80 to 160
  --seed N           the same seed makes the same organization; default 1
  --port PORT        where the GraphQL API listens; default: a free port
  --ready-file FILE  write addresses and tokens there, as JSON for its owner only, once everything answers

  DATABASE_URL  makes a database of its own on that PostgreSQL and drops it in the end; default: a PostgreSQL from npm
  REDIS_URL     BullMQ runs on this Redis; default: on PostgreSQL
`;

/**
 * @typedef {object} Options
 * @property {boolean} once
 * @property {boolean} json
 * @property {boolean} cleanUp
 * @property {boolean} rescan
 * @property {{ accounts?: number, users?: number, roles?: number, seed?: number }} sizes
 * @property {number} port 0: any free one
 * @property {string | undefined} readyFile
 */

const flags = /** @type {const} */ ({
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'no-clean-up': { type: 'boolean', default: false },
  rescan: { type: 'boolean', default: false },
  accounts: { type: 'string' },
  users: { type: 'string' },
  roles: { type: 'string' },
  seed: { type: 'string' },
  port: { type: 'string' },
  'ready-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
});

/**
 * @param {string[]} argv
 * @returns {Options | 'help'}
 * @throws {Failure} with the exit status 2
 */
export function readOptions(argv) {
  const values = parse(argv);
  if (values.help) {
    process.stdout.write(help);
    return 'help';
  }
  const limits = { accounts: [1, 50_000], users: [0, 5_000], roles: [0, 5_000], seed: [0, Number.MAX_SAFE_INTEGER] };
  const sizes = Object.entries(limits).flatMap(([name, [least, most]]) =>
    values[name] === undefined ? [] : [[name, whole(name, values[name], least, most)]],
  );
  return {
    once: values.once,
    json: values.json,
    cleanUp: !values['no-clean-up'],
    rescan: values.rescan,
    sizes: Object.fromEntries(sizes),
    port: values.port === undefined ? 0 : whole('port', values.port, 0, 65_535),
    readyFile: values['ready-file'] === undefined ? undefined : newFile(values['ready-file']),
  };
}

/** @param {string[]} argv */
function parse(argv) {
  try {
    return parseArgs({ args: argv, options: flags }).values;
  } catch (error) {
    throw new Failure(`${error.message}\n\n${help}`, 2);
  }
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 * @param {number} most
 */
function whole(name, text, least, most) {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Failure(`--${name} is a whole number from ${least} to ${most}; ${JSON.stringify(text)} is not.`, 2);
}

/**
 * Fails now rather than after the work, and leaves no file of an earlier run for anybody to take for this one's.
 * @param {string} path
 */
function newFile(path) {
  const file = resolve(path);
  try {
    accessSync(dirname(file), constants.W_OK);
    rmSync(file, { force: true });
  } catch (error) {
    throw new Failure(`--ready-file: ${file} cannot be written (${error.code}).`, 2);
  }
  return file;
}
