import type { Command } from 'commander';
import { Option } from 'commander';
import { AwsService } from '../aws/aws.service';
import { badInput } from '../errors';
import { auditAccount, type Audit } from './audit-account';
import type { AuditFormat } from './audit-format';
import { type AuditChoices, auditedChecks, auditPolicy, parseIdleDays } from './audit-settings';
import { openAmbientAccount } from './ambient-account';
import { EXIT, exitStatusHelp, exitStatusOf, type ExitStatus } from './exit-status';
import { auditFormats } from './formats/index';
import { progressOn } from './progress';
import { ReportFile } from './report-file';
import { lookOf, plain, sentence, type Terminal } from './terminal';

interface Options extends AuditChoices {
  readonly profile?: string;
  readonly format: string;
  readonly output?: string;
  readonly quiet?: boolean;
}

export function addAuditCommand(program: Command, terminal: Terminal, done: (status: ExitStatus) => void): void {
  program
    .command('audit')
    .summary('look through one account with your own credentials; only reads')
    .description(
      'Looks through one AWS account with your own credentials and lists the users, roles, passwords and access keys that nobody uses.\n' +
        'It only reads, creates nothing in the account, and needs no server. Takes under a minute.',
    )
    .option('-p, --profile <name>', 'AWS profile; without it the usual AWS conventions hold')
    .addOption(formatOption())
    .option('-d, --idle-days <days>', 'idle for so many days counts as unused, 1 to 400 (default: 90)', parseIdleDays)
    .option('-c, --check <ids...>', `only these checks: ${auditedChecks.join(', ')}`)
    .option(
      '-x, --exclude-roles <patterns>',
      "roles to leave out: '|' between patterns, '*' for any text, on path and name, such as '*/breakglass-*|/security/*'",
    )
    .option('-o, --output <file>', 'write the report there instead of to stdout')
    .option('-q, --quiet', 'no progress and no notes on stderr; errors still show')
    .addHelpText('after', `${formatsHelp()}\n${exitStatusHelp}\n\n${permissionsHelp}`)
    .action(async (options: Options) => done(await runAudit(options, terminal)));
}

const formatOption = (): Option =>
  new Option('-f, --format <format>', 'how to write it down')
    .choices(auditFormats.map(({ id }) => id))
    .default(auditFormats[0]?.id);

const formatsHelp = (): string =>
  ['', 'Formats:', ...auditFormats.map(({ id, about }) => `  ${id.padEnd(6)} ${about}`)].join('\n');

const permissionsHelp = 'The IAM policy that it needs: mothball permissions';

async function runAudit(options: Options, terminal: Terminal): Promise<ExitStatus> {
  const settings = auditPolicy(choicesOf(options));
  const format = formatOf(options.format);
  const file = options.output === undefined ? null : await ReportFile.at(options.output);
  const { signal } = terminal;
  const aws = new AwsService({ profile: options.profile });
  const progress = progressOn(terminal, options.quiet ?? false);
  let audit: Audit;
  try {
    progress.step('Signing in to AWS');
    const access = await openAmbientAccount(aws, { profile: options.profile, env: terminal.env, signal });
    audit = await auditAccount(access, { settings, signal, onStep: (step) => progress.step(step) });
  } finally {
    progress.end();
    aws.close();
  }
  if (file) await file.write(format.render(audit, plain()));
  else terminal.out(format.render(audit, lookOf(terminal)));
  const status = exitStatusOf(audit);
  tell(audit, status, { terminal, file, quiet: options.quiet ?? false });
  return status;
}

/** The roles report is of roles only, so nothing else is judged for it, nor counted in the exit status. */
function choicesOf(options: Options): AuditChoices {
  if (options.format !== 'tsv') return options;
  if (options.check && !options.check.includes('unused-role')) {
    throw badInput('--check: the format tsv reports roles only. Leave --check out, or choose another format.');
  }
  return { ...options, check: ['unused-role'] };
}

function formatOf(id: string): AuditFormat {
  const format = auditFormats.find((one) => one.id === id);
  if (!format) throw badInput(`--format: there is no format "${id}".`);
  return format;
}

interface Telling {
  readonly terminal: Terminal;
  readonly file: ReportFile | null;
  readonly quiet: boolean;
}

/** What stdout does not say. That nothing could be read is an error, and told even when quiet. */
function tell({ notRead }: Audit, status: ExitStatus, { terminal, file, quiet }: Telling): void {
  const [first] = notRead;
  if (status === EXIT.error && first) {
    terminal.err(
      `mothball: nothing could be read: ${sentence(first.reason)} ${sentence(first.remedy ?? '')}`.trim() + '\n',
    );
  } else if (status === EXIT.notAllRead && !quiet) {
    terminal.err('mothball: not everything could be read, so findings may be missing; the report says what and why.\n');
  }
  if (file && !quiet) terminal.err(`mothball: the report is in ${file.path}\n`);
}
