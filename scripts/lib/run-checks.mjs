import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { Failure } from './failure.mjs';
import { dist, nodeModules, root } from './paths.mjs';
import { say } from './progress.mjs';
import { checkDependencies } from './supply-checks.mjs';
import { runToEnd } from './supervisor.mjs';

/** @typedef {{ name: string, run: () => Promise<{ code: number, output: string }> }} Check */

const tool = (/** @type {string} */ path, /** @type {string[]} */ ...args) =>
  runToEnd(join(nodeModules, path), { args });
const cache = (/** @type {string} */ name) => join(nodeModules, '.cache', name);

/** The longest first: two run at a time. @type {Check[]} */
const checks = [
  {
    name: 'lint',
    run: () =>
      tool(
        'eslint/bin/eslint.js',
        ...['.', '--max-warnings', '0'],
        ...['--cache', '--cache-strategy', 'content', '--cache-location', cache('eslint/')],
      ),
  },
  { name: 'types', run: () => tool('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json') },
  { name: 'unit specs', run: () => tool('jest/bin/jest.js', '--selectProjects', 'unit', '--maxWorkers=2') },
  {
    name: 'format',
    run: () =>
      tool(
        'prettier/bin/prettier.cjs',
        '--check',
        '.',
        '--log-level=warn',
        '--cache',
        '--cache-location',
        cache('prettier/cache'),
      ),
  },
  { name: 'secrets', run: checkSecrets },
  { name: 'dependencies', run: checkDependencies },
  ...(existsSync(join(root, 'src', 'graphql', 'print-schema.ts')) ? [{ name: 'schema', run: checkSchema }] : []),
];

/** Whether a file that is, or would be, committed holds credentials. Outside of git: every file that git would have. */
async function checkSecrets() {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files =
    listed.status === 0
      ? listed.stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))
      : ['**/*', '!node_modules/**', '!dist/**', '!.mothball/**', '!coverage/**'];
  return tool(
    'secretlint/bin/secretlint.js',
    '--secretlintrc',
    join(root, '.secretlintrc.json'),
    '--no-color',
    ...files,
  );
}

/** Whether `schema.graphql` is what the resolvers say, and breaks nothing that was committed. */
async function checkSchema() {
  try {
    await build();
  } catch (error) {
    if (error instanceof Failure) return { code: 1, output: error.message };
    throw error;
  }
  return runToEnd(join(dist, 'src', 'graphql', 'print-schema.js'), { args: ['--check'] });
}

/**
 * @param {{ only: readonly string[] | null }} which null: all of them
 * @returns {Promise<number>} the exit status
 */
export async function runChecks({ only }) {
  const chosen = checks.filter(({ name }) => only === null || only.includes(name));
  if (chosen.length === 0) throw new Failure(`There are these checks: ${checks.map(({ name }) => name).join(', ')}.`);
  const queue = [...chosen];
  /** @type {string[]} */
  const failed = [];
  const work = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const startedAt = performance.now();
      const { code, output } = await check.run();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (code !== 0) {
        failed.push(check.name);
        say(`\n${output}\n`);
      }
      say(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
    }
  };
  await Promise.all([work(), work()]);
  say(
    failed.length === 0
      ? 'All checks passed.'
      : `${failed.length} of ${chosen.length} checks failed: ${failed.join(', ')}.`,
  );
  return failed.length === 0 ? 0 : 1;
}
