#!/usr/bin/env node
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';
import { serve } from './lib/serve.mjs';

command(async () => {
  const options = serve.readOptions(process.argv.slice(2));
  if (options === 'help') return;
  await ensurePackages();
  return serve.run(options);
});
