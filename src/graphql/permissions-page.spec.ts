import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permissionsPage } from './permissions-page';
import { schemaOfResolvers } from './print-schema';

test('docs/permissions.md is up to date; if not: npm run schema', async () => {
  const page = permissionsPage(await schemaOfResolvers());
  expect(readFileSync(join(__dirname, '../../docs/permissions.md'), 'utf8')).toBe(page);
});
