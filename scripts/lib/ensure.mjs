import './node-version.mjs';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { exclusively } from './lock.mjs';
import { nodeModules, root } from './paths.mjs';
import { step } from './progress.mjs';

const lockFile = join(root, 'package-lock.json');
const stampFile = join(nodeModules, '.mothball-installed');
const nodeMajor = process.versions.node.split('.')[0];

/**
 * Installs the packages when they are not there, or when the lock file or Node's major version has changed since.
 * Needs no package itself, and no network when nothing is to be installed.
 */
export async function ensurePackages() {
  if (isInstalled()) return;
  await exclusively('install', async (hold) => {
    // Another run may have installed them while this one waited.
    if (isInstalled()) return;
    await step('Installing packages from npm (about a minute)', () => npmCi(hold));
    if (!matchesLock())
      throw new Failure('npm ci left packages out; something else may have changed node_modules. Try again.');
    writeFileSync(stampFile, stamp());
  });
}

function isInstalled() {
  const last = read(stampFile);
  if (last === stamp()) return true;
  // Installed by hand since: what npm wrote down says whether it is what the lock file asks for.
  if ((last !== null && last.split(' ')[0] !== `node${nodeMajor}`) || !matchesLock()) return false;
  try {
    writeFileSync(stampFile, stamp());
  } catch {
    // Somebody else's checkout: looked at again next time.
  }
  return true;
}

function stamp() {
  return `node${nodeMajor} ${createHash('sha256').update(readFileSync(lockFile)).digest('hex')}`;
}

function matchesLock() {
  const installed = read(join(nodeModules, '.package-lock.json'));
  if (installed === null) return false;
  const there = JSON.parse(installed).packages;
  return Object.entries(JSON.parse(readFileSync(lockFile, 'utf8')).packages)
    .filter(([path]) => path !== '')
    .every(([path, wanted]) =>
      there[path]
        ? there[path].version === wanted.version && existsSync(join(root, path))
        : wanted.optional || wanted.peer,
    );
}

function read(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** @param {(pid: number) => void} hold npm tidies up for a while after Ctrl-C, and runs on when we are killed */
async function npmCi(hold) {
  const own = process.env.npm_execpath ?? '';
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const [program, programArgs] = own.endsWith('npm-cli.js') ? [process.execPath, [own, ...args]] : ['npm', args];
  const child = spawn(program, programArgs, {
    cwd: root,
    shell: process.platform === 'win32' && program === 'npm',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid) hold(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const problem = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : `npm ci ended with ${signal ?? `status ${code}`}`),
    );
  });
  if (problem) throw new Failure(`${output.trim()}\nThe packages could not be installed (${problem}).`);
}
