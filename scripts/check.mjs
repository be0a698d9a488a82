#!/usr/bin/env node
import { ensurePackages } from './lib/ensure.mjs';
import { command } from './lib/failure.mjs';
import { runChecks } from './lib/run-checks.mjs';

command(async () => {
  await ensurePackages();
  // --only lint,types: just these. For .ci/run, which runs the unit specs with all other tests.
  const at = process.argv.indexOf('--only');
  return runChecks({ only: at === -1 ? null : (process.argv[at + 1] ?? '').split(',') });
});
