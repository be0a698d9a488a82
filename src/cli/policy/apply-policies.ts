import { z } from 'zod';
import { badInput, DomainError } from '../../errors';
import { EXIT, type ExitStatus } from '../exit-status';
import { printable, type Terminal } from '../terminal';
import { diffOf, type DiffOptions, linesOf, sent } from './diff-policy-files';
import { operations } from './operations';
import { readPolicies } from './policy-files';
import { serverOf } from './server';

interface ApplyOptions extends DiffOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly note?: string;
}

const applyAnswer = z.object({
  policyApply: z.object({
    hash: z.string(),
    accounts: z.int(),
    changes: z.array(
      z.object({ name: z.string(), change: z.string(), version: z.int().nullable(), waits: z.boolean() }),
    ),
  }),
});

type Applied = z.output<typeof applyAnswer>['policyApply'];

/** Shows what changes, asks, and saves on top of exactly what was shown. */
export async function applyPolicies(
  paths: readonly string[],
  options: ApplyOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { confirm } = terminal;
  const dryRun = options.dryRun ?? false;
  const sure = dryRun || (options.yes ?? false);
  const documents = await readPolicies(paths, terminal);
  const server = await serverOf(options, terminal);
  if (!sure && !confirm) {
    throw badInput('--yes: nobody is there to be asked. Say --yes to save without asking, or --dry-run.');
  }
  const diff = await diffOf(server, documents, options);
  const json = options.format === 'json';
  if (!json) terminal.out(linesOf(diff));
  if (!sure && !diff.same && !(await confirm?.('Save this?'))) {
    terminal.err('mothball: nothing was saved.\n');
    return EXIT.error;
  }
  const variables = { ...sent(documents, options, server), expectedHash: diff.hash, dryRun, note: options.note };
  // Asked even where nothing differs, so that a dry run always has the service's own answer.
  const applied =
    diff.same && !dryRun ? null : await save(() => server.api.act(operations.apply, variables, applyAnswer));
  if (json) {
    const report = { saved: applied !== null && !dryRun, dryRun, differences: diff.changes, result: applied };
    terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  } else if (applied) {
    terminal.out(told(applied, dryRun));
  }
  return EXIT.nothingFound;
}

async function save(work: () => Promise<z.output<typeof applyAnswer>>): Promise<Applied> {
  try {
    return (await work()).policyApply;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'UNREACHABLE') throw error;
    throw new DomainError(error.code, `${error.message} Whether the policies were saved is not known.`, {
      remedy: 'Run "mothball policy diff" to see, and apply again: what is saved already is not saved twice.',
    });
  }
}

function told({ accounts, changes }: Applied, dryRun: boolean): string {
  const changed = changes.filter(({ change }) => change !== 'UNCHANGED');
  if (changed.length === 0) return 'Nothing to save.\n';
  const lines = changed.map(({ name, change, version, waits }) => {
    const saved = version === null ? '' : `, version ${version}`;
    const waiting = waits ? ': waits until a second person agrees (agreeToPolicy)' : '';
    return `${printable(name)}: ${change.toLowerCase()}${saved}${waiting}\n`;
  });
  const judged = `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;
  const end = dryRun
    ? `Nothing was saved. Saving would judge ${judged} again.\n`
    : `Saved. ${judged} ${accounts === 1 ? 'is' : 'are'} judged again.\n`;
  return `${lines.join('')}${end}`;
}
