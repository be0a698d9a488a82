/** Loads TypeScript as Jest does; for forked processes, too: `node -r ./scripts/lib/typescript-hook.cjs file.ts`. */
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { transformSync } = require('@swc/core');

const root = resolve(__dirname, '..', '..');

require.extensions['.ts'] = (module, filename) => {
  module._compile(transformSync(readFileSync(filename, 'utf8'), { filename, root }).code, filename);
};
