import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';
import { LIMITS } from '../../src/graphql/core/limits';
import { survey } from '../../src/graphql/core/survey';
import { schemaOfResolvers } from '../../src/graphql/print-schema';
import { builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');

interface Shown {
  readonly file: string;
  readonly query: string;
}

/** Every query that the documentation shows. */
const shown: Shown[] = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))]
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/^ *```graphql\n([\s\S]*?)^ *```/gm)].map(([, query = '']) => ({ file, query }));
  });

let app: TestApp;
let tenant: BuiltTenant;
beforeAll(async () => {
  app = await startTestApp();
  tenant = await builders(app.app).tenant();
});
afterAll(() => app.stop());

/** As the service sees it before it runs, and it does not run: no operation of it has this name. */
async function problemsOf(query: string): Promise<string[]> {
  const response = await fetch(app.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.token}` },
    body: JSON.stringify({ query, operationName: 'NoneOfThem' }),
  });
  const { errors = [] } = (await response.json()) as { errors?: { message: string }[] };
  return errors.map(({ message }) => message);
}

describe('a query of the documentation', () => {
  it('is there', () => expect(shown.length).toBeGreaterThan(0));

  it.each(shown)('is valid and within the limits: $file: $query', async ({ query }) => {
    const document = parse(query);
    expect(await problemsOf(query)).toEqual(['Could not determine what operation to execute.']);
    const schema = await schemaOfResolvers();
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      // With values for its pages that are as large as they may be.
      const variables = Object.fromEntries(
        (definition.variableDefinitions ?? []).map(({ variable }) => [variable.name.value, 200]),
      );
      expect(survey(schema, document, definition.name?.value, variables)?.cost).toBeLessThanOrEqual(LIMITS.cost);
    }
  });
});
