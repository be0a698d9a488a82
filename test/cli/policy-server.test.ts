import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { runMothball } from '../../src/cli/program';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { printDocuments } from '../../src/findings/policies/documents/policy-yaml';
import { policyWritten } from '../../src/findings/policies/documents/test-documents';
import { aRole, aUser } from '../../src/scans/test-inventory';
import { builders, type Builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { type Ended, mothball } from './simulated-audit';

jest.setTimeout(60_000);

let app: TestApp;
let build: Builders;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mothball-policies-'));
  app = await startTestApp({ config: { role: 'all' } });
  build = builders(app.app);
});

afterAll(async () => {
  await app.stop();
  rmSync(folder, { recursive: true });
});

const head = (name: string): string => `apiVersion: mothball/v1\nkind: Policy\nname: ${name}\n`;
let files = 0;

function file(text: string): string {
  const path = join(folder, `${++files}.yaml`);
  writeFileSync(path, text);
  return path;
}

const env = (token: string): NodeJS.ProcessEnv => ({ MOTHBALL_API_URL: app.url, MOTHBALL_API_TOKEN: token });
const policy = (tenant: Pick<BuiltTenant, 'token'>, ...args: string[]): Promise<Ended> =>
  mothball(['policy', ...args], env(tenant.token));
const ok = (stdout: string, status = 0): Ended => ({ status, stdout, stderr: '' });

/** An account in which the roles have been idle for so many days. */
async function idleRoles(tenant: BuiltTenant, idleDays: Readonly<Record<string, number>>): Promise<void> {
  const account = await build.account(tenant.id, { name: 'payments' });
  const at = new Date();
  const ago = (days: number): Date => new Date(at.getTime() - days * 86_400_000);
  await build.inventory(account, {
    at,
    roles: Object.entries(idleDays).map(([name, days]) =>
      aRole({
        name,
        uniqueId: `AROA${name}`,
        createdAt: ago(800),
        lastUsed: { state: 'at', at: ago(days), region: null, service: null },
      }),
    ),
    users: [aUser({ name: 'young', createdAt: at })],
  });
}

const openFindings = async (tenant: BuiltTenant): Promise<string[]> => {
  const { findings } = await app.get<{ findings: { nodes: { identity: { name: string } }[] } }>(
    tenant.token,
    '{ findings(first: 50, filter: { status: OPEN }) { nodes { identity { ... on Role { name } ... on User { name } } } } }',
  );
  return findings.nodes.map(({ identity }) => identity.name).sort();
};

async function until(expected: unknown, look: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + 20_000;
  for (;;) {
    const seen = await look();
    if (JSON.stringify(seen) === JSON.stringify(expected) || Date.now() > end) {
      expect(seen).toEqual(expected);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('diff, preview, apply, diff, export, apply: the whole way of a file', async () => {
  const tenant = await build.tenant();
  await idleRoles(tenant, { fresh: 10, 'idle-70': 70, 'idle-100': 100, 'breakglass-role': 300 });
  expect(await openFindings(tenant)).toEqual(['breakglass-role', 'idle-100']);
  const path = file(`${head('roles')}profile: aws-config-rule\nrolePatternWhitelist: /breakglass-role|/security-*\n`);

  expect(await policy(tenant, 'diff', path)).toEqual(ok('roles: added as number 1\n'));
  expect((await policy(tenant, 'diff', '--exit-code', path)).status).toBe(1);

  const preview = await policy(tenant, 'preview', path);
  expect(preview).toMatchObject({ status: 0, stderr: '' });
  expect(preview.stdout).toMatch(/^opened: unused-role \d{12} arn:aws:iam::\d{12}:role\/idle-70 \[roles\]: /m);
  expect(preview.stdout).toContain('Findings: 1 opened, 0 reopened, 1 exempted, 0 resolved, 1 as they are.\n');
  expect(await openFindings(tenant)).toEqual(['breakglass-role', 'idle-100']);

  const dry = await policy(tenant, 'apply', '--dry-run', path);
  expect(dry).toEqual(
    ok('roles: added as number 1\nroles: created, version 1\nNothing was saved. Saving would judge 1 account again.\n'),
  );
  expect((await policy(tenant, 'diff', '--exit-code', path)).status).toBe(1);

  expect(await policy(tenant, 'apply', '--yes', '--note', 'from the test', path)).toEqual(
    ok('roles: added as number 1\nroles: created, version 1\nSaved. 1 account is judged again.\n'),
  );
  await until(['idle-100', 'idle-70'], () => openFindings(tenant));

  expect(await policy(tenant, 'diff', '--exit-code', path)).toEqual(ok('The service has the same.\n'));
  const exported = await policy(tenant, 'export');
  expect(exported.stdout).toBe(
    `# yaml-language-server: $schema=${app.url}/schemas/policy.json\n${readFileSync(path, 'utf8')}`,
  );
  expect(await policy(tenant, 'apply', '--yes', '--replace', file(exported.stdout))).toEqual(
    ok('The service has the same.\n'),
  );
});

test('YAML → API → YAML is the same document, whatever is in it', async () => {
  const lists = fc.uniqueArray(policyWritten, { selector: (one) => one['name'], minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(lists, async (written) => {
      const tenant = await build.tenant();
      const text = printDocuments(written.map((one) => parsePolicyDocument(one)));
      const path = file(text);
      expect(await policy(tenant, 'apply', '--yes', '--replace', path)).toMatchObject({ status: 0, stderr: '' });
      const exported = await policy(tenant, 'export');
      expect(exported.stdout.replace(/^# yaml-language-server.*\n/, '')).toBe(text);
      expect((await policy(tenant, 'diff', '--replace', '--exit-code', path)).stdout).toBe(
        'The service has the same.\n',
      );
    }),
    { numRuns: 15 },
  );
});

test('several files keep their order; --replace retires the rest', async () => {
  const tenant = await build.tenant();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => file(`${head(name)}scope:\n  names: ["${name}*"]\n`)) as [
    string,
    string,
    string,
  ];
  await policy(tenant, 'apply', '--yes', b, a);
  await policy(tenant, 'apply', '--yes', c);
  expect((await policy(tenant, 'diff', '--replace', c, a)).stdout).toBe(
    'b: removed (was number 1)\nc: moved from 3 to 1\n',
  );
  expect((await policy(tenant, 'apply', '--yes', '--replace', c, a)).stdout).toContain('b: retired\n');
  const output = join(folder, 'exported.yaml');
  expect(await policy(tenant, 'export', '--output', output)).toEqual(ok(''));
  expect([...readFileSync(output, 'utf8').matchAll(/^name: (.*)$/gm)].map(([, name]) => name)).toEqual(['c', 'a']);
});

test('what acts by itself is said to wait', async () => {
  const tenant = await build.tenant();
  const { stdout } = await policy(
    tenant,
    'apply',
    '--yes',
    file(`${head('auto')}action:\n  mode: automatic-quarantine\n`),
  );
  expect(stdout).toContain('auto: created, version 1: waits until a second person agrees (agreeToPolicy)\n');
  // What waits is what was last saved.
  expect((await policy(tenant, 'export')).stdout).toContain('mode: automatic-quarantine\n');
});

test('json is for programs', async () => {
  const tenant = await build.tenant();
  const path = file(head('a'));
  const read = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await policy(tenant, ...args, '--format', 'json')).stdout);
  expect(await read('diff', path)).toEqual({ same: false, changes: [{ kind: 'added', name: 'a', position: 1 }] });
  expect(await read('preview', path)).toMatchObject({ state: 'FINISHED', opened: 0, changes: { nodes: [] } });
  expect(await read('apply', '--yes', path)).toMatchObject({
    saved: true,
    result: { changes: [{ name: 'a', change: 'CREATED', version: 1, waits: false }] },
  });
  expect(await read('apply', '--yes', path)).toMatchObject({ saved: false, result: null });
  expect(await read('export')).toEqual([{ apiVersion: 'mothball/v1', kind: 'Policy', name: 'a' }]);
});

test('a person is asked, and no is no', async () => {
  const tenant = await build.tenant();
  const path = file(head('a'));
  const asked: string[] = [];
  const apply = async (answer: boolean): Promise<{ status: number; err: string }> => {
    let err = '';
    const status = await runMothball(['policy', 'apply', path], {
      ...{ out: () => undefined, err: (text) => void (err += text), outIsTty: true, errIsTty: true, columns: 80 },
      ...{ env: env(tenant.token), signal: new AbortController().signal },
      confirm: async (question) => {
        asked.push(question);
        return answer;
      },
    });
    return { status, err };
  };
  expect(await apply(false)).toEqual({ status: 2, err: 'mothball: nothing was saved.\n' });
  expect((await policy(tenant, 'diff', '--exit-code', path)).status).toBe(1);
  expect(await apply(true)).toEqual({ status: 0, err: '' });
  expect((await policy(tenant, 'diff', '--exit-code', path)).status).toBe(0);
  expect(await apply(true)).toEqual({ status: 0, err: '' });
  expect(asked).toEqual(['Save this?', 'Save this?']);
});

describe('as whom', () => {
  test('platform tokens name the tenant, by name or id', async () => {
    const tenant = await build.tenant();
    const platform = { token: await build.platformToken() };
    const path = file(head('a'));
    for (const named of [tenant.name, tenant.apiId]) {
      expect((await policy(platform, 'diff', '--tenant', named, path)).stdout).toBe('a: added as number 1\n');
    }
    const none = await policy(platform, 'diff', path);
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('must name the tenant') as string });
    const unknown = await policy(platform, 'diff', '--tenant', 'nobody', path);
    expect(unknown.stderr).toContain('--tenant: there is no tenant "nobody"');
  });

  test('a viewer may look, and not save', async () => {
    const tenant = await build.tenant();
    const viewer = { token: await build.token(tenant.id, 'viewer') };
    const path = file(head('a'));
    expect((await policy(viewer, 'diff', path)).status).toBe(0);
    expect((await policy(viewer, 'export')).status).toBe(0);
    expect(await policy(viewer, 'apply', '--yes', path)).toMatchObject({ status: 2 });
    expect((await policy(tenant, 'diff', '--exit-code', path)).status).toBe(1);
  });

  test('a token that is none is told apart from everything else, and is not repeated', async () => {
    const { status, stderr } = await policy({ token: 'mothball_nonsense' }, 'export');
    expect(status).toBe(2);
    expect(stderr).toMatch(/refused the token.*Check MOTHBALL_API_TOKEN/s);
    expect(stderr).not.toContain('mothball_nonsense');
  });
});

test('what is looser than the baseline is refused, field by field', async () => {
  const tenant = await build.tenant();
  const platform = await build.platformToken();
  const save = 'mutation ($document: JSON!) { saveBaseline(document: $document) { version } }';
  const baseline = { apiVersion: 'mothball/v1', kind: 'Baseline' };
  await app.get(platform, save, { document: { ...baseline, checks: { 'unused-role': { maxIdleDays: 60 } } } });
  try {
    const { status, stderr } = await policy(tenant, 'apply', '--yes', file(head('loose')));
    expect(status).toBe(2);
    expect(stderr).toContain(
      'loose: checks.unused-role.idleDays: The platform’s baseline allows at most 60 days, not 90.',
    );
  } finally {
    await app.get(platform, save, { document: baseline });
  }
});

test('what somebody else saved meanwhile is not overwritten', async () => {
  const tenant = await build.tenant();
  const mine = file(`${head('a')}description: mine\n`);
  const theirs = file(`${head('a')}description: theirs\n`);
  const { status, stderr } = await new Promise<{ status: number; stderr: string }>((resolve, reject) => {
    let err = '';
    runMothball(['policy', 'apply', mine], {
      ...{
        out: () => undefined,
        err: (text: string) => void (err += text),
        outIsTty: true,
        errIsTty: true,
        columns: 80,
      },
      ...{ env: env(tenant.token), signal: new AbortController().signal },
      confirm: async () => (await policy(tenant, 'apply', '--yes', theirs)).status === 0,
    }).then((done) => resolve({ status: done, stderr: err }), reject);
  });
  expect(status).toBe(2);
  expect(stderr).toContain('have been changed since');
  expect((await policy(tenant, 'export')).stdout).toContain('description: theirs');
});

test('the JSON Schema is served, to anybody', async () => {
  const response = await fetch(`${app.url}/schemas/policy.json`);
  expect(response.headers.get('content-type')).toContain('application/schema+json');
  expect(await response.json()).toEqual(
    JSON.parse(readFileSync(join(__dirname, '../../docs/policy.schema.json'), 'utf8')),
  );
});

/** Something else at the address, or something in between. */
describe('what is no Mothball', () => {
  async function against(answer: { status: number; headers?: Record<string, string>; body: string }): Promise<string> {
    const server = createServer((_request, response) => {
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const { status, stdout, stderr } = await mothball(['policy', 'export'], {
        MOTHBALL_API_URL: `http://127.0.0.1:${port}`,
        MOTHBALL_API_TOKEN: 'the-token',
      });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).not.toMatch(/the-token|^\s+at /m);
      return stderr;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test.each<[string, Parameters<typeof against>[0], RegExp]>([
    ['a web page', { status: 404, body: '<html>' }, /status 404 and no GraphQL. Give the address of Mothball/],
    ['JSON of another kind', { status: 200, body: '[1]' }, /no GraphQL/],
    ['another schema', { status: 200, body: '{"data":{"policies":7}}' }, /another form than this command knows/],
    ['a proxy that wants another login', { status: 401, body: 'no' }, /refused the token/],
    [
      'a redirect, which would carry the token away',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' },
      /cannot be reached/,
    ],
    [
      'escape sequences in an error',
      { status: 200, body: JSON.stringify({ errors: [{ message: 'a\u001b[2Jb' }] }) },
      /a�\[2Jb/,
    ],
  ])('%s', async (_what, answer, told) => {
    expect((await against(answer)).replace(/\n/g, ' ')).toMatch(told);
  });
});

test('a service of trusted documents runs these once they are among them', async () => {
  const { stdout } = await mothball(['policy', 'operations']);
  const documents = JSON.parse(stdout) as Record<string, string>;
  for (const [hash, text] of Object.entries(documents)) {
    expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
  }
  const trusting = await startTestApp({ database: app.database, config: { trustedDocuments: documents } });
  try {
    const tenant = await build.tenant();
    const asked = await mothball(['policy', 'diff', file(head('a'))], {
      MOTHBALL_API_URL: trusting.url,
      MOTHBALL_API_TOKEN: tenant.token,
    });
    expect(asked).toEqual(ok('a: added as number 1\n'));
    expect((await trusting.ask(tenant.token, '{ policiesHash }')).errors).not.toEqual([]);
  } finally {
    await trusting.stop();
  }
});
