import { type Command, Option } from 'commander';
import { auditPermissions, auditPolicyDocument } from './audit-permissions';
import type { Terminal } from './terminal';

export function addPermissionsCommand(program: Command, terminal: Terminal): void {
  program
    .command('permissions')
    .summary('print the read-only IAM policy that audit needs')
    .description(
      'Prints the IAM policy that "mothball audit" needs: exactly the actions it calls, all of them reading.',
    )
    .addOption(
      new Option('-f, --format <format>', 'a policy document, or one action a line')
        .choices(['json', 'list'])
        .default('json'),
    )
    .action(({ format }: { format: string }) => {
      const text = format === 'list' ? auditPermissions.join('\n') : JSON.stringify(auditPolicyDocument, null, 2);
      terminal.out(`${text}\n`);
    });
}
