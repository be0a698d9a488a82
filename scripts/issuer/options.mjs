import { parseArgs } from 'node:util';
import { Failure } from '../lib/failure.mjs';

const help = `Runs an OpenID Connect issuer on this machine, to try signing in with: whoever is chosen on its page is signed in,
without a password. For tests and demonstrations; it listens on loopback only and forgets everything when it ends.

  npm run issuer [-- --port PORT] [--json]

  --port PORT   where it listens; default 4400
  --json        say where it listens as one line of JSON
`;

/** @typedef {{ port: number, json: boolean }} IssuerOptions */

/**
 * @param {string[]} argv
 * @returns {IssuerOptions | 'help'}
 */
export function readIssuerOptions(argv) {
  const values = parse(argv);
  if (values.help) {
    process.stdout.write(help);
    return 'help';
  }
  const port = values.port ?? '4400';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Failure(`--port is a number from 0 to 65535; ${JSON.stringify(port)} is not.`, 2);
  }
  return { port: Number(port), json: values.json ?? false };
}

/** @param {string[]} argv */
function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      options: { port: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    throw new Failure(`${error.message}\n\n${help}`, 2);
  }
}
