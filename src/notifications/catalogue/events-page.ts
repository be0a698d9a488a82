import { eventTypes, LATEST_VERSION } from './index';
import { exampleMessage, examplePayload, payloadSchema } from './json-schema';
import { otherMessages } from './other-messages';

/** A JSON Schema, as far as payloads use it. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly what: string;
}

/** docs/events.md. */
export const eventsPage = (): string =>
  `${[
    INTRODUCTION,
    overview(),
    envelope(),
    ...eventTypes.map((type) => section(type, examplePayload(type, LATEST_VERSION))),
    OTHERS,
    ...otherMessages.map((message) => section(message, exampleMessage(message, LATEST_VERSION))),
  ].join('\n\n')}\n`;

/** docs/events/v<version>/<type>.json, by file name. */
export const schemaFiles = (version: number): ReadonlyMap<string, string> =>
  new Map(
    [...eventTypes, ...otherMessages].map(
      (type) => [`${type.type}.json`, `${JSON.stringify(payloadSchema(type, version), null, 2)}\n`] as const,
    ),
  );

const INTRODUCTION = [
  '# Events',
  '',
  '<!-- Made by `npm run schema` from src/notifications/catalogue; a spec compares the two. -->',
  '',
  'What Mothball tells endpoints, and what `events` in the API lists. An event is recorded in the transaction that causes it,',
  'and gets its place among all events of its tenant a moment later. `events(after: …)` lists them in that order: nothing',
  'comes in before what was read already, so whoever was down asks for what is after the last cursor that it has.',
  '',
  'Payloads are thin: ids of the API, what, why, and names. They are under 20 kB: long texts are cut and end in `…`. They',
  'hold no secrets and no external ids. They say what was known when the event was published; the API says what is so now.',
  'An event of which nothing is left by then (its account went to another tenant meanwhile) is not published.',
  '',
  `The newest version is ${LATEST_VERSION}. An endpoint keeps the version that it was made with; a change that a receiver could notice,`,
  'a new field too, is a new version. The JSON Schemas are in `docs/events/v1/`; `eventTypes` in the API has them as well.',
].join('\n');

const OTHERS = [
  '# Messages that are no events',
  '',
  'They have the same frame. Their ids begin with `msg_`, and `events` does not list them.',
].join('\n');

const overview = (): string =>
  [
    '| Event | When |',
    '| --- | --- |',
    ...[...eventTypes, ...otherMessages].map(
      ({ type, what }) => `| [\`${type}\`](#${anchorOf(type)}) | ${cell(what)} |`,
    ),
  ].join('\n');

function envelope(): string {
  const [first] = eventTypes;
  const schema = first && (payloadSchema(first, LATEST_VERSION) as Schema);
  const { data: _data, ...properties } = schema?.properties ?? {};
  const fields = Object.entries(properties).map(([name, one]) => ({ name, type: typeOf(one), what: describe(one) }));
  return [
    '## What all payloads have',
    '',
    'JSON with sorted names and without spaces; the same event in the same version is always the same text.',
    '',
    ...table([...fields.filter(({ name }) => name !== 'type'), { name: 'type', type: 'string', what: 'Which event.' }]),
    '| `data` | object | What the tables below list. |',
  ].join('\n');
}

function section(type: (typeof eventTypes)[number] | (typeof otherMessages)[number], example: unknown): string {
  const schema = payloadSchema(type, LATEST_VERSION) as Schema;
  const data = schema.properties?.['data'] ?? {};
  return [
    `## ${type.type}`,
    '',
    type.what,
    '',
    `[JSON Schema](events/v${LATEST_VERSION}/${type.type}.json)`,
    '',
    ...table(fieldsOf(data, '')),
    '',
    '```json',
    JSON.stringify(example, null, 2),
    '```',
  ].join('\n');
}

const table = (fields: readonly Field[]): string[] => [
  '| Field | Type | What |',
  '| --- | --- | --- |',
  ...fields.map(({ name, type, what }) => `| \`${name}\` | ${type} | ${cell(what)} |`),
];

/** All fields below, with the path to each; an object itself has no line of its own. */
function fieldsOf(schema: Schema, path: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
    const whole = path === '' ? name : `${path}.${name}`;
    if (one.properties) return fieldsOf(one, whole);
    const list = { name: whole, type: typeOf(one), what: describe(one) };
    return one.items?.properties ? [list, ...fieldsOf(one.items, `${whole}[]`)] : [list];
  });
}

function typeOf(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.items) return `list of ${schema.items.properties ? 'objects' : typeOf(schema.items)}`;
  const types = [schema.type ?? 'any'].flat();
  return types
    .map((type) => (schema.format === 'date-time' && type === 'string' ? 'time (ISO 8601)' : type))
    .join(' or ');
}

const describe = (schema: Schema): string =>
  schema.description ?? schema.anyOf?.flatMap(({ description }) => description ?? [])[0] ?? '';

const code = (value: unknown): string => `\`${String(value)}\``;

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** As GitHub makes them of headings: dots are left out. */
const anchorOf = (type: string): string => type.replaceAll('.', '');
