#!/usr/bin/env node
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { openDatabase, servingUrls } from './lib/database.mjs';
import { ensurePackages } from './lib/ensure.mjs';
import { command, Failure } from './lib/failure.mjs';
import { dist } from './lib/paths.mjs';
import { startChild, superviseAll } from './lib/supervisor.mjs';

const program = join(dist, 'src', 'audit-log.js');
const args = process.argv.slice(2);

/** Pruning is the owner's; looking is done with the login that cannot write. */
const login = args[0] === 'prune' ? 'MOTHBALL_OWNER_DATABASE_URL' : 'MOTHBALL_PLATFORM_DATABASE_URL';

// Verifies, prunes and exports the audit log: docs/audit-log.md.
command(async () => {
  await ensurePackages();
  await build();
  const run = (/** @type {NodeJS.ProcessEnv} */ env) =>
    startChild(program, { args, env, leashed: true, cwd: process.cwd() });
  // Where only the login's own address is given, as in a serving container, that one is used as it is.
  if (process.env[login] || args.includes('--help') || args.includes('-h')) return superviseAll([run(process.env)]);
  const database = await openDatabase({ name: 'postgres' }).catch((error) => {
    // With 1 it would say that a log is not as it was written.
    throw error instanceof Failure ? new Failure(error.message, 2) : error;
  });
  try {
    const urls = { ...servingUrls(database.urls), MOTHBALL_OWNER_DATABASE_URL: database.urls.owner };
    const child = run({ ...process.env, [login]: urls[login] });
    const status = await superviseAll([child], { stopOn: database.ended });
    return child.exitCode ?? status;
  } finally {
    await database.stop();
  }
});
