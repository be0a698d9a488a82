import Ajv from 'ajv';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBaselineDocument } from '../baseline/baseline-document';
import { readPolicyDocument } from './policy-document';
import { policyJsonSchema } from './policy-json-schema';
import { pathText, type Problem } from './problems';
import { baselineWritten, damaged, policyWritten } from './test-documents';

const accepts = new Ajv({ allErrors: false }).compile(policyJsonSchema());

test('the published copy is current', () => {
  const published = readFileSync(join(__dirname, '../../../../docs/policy.schema.json'), 'utf8');
  expect(JSON.parse(published)).toEqual(policyJsonSchema());
});

describe('it accepts and refuses what the program does', () => {
  const problemsOf = (data: unknown): readonly Problem[] => {
    const isBaseline = data !== null && typeof data === 'object' && 'kind' in data && data.kind === 'Baseline';
    const read = isBaseline ? readBaselineDocument(data) : readPolicyDocument(data);
    return 'problems' in read ? read.problems : [];
  };
  /** Whether a time zone exists is more than a schema can say: that alone is told of the schedule as a whole. */
  const refusedByProgram = (data: unknown): boolean =>
    problemsOf(data).some(
      ({ path, message }) => pathText(path) !== 'schedule' || !/is no (time zone|schedule)/.test(message),
    );

  test.each([
    ['policies', policyWritten],
    ['baselines', baselineWritten],
  ])('valid %s', (_what, documents) => {
    fc.assert(
      fc.property(documents, (document) => expect(accepts(document)).toBe(true)),
      { numRuns: 300 },
    );
  });

  test.each([
    ['policies', policyWritten],
    ['baselines', baselineWritten],
  ])('damaged %s', (_what, documents) => {
    let refused = 0;
    fc.assert(
      fc.property(damaged(documents), (document) => {
        const wrong = refusedByProgram(document);
        if (wrong) refused++;
        expect({ document, refused: !accepts(document) }).toEqual({ document, refused: wrong });
      }),
      { numRuns: 1500 },
    );
    // It looked at both kinds.
    expect(refused).toBeGreaterThan(300);
    expect(refused).toBeLessThan(1500);
  });

  test.each<[string, string[]]>([
    ['exclusions', ['jenkins', '/a|/b', '', '/ä', `/${'a'.repeat(128)}`, '/ok', '*', '?x']],
    ['paths', ['a/', '/a', '/a/*', '/', '*', '', '/a b/']],
    ['names', ['/a', 'a b', '*', '', 'ci-?']],
    ['accounts', ['1', '123456789012', '1234567890123', 'a1', '*', '', 'prod']],
    ['organizationalUnits', ['/', 'Prod', '/Prod', '']],
    ['whitelist', ['/a||/b', 'a', '/a|b', '/breakglass-role|/security-*', '|', '', '/a?', '*', '/a|*b|', '/a\n']],
    ['cron', ['0 3 * *', '0 3 * * *', '', '0  3 * * *']],
  ])('%s', (where, values) => {
    for (const value of values) {
      const rest: Record<string, unknown> = {
        exclusions: { exclusions: { roles: [value] } },
        whitelist: { rolePatternWhitelist: value },
        cron: { schedule: { cron: value } },
      };
      const document = {
        apiVersion: 'mothball/v1',
        kind: 'Policy',
        name: 'a',
        ...(rest[where] ?? { scope: { [where]: [value] } }),
      };
      expect({ value, refused: !accepts(document) }).toEqual({ value, refused: refusedByProgram(document) });
    }
  });

  test('but it cannot know whether a time zone exists', () => {
    const document = {
      apiVersion: 'mothball/v1',
      kind: 'Policy',
      name: 'a',
      schedule: { cron: '0 3 * * *', timeZone: 'No/Where' },
    };
    expect({ schema: accepts(document), program: problemsOf(document).length === 0 }).toEqual({
      schema: true,
      program: false,
    });
  });
});

test('every field is explained', () => {
  const bare: string[] = [];
  const look = (schema: Record<string, unknown>, path: string): void => {
    const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
    for (const [name, child] of Object.entries(properties)) {
      // A check's own settings are explained inside, and on the page of the checks.
      if (child['description'] === undefined && !/checks\.|perCheck\./.test(`${path}${name}`)) bare.push(path + name);
      look(child, `${path}${name}.`);
    }
  };
  for (const definition of Object.values(
    policyJsonSchema()['definitions'] as Record<string, Record<string, unknown>>,
  )) {
    look(definition, '');
  }
  expect(bare).toEqual([]);
});
