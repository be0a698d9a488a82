import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './files';

/** Of the checkout: this file runs as `dist/src/roles/templates/write-files.js`. */
const DEPLOY = join(__dirname, '..', '..', '..', '..', 'deploy');

/** Writes what is generated, and takes away what no longer is. */
function main(): void {
  const files = generatedFiles();
  for (const folder of ['cloudformation', 'terraform/account', 'terraform/organization']) {
    const at = join(DEPLOY, folder);
    mkdirSync(at, { recursive: true });
    for (const name of readdirSync(at)) {
      if (/\.(yaml|tf)$/.test(name) && !files.has(`${folder}/${name}`)) rmSync(join(at, name));
    }
  }
  for (const [path, text] of files) {
    const file = join(DEPLOY, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    process.stdout.write(`deploy/${path}\n`);
  }
}

if (require.main === module) main();
