#!/usr/bin/env node
// For containers: prepares DATABASE_URL's database once and writes down what the serving containers need, so that
// these never hold the administrator's address. Everything is installed and compiled already there.
import './lib/node-version.mjs';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openDatabase, servingUrls } from './lib/database.mjs';
import { command, Failure } from './lib/failure.mjs';

command(async () => {
  const { values } = parseArgs({ options: { write: { type: 'string' } } });
  if (!values.write || !process.env.DATABASE_URL) {
    throw new Failure('Usage: DATABASE_URL=postgres://… node scripts/prepare-database.mjs --write FILE', 2);
  }
  const { urls } = await openDatabase({ name: 'postgres' });
  const lines = Object.entries(servingUrls(urls)).map(([name, url]) => `${name}="${url}"\n`);
  // Whole or not at all: a container may read it at any time.
  writeFileSync(`${values.write}.new`, lines.join(''), { mode: 0o600 });
  chmodSync(`${values.write}.new`, 0o600);
  renameSync(`${values.write}.new`, values.write);
});
