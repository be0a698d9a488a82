import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { buildSchema, findBreakingChanges, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { eventsPage, schemaFiles } from '../notifications/catalogue/events-page';
import { LATEST_VERSION } from '../notifications/catalogue/index';
import { permissionsPage } from './permissions-page';
import { orphanedTypes, resolvers } from './resolvers';

/** Of the checkout: this file runs as `dist/src/graphql/print-schema.js`. */
const ROOT = join(__dirname, '..', '..', '..');
const FILE = join(ROOT, 'schema.graphql');
const PERMISSIONS = join(ROOT, 'docs', 'permissions.md');
const EVENTS = join(ROOT, 'docs', 'events.md');
const EVENT_SCHEMAS = join(ROOT, 'docs', 'events', `v${LATEST_VERSION}`);
const HEADER = '# Written by `npm run schema` from src/graphql. Do not edit.\n\n';

/** The schema as the resolvers say, without starting anything. */
export async function schemaOfResolvers(): Promise<GraphQLSchema> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  try {
    const schema = await app.get(GraphQLSchemaFactory).create([...resolvers], { orphanedTypes });
    return lexicographicSortSchema(schema);
  } finally {
    await app.close();
  }
}

/** What a client that works with `before` could trip over. */
export const breakingChanges = (before: string, now: GraphQLSchema): string[] =>
  findBreakingChanges(buildSchema(before), now).map(({ description }) => description);

async function main(args: readonly string[]): Promise<void> {
  const schema = await schemaOfResolvers();
  const text = `${HEADER}${printSchema(schema)}\n`;
  const committed = read();
  const broken = committed === null ? [] : breakingChanges(committed, schema);
  if (broken.length > 0 && !args.includes('--accept-breaking')) {
    const list = broken.map((change) => `  - ${change}`).join('\n');
    throw new Error(
      `The schema would break its callers:\n${list}\nKeep what is there (deprecate it), or say that it is meant: npm run schema -- --accept-breaking`,
    );
  }
  if (!args.includes('--check')) {
    writeFileSync(FILE, text);
    writeFileSync(PERMISSIONS, permissionsPage(schema));
    writeEvents();
    return;
  }
  if (text !== committed) throw new Error('schema.graphql is out of date. Write it with: npm run schema');
}

function writeEvents(): void {
  writeFileSync(EVENTS, eventsPage());
  mkdirSync(EVENT_SCHEMAS, { recursive: true });
  for (const [name, text] of schemaFiles(LATEST_VERSION)) writeFileSync(join(EVENT_SCHEMAS, name), text);
}

function read(): string | null {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    return null;
  }
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
