#!/usr/bin/env node
import { ensurePackages } from './lib/ensure.mjs';
import { build } from './lib/build.mjs';
import { command } from './lib/failure.mjs';

command(async () => {
  await ensurePackages();
  await build();
});
