#!/usr/bin/env node
import './lib/node-version.mjs';
import { readIssuerOptions } from './issuer/options.mjs';
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';

command(async () => {
  const options = readIssuerOptions(process.argv.slice(2));
  if (options === 'help') return;
  await ensurePackages();
  // Only now: what it imports comes from packages.
  const { runIssuer } = await import('./issuer/run.mjs');
  return runIssuer(options);
});
