import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure } from './failure.mjs';
import { exclusively } from './lock.mjs';
import { dist, nodeModules, root } from './paths.mjs';
import { say, step } from './progress.mjs';
import { runToEnd } from './supervisor.mjs';

const sourceFolders = ['src', 'migrations', 'aws-simulator'];
const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const stampFile = join(dist, '.built.json');

/**
 * Compiles to `dist/`, only what changed, and not at all when no source did.
 * @param {object} [options]
 * @param {boolean} [options.despiteTypeErrors] goes on with what was compiled: for the tests, since `npm run check` is
 *   what reports types
 */
export async function build({ despiteTypeErrors = false } = {}) {
  if (isBuilt(readSources())) return;
  await exclusively('build', async () => {
    const sources = readSources();
    if (!isBuilt(sources)) await step('Compiling', () => compile(sources, despiteTypeErrors));
  });
}

/**
 * @param {Sources} sources
 * @param {boolean} despiteTypeErrors
 */
async function compile(sources, despiteTypeErrors) {
  // tsc leaves the output of a deleted source behind.
  const before = readStamp()?.files ?? [];
  if (before.some((file) => !sources.files.includes(file))) rmSync(dist, { recursive: true, force: true });
  const { code, output } = await runToEnd(join(nodeModules, 'typescript', 'bin', 'tsc'), {
    args: ['-p', 'tsconfig.build.json', '--pretty', 'false'],
  });
  if (code !== 0 && !(despiteTypeErrors && existsSync(dist))) throw new Failure(`${output}\nCompiling failed.`);
  if (code !== 0) {
    say(
      `  ${output.split('\n').filter((line) => line.includes('error TS')).length} type errors; npm run check shows them`,
    );
    return;
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(stampFile, JSON.stringify(sources));
}

/** @typedef {{ hash: string, files: string[] }} Sources */

function isBuilt(/** @type {Sources} */ sources) {
  return readStamp()?.hash === sources.hash;
}

/** @returns {Sources | null} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return null;
  }
}

/** What the output depends on, by contents: a checkout of another branch and back must not confuse. */
function readSources() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  const files = sourceFolders.flatMap((folder) => listSources(join(root, folder)));
  for (const path of [...settings.map((name) => join(root, name)), ...files]) {
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  }
  return { hash: hash.digest('hex'), files: files.map((path) => relative(root, path)) };
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function listSources(folder) {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listSources(path);
      return /\.(ts|json)$/.test(entry.name) && !entry.name.endsWith('.spec.ts') ? [path] : [];
    });
}
