import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPolicyStream } from '../../src/findings/policies/documents/policy-yaml';
import { checks } from '../../src/findings/checks/index';
import { profileIds } from '../../src/findings/policies/documents/profiles';
import { mothball } from './simulated-audit';

const root = join(__dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'policies.md'), 'utf8');
const head = 'apiVersion: mothball/v1\nkind: Policy\n';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'mothball-policies-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

jest.setTimeout(30_000);

describe('validate', () => {
  test('what is valid is counted, over all files', async () => {
    const one = file('one.yaml', `${head}name: a\n---\n${head}name: b\n`);
    const two = file('two.json', '{"apiVersion":"mothball/v1","kind":"Policy","name":"c"}');
    expect(await mothball(['policy', 'validate', one, two])).toEqual({
      status: 0,
      stdout: 'Valid: 3 policies.\n',
      stderr: '',
    });
  });

  test('what is not is told as compilers do it: file, line, column, policy, field, remedy', async () => {
    const bad = file(
      'bad.yaml',
      `${head}name: a\nchecks:\n  unused-rolle:\n    idleDays: 9\n---\n${head}name: b\nprofile: csi\n`,
    );
    expect(await mothball(['policy', 'validate', bad])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        `${bad}:5:3: a: checks.unused-rolle: there is no such setting; did you mean "unused-role"?\n` +
        `${bad}:11:1: b: profile: must be one of standard, cis, aws-config-rule, iam-029; did you mean "cis"?\n`,
    });
  });

  test('json is for programs', async () => {
    const bad = file('worse.yaml', `${head}name: a\nextra: 1\n`);
    const { status, stdout } = await mothball(['policy', 'validate', '--format', 'json', bad]);
    expect({ status, report: JSON.parse(stdout) as unknown }).toEqual({
      status: 2,
      report: {
        valid: false,
        policies: [],
        baseline: false,
        problems: [
          { document: 1, name: 'a', path: 'extra', line: 4, column: 1, message: 'there is no such setting', file: bad },
        ],
      },
    });
  });

  test('one name in two files is refused', async () => {
    const files = ['x.yaml', 'y.yaml'].map((name) => file(name, `${head}name: same\n`));
    const { status, stderr } = await mothball(['policy', 'validate', ...files]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `${files[1]}: same: name: ${files[0]} has a policy called same, too\n`,
    });
  });

  test.each([
    ['a file that is not there', ['no-such-file.yaml'], /"no-such-file.yaml" cannot be read.*ENOENT/],
    ['a folder', ['.'], /cannot be read.*EISDIR/],
    ['no file', [], /missing required argument 'files'/],
  ])('%s', async (_what, args, told) => {
    const { status, stdout, stderr } = await mothball(['policy', 'validate', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('from standard input, as people run it', () => {
    const run = (input: string): string =>
      execFileSync(
        process.execPath,
        ['-r', join(root, 'scripts/lib/typescript-hook.cjs'), join(root, 'src/cli/main.ts'), 'policy', 'validate', '-'],
        { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] },
      );
    expect(run(`${head}name: a\n`)).toBe('Valid: 1 policy.\n');
    expect(() => run(`${head}nmae: a\n`)).toThrow(
      /standard input:3:1: document|standard input:3:1: nmae: there is no such setting; did you mean "name"/,
    );
  });
});

describe('the page about policies', () => {
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block ?? '');

  test('has examples', () => expect(blocks.length).toBeGreaterThan(2));

  test.each(blocks.map((block, index) => [index + 1, block]))('example %i is valid', (_number, block) => {
    expect(readPolicyStream(block).problems).toEqual([]);
  });

  test('names every check and profile that its rules speak of', () => {
    for (const id of profileIds) expect(page).toContain(`| \`${id}\` |`);
    const known = new Set<string>(checks.map(({ id }) => id));
    const named = [...page.matchAll(/`((?:un|in)[a-z]+-[a-z-]+)`/g)].map(([, id]) => id ?? '');
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });
});

test('the policy for those who come from another tool is valid, and does what it says', () => {
  const coming = readFileSync(join(root, 'docs', 'coming-from.md'), 'utf8');
  const blocks = [...coming.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  expect(blocks).toHaveLength(1);
  const { policies, problems } = readPolicyStream(blocks[0] ?? '');
  expect(problems).toEqual([]);
  expect(policies[0]).toMatchObject({
    settings: { exclusions: { users: ['*/jenkins', '*/ci'] } },
    action: { mode: 'report', perCheck: { 'unused-access-key': 'propose' } },
    schedule: { cron: '0 * * * *' },
  });
  // What it says may be written instead.
  const automatic = (blocks[0] ?? '').replace('unused-access-key: propose', 'unused-access-key: automatic-deletion');
  expect(automatic).not.toBe(blocks[0]);
  expect(readPolicyStream(automatic).problems).toEqual([]);
});

test('schema prints what is published', async () => {
  const { status, stdout } = await mothball(['policy', 'schema']);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: readFileSync(join(root, 'docs', 'policy.schema.json'), 'utf8'),
  });
});

describe('where the service is, and as whom', () => {
  const policy = () => file('fine.yaml', `${head}name: a\n`);
  const token = 'mb_token';

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['no address', { MOTHBALL_API_TOKEN: token }, /--api: say where Mothball is.*MOTHBALL_API_URL/],
    ['no token', { MOTHBALL_API_URL: 'https://127.0.0.1:9' }, /MOTHBALL_API_TOKEN: set it to an API token/],
    ['no address at all', { MOTHBALL_API_URL: 'mothball:4000' }, /"mothball:4000" is no address/],
    ['a file', { MOTHBALL_API_URL: 'file:///etc/passwd' }, /is no address/],
    ['a password in it', { MOTHBALL_API_URL: 'https://a:b@127.0.0.1:9' }, /leave user and password out/],
    [
      'no encryption',
      { MOTHBALL_API_URL: 'http://mothball.example.com', MOTHBALL_API_TOKEN: token },
      /is not encrypted.*--allow-http/,
    ],
    [
      'a token with a line break',
      { MOTHBALL_API_URL: 'https://127.0.0.1:9', MOTHBALL_API_TOKEN: 'a\nb' },
      /line break/,
    ],
    [
      'nobody there',
      { MOTHBALL_API_URL: 'http://127.0.0.1:9', MOTHBALL_API_TOKEN: token },
      /cannot be reached \(.*\).*Check --api/,
    ],
  ])('%s', async (_what, env, told) => {
    for (const command of ['diff', 'apply', 'preview', 'export']) {
      const { status, stdout, stderr } = await mothball(
        ['policy', command, ...(command === 'export' ? [] : [policy()]), ...(command === 'apply' ? ['--yes'] : [])],
        env,
      );
      expect({ command, status, stdout }).toEqual({ command, status: 2, stdout: '' });
      expect(stderr.replace(/\n/g, ' ')).toMatch(told);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stderr).not.toContain(token);
    }
  });

  test('what is wrong in the files is told before anything is sent', async () => {
    const bad = file('unsent.yaml', `${head}name: a\nextra: 1\n`);
    const { status, stderr } = await mothball(['policy', 'apply', bad], {
      MOTHBALL_API_URL: 'http://127.0.0.1:9',
      MOTHBALL_API_TOKEN: token,
    });
    expect(status).toBe(2);
    expect(stderr).toContain('extra: there is no such setting');
    expect(stderr).not.toContain('cannot be reached');
  });
});
