import { type Command, Option } from 'commander';
import { policyJsonSchema } from '../../findings/policies/documents/policy-json-schema';
import type { ExitStatus } from '../exit-status';
import type { Terminal } from '../terminal';
import { applyPolicies } from './apply-policies';
import { diffPolicyFiles } from './diff-policy-files';
import { exportPolicies } from './export-policies';
import { operationsByHash } from './operations';
import { previewPolicies } from './preview-policies';
import type { ServerOptions } from './server';
import { validateFiles } from './validate-files';

const files = 'YAML or JSON files, several policies in one with "---" between; - is standard input';

const serverHelp = `
The service:
  MOTHBALL_API_URL    its address, where --api is not given
  MOTHBALL_API_TOKEN  an API token: of an admin of the tenant, or of the platform with --tenant`;

const policyExitStatusHelp = `
Exit status:
  0    as it should be; diff without --exit-code also where there are differences
  1    diff --exit-code: there are differences
  2    not valid, refused, or the service is out of reach: nothing was changed
  130  interrupted`;

export const formatOption = (): Option =>
  new Option('-f, --format <format>', 'for people or for programs').choices(['text', 'json']).default('text');

/** `mothball policy …`: policies as files. */
export function addPolicyCommand(program: Command, terminal: Terminal, done: (status: ExitStatus) => void): void {
  const policy = program
    .command('policy')
    .summary('policies as files: validate, compare, preview, apply, export')
    .description('Policies as YAML files that can live in a repository.');
  policy
    .command('validate')
    .summary('check files; needs no server')
    .description('Checks files of policies and tells everything that is wrong, with its line. Needs no server.')
    .argument('<files...>', files)
    .addOption(formatOption())
    .addHelpText('after', policyExitStatusHelp)
    .action(async (paths: string[], options: { format: string }) =>
      done(await validateFiles(paths, options.format === 'json', terminal)),
    );
  policy
    .command('schema')
    .summary('print the JSON Schema of policies')
    .description('Prints the JSON Schema of policy documents, for editors and other tools. Needs no server.')
    .action(() => terminal.out(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`));
  policy
    .command('operations')
    .summary('print what these commands ask, for a service that takes trusted documents only')
    .description('Prints the GraphQL documents of these commands by their SHA-256, to be added to the trusted ones.')
    .action(() => terminal.out(`${JSON.stringify(operationsByHash(), null, 2)}\n`));
  onServer(policy.command('diff'))
    .summary('compare files with what the service has')
    .description('Shows what applying the files would change. Changes nothing.')
    .argument('<files...>', files)
    .option('--replace', 'the files are all there is: policies that are not in them count as removed')
    .option('--exit-code', 'status 1 where there are differences')
    .action(async (paths: string[], options: ServerOptions & { replace?: boolean; exitCode?: boolean }) =>
      done(await diffPolicyFiles(paths, options, terminal)),
    );
  onServer(policy.command('preview'))
    .summary('what findings the files would open, resolve, reopen or exempt')
    .description('Judges the inventory by the files, as applying them would, and shows what differs. Changes nothing.')
    .argument('<files...>', files)
    .option('--replace', 'the files are all there is: policies that are not in them count as removed')
    .option('--as-agreed', 'as if a second person had agreed to what acts by itself')
    .action(async (paths: string[], options: Parameters<typeof previewPolicies>[1]) =>
      done(await previewPolicies(paths, options, terminal)),
    );
  onServer(policy.command('apply'))
    .summary('save the files as the policies of the tenant')
    .description('Shows what changes, asks, and saves. Accounts that are concerned are judged again at once.')
    .argument('<files...>', files)
    .option('--replace', 'the files are all there is: policies that are not in them are retired')
    .option('--dry-run', 'let the service check everything, but save nothing')
    .option('-y, --yes', 'do not ask')
    .option('-m, --note <text>', 'why, for the history of the policies')
    .action(async (paths: string[], options: Parameters<typeof applyPolicies>[1]) =>
      done(await applyPolicies(paths, options, terminal)),
    );
  onServer(policy.command('export'))
    .summary('print the policies that the service has')
    .description('Prints the policies of the tenant as YAML, in their order: what apply takes.')
    .option('-o, --output <file>', 'write it there instead of to stdout')
    .action(async (options: ServerOptions & { output?: string }) => done(await exportPolicies(options, terminal)));
}

const onServer = (command: Command): Command =>
  command
    .option('--api <url>', 'where Mothball is, such as https://mothball.example.com')
    .option('--allow-http', 'send the token unencrypted, in a network that you trust')
    .option('--tenant <name>', 'the tenant, by name or id; only for platform tokens')
    .addOption(formatOption())
    .addHelpText('after', `${serverHelp}\n${policyExitStatusHelp}`);
