import { Command, CommanderError } from 'commander';
import { DomainError } from '../errors';
import { addAuditCommand } from './audit.command';
import { addChecksCommand } from './checks.command';
import { EXIT, type ExitStatus } from './exit-status';
import { addPermissionsCommand } from './permissions.command';
import { addPolicyCommand } from './policy/policy.command';
import { printable, sentence, type Terminal } from './terminal';
import { packageVersion } from './version';

/**
 * Runs one command to its end; errors become a sentence on stderr, never a stack.
 * @param args what follows `mothball`
 */
export async function runMothball(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.nothingFound;
  const program = new Command('mothball')
    .description('Finds the IAM users, roles, passwords and access keys that nobody uses.')
    .version(packageVersion())
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  addAuditCommand(program, terminal, (found) => (status = found));
  addChecksCommand(program, terminal);
  addPermissionsCommand(program, terminal);
  addPolicyCommand(program, terminal, (found) => (status = found));
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (terminal.signal.aborted) {
      terminal.err('mothball: interrupted; nothing was changed.\n');
      return EXIT.interrupted;
    }
    // Commander has written its own message by now.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.nothingFound : EXIT.error;
    terminal.err(`mothball: ${explain(error)}\n`);
    return EXIT.error;
  }
}

function explain(error: unknown): string {
  if (error instanceof DomainError) return `${sentence(error.message)} ${sentence(error.remedy ?? '')}`.trim();
  return `unexpected: ${printable(error instanceof Error ? error.message : String(error))}. Report this as a fault of Mothball.`;
}
