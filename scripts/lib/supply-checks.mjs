import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeModules, root } from './paths.mjs';
import { runToEnd } from './supervisor.mjs';

/**
 * @typedef {{ version?: string, resolved?: string, integrity?: string, license?: string, dev?: boolean, link?: boolean }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lock
 */

/** What may be handed on with the service, and data that only tools carry. SPDX identifiers. */
const licences = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Unlicense',
];
const licencesOfTools = [...licences, ...['Artistic-2.0', 'CC-BY-3.0', 'CC-BY-4.0', 'CC0-1.0', 'Python-2.0', 'WTFPL']];

const exactVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];

/**
 * Whether what is installed is what was looked at: each entry of the lock has a hash, and comes from the registry that
 * npm is set to. For those npm leaves addresses out (.npmrc), so one that is written down is from elsewhere.
 * @param {Lock} lock
 * @returns {string[]}
 */
export function lockProblems(lock) {
  return entriesOf(lock).flatMap(([path, entry]) => {
    const problems = [];
    if (!entry.integrity?.startsWith('sha512-')) problems.push('has no sha512 integrity');
    if (!exactVersion.test(entry.version ?? '')) problems.push(`has the version ${entry.version}`);
    if (entry.resolved !== undefined) problems.push(`comes from ${entry.resolved}`);
    return problems.map((problem) => `package-lock.json: ${path} ${problem}`);
  });
}

/**
 * @param {Record<string, any>} packageJson
 * @returns {string[]}
 */
export function versionProblems(packageJson) {
  return dependencyFields.flatMap((field) =>
    Object.entries(packageJson[field] ?? {})
      .filter(([, version]) => typeof version !== 'string' || !exactVersion.test(version))
      .map(([name, version]) => `package.json: ${field}.${name} is ${JSON.stringify(version)}; pin one version`),
  );
}

/**
 * @param {Lock} lock
 * @param {(path: string) => unknown} licenceOf what an installed package says; undefined: it is for another platform
 * @returns {string[]}
 */
export function licenceProblems(lock, licenceOf) {
  return entriesOf(lock).flatMap(([path, entry]) => {
    const licence = spdxOf(licenceOf(path) ?? entry.license);
    const allowed = entry.dev ? licencesOfTools : licences;
    return satisfies(licence, allowed) ? [] : [`${path} has the licence ${licence || 'none'}: see supply-checks.mjs`];
  });
}

const entriesOf = (/** @type {Lock} */ lock) =>
  Object.entries(lock.packages).filter(([path, entry]) => path !== '' && !entry.link);

/**
 * As npm has it today, or in the two forms of long ago.
 * @param {any} said
 * @returns {string}
 */
function spdxOf(said) {
  if (Array.isArray(said)) return said.map(spdxOf).join(' OR ');
  return typeof said === 'string' ? said : (said?.type ?? '');
}

/** One of the alternatives, with all of its parts. Parentheses deeper than the whole's are refused by not being known. */
function satisfies(/** @type {string} */ expression, /** @type {string[]} */ allowed) {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((licence) => allowed.includes(licence)));
}

/** @returns {Promise<{ code: number, output: string }>} */
export async function checkDependencies() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const problems = [...versionProblems(packageJson), ...lockProblems(lock), ...licenceProblems(lock, installedLicence)];
  const hosts = await runToEnd(join(nodeModules, 'lockfile-lint', 'bin', 'lockfile-lint.js'), {
    args: [
      ...['--path', join(root, 'package-lock.json'), '--type', 'npm', '--format', 'plain'],
      ...['--validate-https', '--validate-integrity', '--allowed-hosts', 'npm'],
    ],
  });
  return {
    code: problems.length > 0 ? 1 : hosts.code,
    output: [...problems, ...(hosts.code === 0 ? [] : [hosts.output])].join('\n'),
  };
}

function installedLicence(/** @type {string} */ path) {
  try {
    const { license, licenses } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return license ?? licenses;
  } catch {
    return undefined;
  }
}
