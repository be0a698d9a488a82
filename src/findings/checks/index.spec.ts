import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RISK } from '../check';
import { defaultPolicy } from '../policy';
import { checks, findCheck, isCheckId } from './index';

const files = readdirSync(__dirname).filter((file) => file.endsWith('.check.ts'));

test('every check file is in the list, under the id of its file name, and nothing else is', () => {
  expect(checks.map(({ id }) => `${id}.check.ts`).sort()).toEqual(files.sort());
});

test.each(files)('%s has its spec beside it and stays within 80 lines', (file) => {
  expect(existsSync(join(__dirname, file.replace('.check.ts', '.check.spec.ts')))).toBe(true);
  expect(readFileSync(join(__dirname, file), 'utf8').split('\n').length).toBeLessThanOrEqual(81);
});

test('every check has settings in a policy, and every setting a check', () => {
  expect(Object.keys(defaultPolicy.checks).sort()).toEqual(checks.map(({ id }) => id).sort());
});

test.each(checks)(
  '$id: its default threshold is the policy’s, its permissions are IAM actions, its risk fits',
  (check) => {
    const settings = defaultPolicy.checks[check.id];
    expect(check.defaultIdleDays).toBe('idleDays' in settings ? settings.idleDays : null);
    expect(check.permissions.length).toBeGreaterThan(0);
    for (const action of check.permissions) expect(action).toMatch(/^iam:(Get|List|Generate)[A-Za-z]+$/);
    expect(new Set(check.permissions).size).toBe(check.permissions.length);
    expect(check.risk).toBe(RISK[check.severity]);
    for (const steps of [check.audit.console, check.audit.cli]) expect(steps.length).toBeGreaterThan(0);
  },
);

test('a check is found by its id, and an unknown id finds none', () => {
  for (const check of checks) expect(findCheck(check.id)).toBe(check);
  expect(findCheck('toString')).toBeUndefined();
  expect(isCheckId('unused-role')).toBe(true);
  expect(isCheckId('unused-roles')).toBe(false);
});
