import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files of `src/` itself that everything may import and that import only each other. */
const leaves = [
  'errors.ts',
  'api-id.ts',
  'clock.ts',
  'config.ts',
  'encryption-keys.ts',
  'ids.ts',
  'mail-settings.ts',
  'notification-settings.ts',
  'outbound-settings.ts',
  'paging.ts',
  'grouping.ts',
  'trusted-documents.ts',
];

/**
 * The stages, earliest first: one imports the leaves and those before it. Two in a row that are not to know each
 * other share a line.
 */
const stages = [
  ['tenancy', 'aws', 'outbound'],
  ['tasks'],
  ['observability'],
  ['accounts'],
  ['scans'],
  ['findings'],
  ['cleanup'],
  ['roles'],
  ['notifications'],
  ['graphql'],
];

/** Outside the line of stages: what each may import besides the leaves. */
const besideTheStages = { cli: ['aws', 'scans/collectors', 'scans/inventory.ts', 'scans/idle.ts', 'findings'] };

/** `acrossTenants` opens all tenants' rows: only these may reach for it. */
const crossTenantDoor = 'tenancy/cross-tenant-database.ts';
const mayCrossTenants = ['tenancy', 'tasks', 'graphql'];

/**
 * Zones for `import-x/no-restricted-paths`: everything under `src/` is closed to a stage but what is listed, so a
 * folder that this file does not know can be imported by nobody.
 * @param {string} root the checkout
 */
export function importZones(root) {
  const at = (/** @type {string} */ path) => join(root, path);
  const open = new Map(Object.entries(besideTheStages));
  stages.forEach((line, index) => {
    for (const stage of line) open.set(stage, stages.slice(0, index).flat());
  });
  const stageZones = [...open].map(([stage, allowed]) => ({
    target: at(`src/${stage}`),
    from: at('src'),
    except: [`./${stage}`, ...[...leaves, ...allowed].map((path) => `./${path}`)],
    message: `src/${stage} may import ${allowed.join(', ') || 'no stage'} and the leaves; hand work on by tasks and events.`,
  }));
  const leafZones = leaves.map((leaf) => ({
    target: at(`src/${leaf}`),
    from: at('src'),
    except: leaves.map((path) => `./${path}`),
    message: 'A leaf imports no stage.',
  }));
  const doorZones = folders(at('src'))
    .filter((folder) => !mayCrossTenants.includes(folder))
    .map((folder) => ({
      target: at(`src/${folder}`),
      from: at(`src/${crossTenantDoor}`),
      message: `Only ${mayCrossTenants.join(', ')} may look across tenants.`,
    }));
  const outside = (/** @type {string} */ target, /** @type {string[]} */ closed) =>
    closed.map((from) => ({ target: at(target), from: at(from), message: `${target} stands without ${from}.` }));
  return [
    ...stageZones,
    ...leafZones,
    ...doorZones,
    ...outside('src', ['aws-simulator', 'test', 'bench']),
    ...outside('aws-simulator', ['src', 'migrations', 'test', 'bench']),
    ...outside('migrations', ['src', 'aws-simulator', 'test', 'bench']),
  ];
}

function folders(/** @type {string} */ path) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
