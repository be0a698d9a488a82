import fc from 'fast-check';
import { parsePolicyDocument } from './policy-document';
import { MAX_BYTES, parsePolicyStream, printDocuments, problemText, readPolicyStream } from './policy-yaml';
import { policyWritten } from './test-documents';

const head = 'apiVersion: mothball/v1\nkind: Policy\n';
const problems = (text: string): string[] => readPolicyStream(text).problems.map(problemText);

test('YAML → document → YAML is the same document, byte by byte, wherever it went meanwhile', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(policyWritten, { selector: (one) => one['name'], minLength: 1, maxLength: 4 }),
      (all) => {
        const documents = all.map((one) => parsePolicyDocument(one));
        const text = printDocuments(documents, 'urn:x');
        const read = readPolicyStream(text);
        expect(read.problems).toEqual([]);
        expect(read.policies.map(({ source }) => source)).toEqual(all);
        // As the API and the database keep it: JSON whose keys may come back in another order.
        const kept = read.policies.map(({ source }) => JSON.parse(JSON.stringify(source)) as Record<string, unknown>);
        const shuffled = kept.map((one) => Object.fromEntries(Object.entries(one).reverse()));
        expect(
          printDocuments(
            shuffled.map((one) => parsePolicyDocument(one)),
            'urn:x',
          ),
        ).toBe(text);
      },
    ),
  );
});

test('comments, order and style of a file do not matter to what it says', () => {
  const [one] = parsePolicyStream(`
# whom to leave alone
exclusions: { users: [ '*/jenkins' , "/ci/*" ] }   # the builders
name: "ours"
kind: Policy
apiVersion: mothball/v1
`).policies;
  expect(printDocuments([one!])).toBe(`${head}name: ours\nexclusions:\n  users:\n    - "*/jenkins"\n    - /ci/*\n`);
});

test('several documents are an ordered list; empty ones are nothing', () => {
  const { policies, problems: none } = readPolicyStream(`---\n${head}name: b\n---\n---\n${head}name: a\n---\n# end\n`);
  expect(none).toEqual([]);
  expect(policies.map(({ name }) => name)).toEqual(['b', 'a']);
});

test('JSON is YAML', () => {
  expect(parsePolicyStream('{"apiVersion":"mothball/v1","kind":"Policy","name":"a"}').policies[0]?.name).toBe('a');
});

test('a mistake is told with its line, the policy and the field', () => {
  const text = `${head}name: a\n---\n${head}name: b\nchecks:\n  unused-role:\n    idleDays: 999\n    severty: high\n`;
  expect(problems(text)).toEqual([
    'line 10, b: checks.unused-role.idleDays: must be a whole number of days from 1 to 400',
    'line 11, b: checks.unused-role.severty: there is no such setting; did you mean "severity"?',
  ]);
});

test('two of one name are refused', () => {
  expect(problems(`${head}name: a\n---\n${head}name: a\n`)).toEqual([
    'line 7, a: name: another policy is called a, too',
  ]);
});

test('dates and numbers stay what they look like, and ids in quotes keep their zeros', () => {
  const { policies } = parsePolicyStream(
    `${head}name: a\ndescription: 2026-11-22\nscope: { accounts: ["012345678901"] }`,
  );
  expect(policies[0]).toMatchObject({ description: '2026-11-22', scope: { accounts: ['012345678901'] } });
  expect(problems(`${head}name: a\nscope: { accounts: [012345678901] }`)).toEqual([
    'line 4, a: scope.accounts.0: must be text: put it in quotes',
  ]);
});

test.each<[string, string, RegExp]>([
  ['an alias', `${head}name: &n a\ndescription: *n`, /anchors|aliases/],
  ['a merge key', `${head}name: a\n<<: { description: x }`, /<<: there is no such setting/],
  ['a tag of the language', `${head}name: !!binary YQ==`, /tags \(tag:yaml.org,2002:binary\) are not taken/],
  ['a tag of one’s own', `${head}name: !js/function "x"`, /tags \(!js\/function\) are not taken/],
  ['another version of YAML', `%YAML 1.1\n---\n${head}name: a`, /only YAML 1.2/],
  ['a key twice', `${head}name: a\nname: b`, /line 4.*"name" is there twice/],
  ['a key twice, deep', `${head}name: a\nchecks:\n  unused-role: {}\n  unused-role: {}`, /line 6.*is there twice/],
  ['a list as a key', `${head}? [a]\n: b`, /not valid YAML/],
  ['bad indentation', `${head}name: a\n checks: {}`, /not valid YAML/],
  ['nothing', '# nothing\n', /there is no document/],
  ['text', 'hello', /must hold fields/],
  ['a list', '- a', /must hold fields/],
  ['another kind', 'apiVersion: mothball/v1\nkind: policy', /kind: must be Policy or Baseline; did you mean "Policy"/],
  ['too much', `# ${'x'.repeat(MAX_BYTES)}`, /at most 262144/],
  ['too many', `${head}name: a\n---\n`.repeat(201), /at most 200/],
])('%s is refused', (_what, text, message) => {
  expect(problems(text).join('\n')).toMatch(message);
});

// Each of these took a YAML reader down, by time, memory or stack.
test.each<[string, string]>([
  ['a billion laughs', `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a, *a]`).join('\n')}`],
  ['deep brackets', '['.repeat(MAX_BYTES - 10)],
  ['deep mappings', '{a: '.repeat(60_000)],
  ['deep indentation', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['many keys', Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n')],
  ['the same key again and again', 'a: 1\n'.repeat(50_000)],
  ['many documents', '---\na: 1\n'.repeat(25_000)],
  ['many anchors', `a: [${'&a x,'.repeat(40_000)}]`],
])('%s costs little and is refused', (_what, text) => {
  const started = performance.now();
  expect(readPolicyStream(text).problems.length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('whatever is thrown at it, it answers', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void readPolicyStream(text)));
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '- ',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '&x',
    '*x',
    '!!t',
    '---\n',
    '"',
    '|',
    '?',
    '%YAML',
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => void readPolicyStream(parts.join(''))));
});
