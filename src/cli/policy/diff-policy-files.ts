import { z } from 'zod';
import type { PolicyDocument } from '../../findings/policies/documents/policy-document';
import { EXIT, type ExitStatus } from '../exit-status';
import { printable, type Terminal } from '../terminal';
import { operations } from './operations';
import { readPolicies } from './policy-files';
import { type Server, serverOf, type ServerOptions } from './server';

export interface DiffOptions extends ServerOptions {
  readonly replace?: boolean;
  readonly exitCode?: boolean;
}

const diffAnswer = z.object({
  policiesHash: z.string(),
  policyDiff: z.object({ same: z.boolean(), lines: z.array(z.string()), changes: z.unknown() }),
});

/** What applying would change, and the hash of the policies that this is about. */
export type Diff = z.output<typeof diffAnswer>['policyDiff'] & { readonly hash: string };

/** What a command on several documents sends. */
export const sent = (documents: readonly PolicyDocument[], { replace }: DiffOptions, { tenant }: Server) => ({
  documents: documents.map(({ source }) => source),
  mode: replace ? 'REPLACE' : 'MERGE',
  tenant,
});

export async function diffOf(
  server: Server,
  documents: readonly PolicyDocument[],
  options: DiffOptions,
): Promise<Diff> {
  const { policiesHash, policyDiff } = await server.api.ask(
    operations.diff,
    sent(documents, options, server),
    diffAnswer,
  );
  return { ...policyDiff, hash: policiesHash };
}

export const linesOf = ({ same, lines }: Diff): string =>
  same ? 'The service has the same.\n' : lines.map((line) => `${printable(line)}\n`).join('');

export async function diffPolicyFiles(
  paths: readonly string[],
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const documents = await readPolicies(paths, terminal);
  const diff = await diffOf(await serverOf(options, terminal), documents, options);
  const { same, changes } = diff;
  terminal.out(options.format === 'json' ? `${JSON.stringify({ same, changes }, null, 2)}\n` : linesOf(diff));
  return options.exitCode && !same ? EXIT.findings : EXIT.nothingFound;
}
