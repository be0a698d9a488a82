#!/usr/bin/env node
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { openDatabase, servingEnvironment } from './lib/database.mjs';
import { mustHaveEncryptionKeys } from './lib/encryption-keys.mjs';
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';
import { dist } from './lib/paths.mjs';
import { startChild, superviseAll } from './lib/supervisor.mjs';

// A new data key for all secrets; all data keys under the first of MOTHBALL_ENCRYPTION_KEYS. See docs/operators.md.
command(async () => {
  await ensurePackages();
  mustHaveEncryptionKeys();
  await build();
  const database = await openDatabase({ name: 'postgres' });
  try {
    const env = servingEnvironment(database.urls, database.encryptionKeys);
    return await superviseAll([startChild(join(dist, 'src', 'rotate-secrets.js'), { env })], {
      stopOn: database.ended,
    });
  } finally {
    await database.stop();
  }
});
