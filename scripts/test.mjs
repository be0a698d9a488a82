#!/usr/bin/env node
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';
import { runTests } from './lib/run-tests.mjs';

command(async () => {
  const args = process.argv.slice(2);
  await ensurePackages();
  // --soak: the long runs too.
  return runTests(
    args.filter((arg) => arg !== '--soak'),
    { soak: args.includes('--soak') },
  );
});
