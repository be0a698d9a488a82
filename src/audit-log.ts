import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { DomainError } from './errors';
import { explainStartFailure } from './start-failure';
import { exportTexts } from './tenancy/audit-log/commands/export-log';
import { pruneLogs } from './tenancy/audit-log/commands/prune-logs';
import { type Commanded, readMoment } from './tenancy/audit-log/commands/commanded';
import { verifyLogs } from './tenancy/audit-log/commands/verify-logs';

const HELP = `Looks after the audit log; see docs/audit-log.md.

  npm run audit:verify [-- --tenant NAME] [--anchors FILE]
      Follows the hashes of every tenant's log. Status 1 when one is not as it was written.
  npm run audit:prune -- --older-than 400d [--tenant NAME]
      Deletes older entries, and leaves a checkpoint from which the rest still verifies.
  npm run audit:export -- --tenant NAME [--format ndjson|csv] [--from TIME] [--to TIME] [--output FILE]
`;

const OPTIONS = {
  tenant: { type: 'string' },
  anchors: { type: 'string' },
  'older-than': { type: 'string' },
  format: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = Partial<Record<Exclude<keyof typeof OPTIONS, 'help'>, string>>;

/** Which options a command has, and which login it needs. */
const COMMANDS = {
  verify: { options: ['tenant', 'anchors'], login: 'MOTHBALL_PLATFORM_DATABASE_URL' },
  prune: { options: ['tenant', 'older-than'], login: 'MOTHBALL_OWNER_DATABASE_URL' },
  export: { options: ['tenant', 'format', 'from', 'to', 'output'], login: 'MOTHBALL_PLATFORM_DATABASE_URL' },
} as const satisfies Record<string, { options: readonly (keyof Values)[]; login: string }>;

type CommandName = keyof typeof COMMANDS;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ args: process.argv.slice(2), options: OPTIONS, allowPositionals: true });
  const [name = '', ...others] = positionals;
  if (values.help || !(name in COMMANDS) || others.length > 0) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const command = name as CommandName;
  const allowed: readonly string[] = COMMANDS[command].options;
  const strange = Object.keys(values).filter((option) => !allowed.includes(option));
  if (strange.length > 0) throw new DomainError('BAD_INPUT', `--${strange.join(', --')}: not for audit:${command}.`);
  const { login } = COMMANDS[command];
  const url = process.env[login];
  if (!url) throw new DomainError('CONFIG_INVALID', `Set ${login}, or DATABASE_URL, which it is made from.`);
  const client = new Client({ connectionString: url, options: '-c search_path=mothball' });
  await client.connect();
  try {
    return await run(command, values, {
      query: async <T>(statement: string, given: unknown[] = []) => (await client.query(statement, given)).rows as T,
      say: (line) => void process.stdout.write(`${line}\n`),
    });
  } finally {
    await client.end();
  }
}

async function run(command: CommandName, values: Values, commanded: Commanded): Promise<number> {
  const { tenant = null } = values;
  switch (command) {
    case 'verify':
      return verifyLogs(commanded, { tenant, anchors: values.anchors ?? null });
    case 'prune':
      return pruneLogs(commanded, { tenant, olderThan: values['older-than'] });
    case 'export': {
      const [from, to] = [readMoment('--from', values.from), readMoment('--to', values.to)];
      const texts = exportTexts(commanded, { tenant, format: values.format, from, to });
      const { output } = values;
      // Standard output stays open: what is written after it is nothing, but its owner may go on.
      if (output === undefined) await pipeline(Readable.from(texts), process.stdout, { end: false });
      else await pipeline(Readable.from(texts), createWriteStream(output, { mode: 0o600 }));
      return 0;
    }
  }
}

main()
  .then((status) => (process.exitCode = status))
  .catch((error: unknown) => {
    const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${usage ? `${error.message}\n\n${HELP}` : `${explainStartFailure(error)}\n`}`);
    process.exitCode = 2;
  });
