import { auditPermissions } from './audit-permissions';
import { runMothball } from './program';

async function run(...args: string[]) {
  let stdout = '';
  let stderr = '';
  const status = await runMothball(args, {
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
    outIsTty: false,
    errIsTty: false,
    columns: undefined,
    env: {},
    signal: new AbortController().signal,
  });
  return { status, stdout, stderr };
}

test('--version is the package’s', async () => {
  expect(await run('--version')).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    stderr: '',
  });
});

test('audit --help says formats, exit status and where the permissions are', async () => {
  const { status, stdout } = await run('audit', '--help');
  expect(status).toBe(0);
  for (const told of ['tsv', 'findings may be missing', 'mothball permissions', '--exclude-roles']) {
    expect(stdout).toContain(told);
  }
});

test('without a command, help and an error status', async () => {
  const { status, stdout, stderr } = await run();
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('audit');
});

test('permissions prints the policy, or the actions', async () => {
  const policy = JSON.parse((await run('permissions')).stdout) as { Statement: { Action: string[] }[] };
  expect(policy.Statement.map(({ Action }) => Action)).toEqual([auditPermissions]);
  expect((await run('permissions', '--format', 'list')).stdout.trim().split('\n')).toEqual(auditPermissions);
});

test('checks lists them all, with standards and steps', async () => {
  expect((await run('checks')).stdout).toMatch(/unused-access-key +access key +high +90 days without use +CIS/);
  const listed = JSON.parse((await run('checks', '--format', 'json')).stdout) as Record<string, unknown>[];
  expect(listed).toHaveLength(8);
  for (const check of listed)
    expect(check).toMatchObject({ audit: {}, remediation: {}, standards: expect.any(Array) as unknown[] });
});
