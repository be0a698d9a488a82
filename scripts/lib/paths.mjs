import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What Mothball keeps in the checkout: databases, locks; never in git. */
export const stateFolder = join(root, '.mothball');

export const nodeModules = join(root, 'node_modules');
export const dist = join(root, 'dist');
