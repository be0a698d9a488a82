#!/usr/bin/env node
import './lib/node-version.mjs';
import { readOptions } from './demo/options.mjs';
import { build } from './lib/build.mjs';
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';

command(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return;
  await ensurePackages();
  await build();
  // Only now: what it imports comes from packages.
  const { demo } = await import('./demo/demo.mjs');
  return demo(options);
});
