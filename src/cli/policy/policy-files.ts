import { readFile } from 'node:fs/promises';
import { badInput } from '../../errors';
import type { Baseline } from '../../findings/policies/baseline/baseline-document';
import type { PolicyDocument } from '../../findings/policies/documents/policy-document';
import { problemText, readPolicyStream, type StreamProblem } from '../../findings/policies/documents/policy-yaml';
import type { Terminal } from '../terminal';

/** What is wrong in a file. */
export interface FileProblem extends StreamProblem {
  readonly file: string;
}

/** The policies of all files, in the order in which the files were named. */
export interface PolicyFiles {
  readonly policies: readonly PolicyDocument[];
  readonly baseline: Baseline | null;
  readonly problems: readonly FileProblem[];
}

/**
 * Reads YAML or JSON files; `-` is standard input. What is wrong in them is told, not thrown.
 * @throws DomainError `BAD_INPUT` for a file that cannot be read.
 */
export async function readPolicyFiles(paths: readonly string[], terminal: Terminal): Promise<PolicyFiles> {
  const policies: PolicyDocument[] = [];
  const problems: FileProblem[] = [];
  const fileOf = new Map<string, string>();
  let baseline: Baseline | null = null;
  for (const path of paths) {
    const file = path === '-' ? 'standard input' : path;
    const read = readPolicyStream(await textOf(path, terminal));
    const tell = (problem: Omit<StreamProblem, 'document' | 'line' | 'column'>): void => {
      problems.push({ document: 1, line: null, column: null, ...problem, file });
    };
    problems.push(...read.problems.map((problem) => ({ ...problem, file })));
    for (const policy of read.policies) {
      const { name } = policy;
      const other = fileOf.get(name);
      if (other !== undefined) tell({ name, path: 'name', message: `${other} has a policy called ${name}, too` });
      else policies.push(policy);
      fileOf.set(name, file);
    }
    if (read.baseline && baseline) tell({ name: null, path: 'kind', message: 'there is more than one baseline' });
    baseline ??= read.baseline;
  }
  return { policies, baseline, problems };
}

/** @throws DomainError `BAD_INPUT` with all that is wrong, and where there is a baseline or no policy. */
export async function readPolicies(paths: readonly string[], terminal: Terminal): Promise<readonly PolicyDocument[]> {
  const { policies, baseline, problems } = await readPolicyFiles(paths, terminal);
  if (problems.length > 0) throw badInput(`The policies are not valid:\n${problems.map(lineOf).join('\n')}`);
  if (baseline) {
    throw badInput(
      'FILE: there is a baseline among the documents. It is the platform’s, not a tenant’s: put it in a file of its own.',
    );
  }
  return policies;
}

/** `ci.yaml:7:5: ci-users: checks.unused-role.idleDays: …`, as compilers do it, so that editors can jump there. */
export function lineOf({ file, line, column, ...problem }: FileProblem): string {
  const place = line === null ? '' : `:${line}:${column ?? 1}`;
  return `${file}${place}: ${problemText({ ...problem, line: null, column: null })}`;
}

async function textOf(path: string, terminal: Terminal): Promise<string> {
  try {
    if (path !== '-') return await readFile(path, 'utf8');
    const pieces: Buffer[] = [];
    for await (const piece of terminal.stdin ?? []) pieces.push(Buffer.from(piece as Uint8Array));
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    throw badInput(
      `FILE: "${path}" cannot be read (${error instanceof Error ? error.message : String(error)}). Name a file of YAML documents, or - for standard input.`,
    );
  }
}
