import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import type { EventType } from './event-type';
import { EXAMPLE_EVENT, EXAMPLE_TENANT } from './examples';
import { eventsPage, schemaFiles } from './events-page';
import { eventTypes, findEventType, LATEST_VERSION } from './index';
import { exampleMessage, examplePayload, payloadSchema } from './json-schema';
import { otherMessages } from './other-messages';
import { LARGEST_PAYLOAD, payloadOf, schemaOf } from './payload';
import { thin } from './thin';

/** The catalogue keeps what it has promised: complete, true to its schemas, small, and never changed unnoticed. */

const DOCS = join(__dirname, '..', '..', '..', 'docs');
const PUBLIC_URL = 'https://mothball.example.com';

const payload = (type: EventType, facts: object = type.example as object, version = LATEST_VERSION) =>
  payloadOf(
    { tenantId: EXAMPLE_TENANT, id: EXAMPLE_EVENT, type: type.type, at: new Date('2026-11-22T13:05:00Z'), facts },
    version,
    PUBLIC_URL,
  );

test('every event that a file declares is in the list, once', () => {
  const files = readdirSync(join(__dirname, 'events')).filter((file) => file.endsWith('.events.ts'));
  const declared = files.flatMap((file) => {
    const text = readFileSync(join(__dirname, 'events', file), 'utf8');
    return [...text.matchAll(/^export const (\w+)(?:: | = (?!z\.))/gm)].map(([, name]) => name);
  });
  const list = readFileSync(join(__dirname, 'index.ts'), 'utf8').split('eventTypes: readonly EventType[] = [')[1] ?? '';
  for (const name of declared) expect(list.split(new RegExp(`\\b${name}\\b`))).toHaveLength(2);
  expect(declared).toHaveLength(eventTypes.length);
  expect(new Set(eventTypes.map(({ type }) => type)).size).toBe(eventTypes.length);
});

test('all that the issue asks for is told', () => {
  const types = eventTypes.map(({ type }) => type);
  expect(types).toEqual(
    expect.arrayContaining([
      ...['finding.opened', 'finding.resolved', 'finding.reopened', 'finding.exempt', 'exemption.ending'],
      ...['scan.completed', 'scan.partial', 'scan.failed', 'account.lost-access', 'account.left'],
      ...['plan.proposed', 'plan.approved', 'plan.halted', 'plan.completed'],
      ...['identity.quarantined', 'identity.showed-life', 'identity.restored', 'identity.deleted'],
      ...['identity.quarantine-due', 'identity.deletion-due', 'endpoint.disabled', 'digest.daily', 'digest.weekly'],
    ]),
  );
  expect(findEventType('task.failed')).toBeUndefined();
});

describe('the JSON Schemas', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  addFormats(ajv);

  test.each([
    ...eventTypes.map((type) => [type.type, type, examplePayload(type, LATEST_VERSION)] as const),
    ...otherMessages.map((one) => [one.type, one, exampleMessage(one, LATEST_VERSION)] as const),
  ])('%s: its example satisfies its schema', (_, type, example) => {
    const isValid = ajv.compile(payloadSchema(type, LATEST_VERSION));
    expect([isValid(example), isValid.errors]).toEqual([true, null]);
    // The schema would notice.
    expect(isValid({ ...(example as object), more: 1 })).toBe(false);
    expect(isValid({ ...(example as object), data: {} })).toBe(false);
  });

  test('are in docs/events, and the page is up to date; if not: npm run schema', () => {
    expect(readFileSync(join(DOCS, 'events.md'), 'utf8')).toBe(eventsPage());
    const folder = join(DOCS, 'events', `v${LATEST_VERSION}`);
    const files = schemaFiles(LATEST_VERSION);
    expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  /**
   * Endpoints keep the version that they were made with. What differs here is a new version: raise LATEST_VERSION, put the
   * old schema into the type's `until`, and leave this list as it is. A type that is new is added to it.
   */
  test('of version 1 are what they were when it was released', () => {
    const released = JSON.parse(readFileSync(join(__dirname, 'version-1.json'), 'utf8')) as Record<string, string>;
    const types = [...eventTypes, ...otherMessages];
    expect(Object.fromEntries(types.map((type) => [type.type, shapeOf(payloadSchema(type, 1))]))).toEqual(released);
  });
});

/** Wording is free to change. */
function shapeOf(schema: unknown): string {
  const shape = JSON.stringify(schema, (name, value: unknown) =>
    (name === 'description' && typeof value === 'string') || name === 'title' ? undefined : value,
  );
  return createHash('sha256').update(shape).digest('hex').slice(0, 16);
}

describe('a payload', () => {
  test('is the same text, however the facts came', () => {
    for (const type of eventTypes) {
      const shuffled = JSON.parse(JSON.stringify(backwards(type.example))) as object;
      expect(payload(type, shuffled).body).toBe(payload(type).body);
    }
  });

  test('is sorted by name, without spaces, and says which message it is', () => {
    const [type] = eventTypes;
    const { body } = payload(type as EventType);
    expect(JSON.stringify(JSON.parse(body))).toBe(body);
    expect(Object.keys(JSON.parse(body) as object)).toEqual([
      'data',
      'id',
      'link',
      'tenant',
      'timestamp',
      'type',
      'version',
    ]);
    expect(body).toMatch(/"id":"evt_[\w-]{46}"/);
    expect(body).toContain('"timestamp":"2026-11-22T13:05:00.000Z"');
  });

  test('names nothing by the ids of the database', () => {
    for (const type of eventTypes) {
      expect(payload(type).body).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/);
    }
  });

  test.each([
    ['plain', 'x'],
    ['of four bytes', '🦣'],
    ['that JSON writes in six bytes', '\u0001'],
    ['with halves of characters and zero bytes', '\ud83d\0'],
  ])('stays under 20 kB with the longest texts, %s', (_, character) => {
    for (const type of eventTypes) {
      const facts = thin(filled(type.data, type.example, character.repeat(30_000)) as object);
      const { body } = payload(type, facts);
      expect(Buffer.byteLength(body)).toBeLessThan(LARGEST_PAYLOAD);
      // As Postgres takes it.
      expect(body).not.toContain('\\u0000');
      expect(Buffer.from(body).toString()).toBe(body);
    }
  });

  test('holds names in full', () => {
    const name = 'ü'.repeat(128);
    expect(thin({ name, list: [name] })).toEqual({ name, list: [name] });
    expect(thin('x'.repeat(901))).toMatch(/^x+…$/);
  });

  test('has words for people, with the link', () => {
    for (const type of eventTypes) {
      const { words } = payload(type);
      expect(words.link).toBe(`${PUBLIC_URL}/`);
      expect(words.title).toMatch(/^[A-Z].*[^.]$/);
      expect(words.text).toMatch(/\.$/);
      expect(`${words.title} ${words.text}`).not.toMatch(/null|undefined|\[object/);
    }
  });
});

test('an endpoint keeps its version: further facts change nothing of it', () => {
  const first = z.object({ name: z.string() });
  const third = z.object({ name: z.string(), since: z.string() });
  const type = { data: third, until: { 2: first } };
  const facts = { name: 'x', since: 'then', more: 1 };
  expect(schemaOf(type, 1).parse(facts)).toEqual({ name: 'x' });
  expect(schemaOf(type, 2).parse(facts)).toEqual({ name: 'x' });
  expect(schemaOf(type, 3).parse(facts)).toEqual({ name: 'x', since: 'then' });
  expect(schemaOf({ data: third }, 1).parse(facts)).toEqual({ name: 'x', since: 'then' });
});

/** All names in the other order. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, backwards(inner)]),
  );
}

/** The example with every text that people or AWS could have written replaced; ids, times and choices stay. */
function filled(schema: z.ZodType, example: unknown, text: string): unknown {
  if (schema instanceof z.ZodNullable) return filled(schema.unwrap() as z.ZodType, example, text);
  if (schema instanceof z.ZodObject) {
    const of = example as Record<string, unknown> | null;
    const shape = schema.shape as Record<string, z.ZodType>;
    return Object.fromEntries(
      Object.keys(shape).map((name) => [name, filled(shape[name] as z.ZodType, of?.[name], text)]),
    );
  }
  if (!(schema instanceof z.ZodString)) return example;
  const { format, description = '' } = (schema.meta() ?? {}) as { format?: string; description?: string };
  return format === 'date-time' || description.startsWith("The API's id") ? (example ?? null) : text;
}
