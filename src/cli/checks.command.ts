import { type Command, Option } from 'commander';
import { catalogue, standardText } from './checks-catalog';
import { checksPage, kindText, threshold } from './checks-page';
import { type Look, lookOf, type Terminal } from './terminal';
import { textTable } from './text-table';

const renderers: Readonly<Record<string, (look: Look) => string>> = {
  table: checksTable,
  json: () => `${JSON.stringify(catalogue(), null, 2)}\n`,
  markdown: checksPage,
};

export function addChecksCommand(program: Command, terminal: Terminal): void {
  program
    .command('checks')
    .summary('list the checks: what they look at, risk, threshold, standards')
    .description('Lists the checks. json and markdown also have the steps to look for it and to mend it by hand.')
    .addOption(
      new Option('-f, --format <format>', 'how to write them down').choices(Object.keys(renderers)).default('table'),
    )
    .action(({ format }: { format: string }) => terminal.out(renderers[format]?.(lookOf(terminal)) ?? ''));
}

function checksTable(look: Look): string {
  const columns = [
    { title: 'Check', least: 20, most: 24 },
    { title: 'Looks at', least: 10, most: 10 },
    { title: 'Risk', least: 8, most: 8 },
    { title: 'Threshold', least: 12, most: 20 },
    { title: 'Standards', least: 16 },
  ];
  const rows = catalogue().map((check) => [
    check.id,
    kindText(check),
    check.severity,
    threshold(check),
    check.standards.map(standardText).join('; ') || '–',
  ]);
  return `${textTable(columns, rows, look.width)}\n`;
}
