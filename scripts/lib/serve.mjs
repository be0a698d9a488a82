import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { openDatabase, servingEnvironment } from './database.mjs';
import { mustHaveEncryptionKeys } from './encryption-keys.mjs';
import { Failure } from './failure.mjs';
import { dist } from './paths.mjs';
import { say } from './progress.mjs';
import { startChild, superviseAll } from './supervisor.mjs';

const roles = ['api', 'worker', 'all'];

const help = `Runs Mothball against AWS with the credentials of this environment (profiles, SSO, web identity, AWS_* variables).

  npm start [-- --role ROLE] [--port PORT]

  --role ROLE   api (GraphQL and the console), worker (scans) or all; default all, or MOTHBALL_ROLE
  --port PORT   where the api listens; default 4000, or MOTHBALL_PORT

  DATABASE_URL     a PostgreSQL 15 or newer, with a login that owns the database and may create roles;
                   without it, a PostgreSQL that came with npm keeps its data in this checkout
  MOTHBALL_SECRET  what the service logins' passwords derive from; default: the password in DATABASE_URL
  MOTHBALL_ENCRYPTION_KEYS  what seals secrets, as id:base64; needed with DATABASE_URL, else one is kept beside the data
  REDIS_URL        BullMQ runs on this Redis; without it, on PostgreSQL
`;

/** @typedef {{ role: string, port: string | undefined }} Options */

export const serve = {
  /**
   * @param {string[]} argv
   * @returns {Options | 'help'}
   */
  readOptions(argv) {
    const values = parse(argv);
    if (values.help) {
      process.stdout.write(help);
      return 'help';
    }
    const role = values.role ?? process.env.MOTHBALL_ROLE ?? 'all';
    if (!roles.includes(role)) throw new Failure(`--role is one of ${roles.join(', ')}; ${role} is not.`, 2);
    if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535)) {
      throw new Failure(`--port is a number from 0 to 65535; ${values.port} is not.`, 2);
    }
    return { role, port: values.port };
  },

  /** @param {Options} options */
  async run({ role, port }) {
    mustHaveEncryptionKeys();
    await build();
    const database = await openDatabase({ name: 'postgres' });
    try {
      const env = {
        ...servingEnvironment(database.urls, database.encryptionKeys),
        MOTHBALL_ROLE: role,
        ...(port ? { MOTHBALL_PORT: port } : {}),
      };
      const child = startChild(join(dist, 'src', 'main.js'), { args: ['--role', role], env });
      void database.ended.then((reason) => say(`The database ended (${reason}); so does Mothball.`));
      return await superviseAll([child], { stopOn: database.ended });
    } finally {
      await database.stop();
    }
  },
};

/** @param {string[]} argv */
function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      options: { role: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    throw new Failure(`${error.message}\n\n${help}`, 2);
  }
}
