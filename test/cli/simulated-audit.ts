import { type ChildProcess, execFile } from 'node:child_process';
import { join } from 'node:path';
import type { RunningSimulator } from '../../aws-simulator/server';
import type { TruthItem } from '../../aws-simulator/world/truth';
import { auditPermissions } from '../../src/cli/audit-permissions';
import type { AuditReport } from '../../src/cli/audit-report';
import { runMothball } from '../../src/cli/program';

const root = join(__dirname, '..', '..');
const typescriptHook = join(root, 'scripts', 'lib', 'typescript-hook.cjs');
const main = join(root, 'src', 'cli', 'main.ts');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** No credentials from the surroundings of whoever runs the tests. */
const bare: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Runs `mothball` in this process, which saves seconds, without a terminal and with the environment given. */
export async function mothball(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const before = process.env;
  process.env = { ...bare, ...env };
  try {
    const status = await runMothball(args, {
      out: (text) => void (written.stdout += text),
      err: (text) => void (written.stderr += text),
      outIsTty: false,
      errIsTty: false,
      columns: undefined,
      env: process.env,
      signal: new AbortController().signal,
    });
    return { status, ...written };
  } finally {
    process.env = before;
  }
}

export interface MothballProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Runs `mothball` as people do: a process of its own. */
export function startMothball(args: readonly string[], env: NodeJS.ProcessEnv = {}): MothballProcess {
  let told: (ended: Ended) => void;
  const ended = new Promise<Ended>((resolve) => (told = resolve));
  const child = execFile(
    process.execPath,
    ['-r', typescriptHook, main, ...args],
    { env: { ...bare, ...env }, cwd: root },
    (_error, stdout, stderr) => told({ status: child.exitCode, stdout, stderr }),
  );
  return { child, ended };
}

export function memberOf({ world }: RunningSimulator): string {
  const { accounts, managementAccountId } = world.organization;
  const id = [...accounts.keys()].find((one) => one !== managementAccountId);
  if (!id) throw new Error('The organization has no member account.');
  return id;
}

/** The environment of somebody in the account who may do exactly what `mothball permissions` prints, or less. */
export function auditor(
  simulator: RunningSimulator,
  accountId: string,
  allowed: readonly string[] = auditPermissions,
): NodeJS.ProcessEnv {
  const statement = { Effect: 'Allow', Action: allowed, Resource: '*' };
  const { accessKeys } = simulator.control.createUser(accountId, {
    name: `auditor-${allowed.length}`,
    inlinePolicies: { audit: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) },
    keys: [{}],
  });
  const [key] = accessKeys;
  if (!key) throw new Error('The auditor has no key.');
  // Somebody has just had a report made: ours is ready at once, which saves the second before the first look at it.
  if (allowed.includes('iam:GenerateCredentialReport')) simulator.world.credentialReport(accountId).generate();
  return {
    AWS_ENDPOINT_URL: simulator.url,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  };
}

/**
 * Findings and truth as comparable lines. `second-active-key`: the truth names the user, a finding one of its keys.
 */
export const foundLines = ({ findings }: AuditReport): string[] =>
  findings.map(({ check, identity }) => line(check, identity.uniqueId, identity.accessKeyId)).sort();
export const trueLines = (items: readonly TruthItem[]): string[] =>
  items.map(({ check, uniqueId, accessKeyId }) => line(check, uniqueId, accessKeyId ?? null)).sort();

/** Root's keys have no id that anything but root itself could list. */
const line = (check: string, uniqueId: string, accessKeyId: string | null): string =>
  check === 'second-active-key' || check === 'root-access-key'
    ? `${check} ${uniqueId}`
    : `${check} ${uniqueId} ${accessKeyId ?? '-'}`;
