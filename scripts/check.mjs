#!/usr/bin/env node
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';
import { runChecks } from './lib/run-checks.mjs';

command(async () => {
  await ensurePackages();
  // For .ci/run, whose tests are all of them.
  return runChecks({ unitSpecs: !process.argv.includes('--without-unit-specs') });
});
