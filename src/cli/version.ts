import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const packageJson = z.object({ name: z.string(), version: z.string() });

/** Of the package that this file belongs to, compiled or not. */
export function packageVersion(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return packageJson.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
  }
  throw new Error(`There is no package.json above ${__dirname}.`);
}
