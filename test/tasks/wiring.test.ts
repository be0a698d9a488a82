import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaskRegistry } from '../../src/tasks/task-registry.service';
import { startTestApp, type TestApp } from '../harness/app';

const SOURCES = join(__dirname, '..', '..', 'src');

let service: TestApp;

beforeAll(async () => (service = await startTestApp()));
afterAll(() => service.stop());

test('each kind of task that the source declares has its handler in the service', () => {
  const kinds = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .flatMap((file) => [...readFileSync(join(SOURCES, file), 'utf8').matchAll(/= defineTask\(\s*'([^']+)'/g)])
    .map(([, kind]) => kind ?? '');
  expect(kinds.length).toBeGreaterThan(20);
  expect(new Set(kinds).size).toBe(kinds.length);
  const registry = service.app.get(TaskRegistry, { strict: false });
  expect(kinds.filter((kind) => !registry.has(kind))).toEqual([]);
});
