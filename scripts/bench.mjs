#!/usr/bin/env node
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';
import { migrate } from './lib/migrate.mjs';
import { root } from './lib/paths.mjs';
import { startEmbeddedPostgres } from './lib/postgres.mjs';
import { provision } from './lib/provision.mjs';
import { startChild, superviseAll } from './lib/supervisor.mjs';
import { createTemplate } from './lib/test-template.mjs';

/** Runs the measurements of bench/ on a throw-away database and the simulator. */
command(async () => {
  await ensurePackages();
  await build();
  const server = await startEmbeddedPostgres({ ephemeral: true, durable: false });
  try {
    const { name } = await createTemplate(server.adminUrl);
    const urls = await provision({ adminUrl: server.adminUrl, database: name });
    await migrate(urls.owner);
    const { PATH, SystemRoot } = process.env;
    const child = startChild(join(root, 'bench', 'main.ts'), {
      args: process.argv.slice(2),
      execArgv: ['-r', join(root, 'scripts', 'lib', 'typescript-hook.cjs')],
      env: {
        PATH,
        SystemRoot,
        AWS_EC2_METADATA_DISABLED: 'true',
        NODE_NO_WARNINGS: '1',
        MOTHBALL_TEST_ADMIN_URL: server.adminUrl,
        MOTHBALL_TEST_TEMPLATE: name,
        MOTHBALL_TEST_URLS: JSON.stringify(urls),
      },
    });
    const status = await superviseAll([child], { stopOn: server.ended });
    return child.exitCode ?? status;
  } finally {
    await server.stop();
  }
});
