import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { Failure } from './failure.mjs';
import { exclusively } from './lock.mjs';
import { dist, nodeModules, root } from './paths.mjs';
import { step } from './progress.mjs';

const sourceFolders = ['src', 'migrations', 'aws-simulator'];
const settings = ['package-lock.json', '.swcrc'];
/** Specs, and what only they use. */
const forSpecsOnly = /\.spec\.ts$|^test-[a-z-]+\.ts$/;
const stampFile = '.built.json';

/**
 * Compiles to `dist/` with what compiles the tests as well, and not at all when no source changed. Types are for
 * `npm run check`.
 */
export async function build() {
  if (isBuilt(readSources())) return;
  await exclusively('build', async () => {
    const sources = readSources();
    if (!isBuilt(sources)) await step('Compiling', () => compile(sources));
  });
}

async function compile(/** @type {Sources} */ sources) {
  // Installed by whoever calls this, which the module itself must not need.
  const { transform } = await import('@swc/core');
  // Beside it, and then in its place: what runs from it meanwhile finds all of the old one, and no deleted source stays.
  const made = join(nodeModules, '.cache', `dist-${process.pid}`);
  rmSync(made, { recursive: true, force: true });
  for (const file of sources.files) {
    const output = join(made, file.replace(/\.ts$/, '.js'));
    const filename = join(root, file);
    const sourceFileName = relative(dirname(join(dist, file)), filename);
    const options = { filename, root, sourceFileName, sourceMaps: true };
    const { code, map = '' } = await transform(readFileSync(filename, 'utf8'), options).catch((error) => {
      throw new Failure(`${file}: ${error instanceof Error ? error.message : String(error)}\nCompiling failed.`);
    });
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, `${code}\n//# sourceMappingURL=${basename(output)}.map\n`);
    writeFileSync(`${output}.map`, map);
  }
  writeFileSync(join(made, stampFile), JSON.stringify(sources));
  rmSync(dist, { recursive: true, force: true });
  renameSync(made, dist);
}

/** @typedef {{ hash: string, files: string[] }} Sources */

function isBuilt(/** @type {Sources} */ sources) {
  return readStamp()?.hash === sources.hash;
}

/** @returns {Sources | null} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(join(dist, stampFile), 'utf8'));
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
      return entry.name.endsWith('.ts') && !forSpecsOnly.test(entry.name) ? [path] : [];
    });
}
