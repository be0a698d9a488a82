import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../findings/checks/index';
import { auditPermissions } from './audit-permissions';
import { auditedChecks } from './audit-settings';
import { checksPage } from './checks-page';

test('docs/checks.md is up to date; if not: npx mothball checks --format markdown > docs/checks.md', () => {
  expect(readFileSync(join(__dirname, '../../docs/checks.md'), 'utf8')).toBe(checksPage());
});

test('docs/audit.md shows the permissions that audit has', () => {
  const page = readFileSync(join(__dirname, '../../docs/audit.md'), 'utf8');
  const shown = [...page.matchAll(/"(iam:\w+)"/g)].map(([, action]) => action);
  expect(shown.sort()).toEqual([...auditPermissions]);
});

test('every check has a section with audit and remediation', () => {
  const page = checksPage();
  for (const { id } of checks) {
    expect(page).toContain(`\n## ${id}\n`);
    expect(page).toContain(`### Look for it by hand: ${id}`);
    expect(page).toContain(`### Mend it: ${id}`);
  }
});

test('audit is allowed what the checks that it makes need, and nothing that changes anything', () => {
  const needed = checks.filter(({ id }) => auditedChecks.includes(id)).flatMap(({ permissions }) => permissions);
  expect([...new Set(needed)].sort()).toEqual(auditPermissions);
  for (const action of auditPermissions) expect(action).toMatch(/^iam:(Get|List|GenerateCredentialReport)/);
});
