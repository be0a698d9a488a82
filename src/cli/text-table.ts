import Table from 'cli-table3';

export interface Column {
  readonly title: string;
  /** The least and the most characters that it takes; without `most` it takes what is left. */
  readonly least: number;
  readonly most?: number;
  readonly align?: 'left' | 'right';
  /** Names and ids: broken anywhere rather than cut off. */
  readonly unbreakable?: boolean;
}

const GAP = 2;
const INDENT = 2;

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'mid', 'right', 'middle']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('left-mid', 'mid-mid', 'right-mid')
    .map((part) => [part, '']),
);

/** Columns side by side without lines, wrapped to `width` characters; nothing is ever cut off. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const widths = columnWidths(columns, rows, width);
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths.map((characters) => characters + GAP),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    wordWrap: true,
  });
  const titles = columns.map(({ title }) => title);
  for (const row of titles.some((title) => title !== '') ? [titles, ...rows] : rows) {
    table.push(
      columns.map(({ unbreakable }, index) => {
        const text = row[index] ?? '';
        return {
          content: unbreakable ? text : breakable(text, widths[index] ?? 1),
          wrapOnWordBoundary: !unbreakable,
        };
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => `${' '.repeat(INDENT)}${line}`.trimEnd())
    .join('\n');
}

/** Each as wide as its longest text, within its limits; the one without a limit takes what is left. */
function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const longest = columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, (row[index] ?? '').length), title.length),
  );
  const widths = columns.map(({ least, most }, index) =>
    Math.max(least, Math.min(longest[index] ?? 0, most ?? Number.POSITIVE_INFINITY)),
  );
  const rest = columns.findIndex(({ most }) => most === undefined);
  if (rest === -1) return widths;
  const others = widths.reduce((sum, each, index) => sum + (index === rest ? 0 : each), 0);
  const left = width - INDENT - GAP * columns.length - others;
  widths[rest] = Math.max(columns[rest]?.least ?? 1, Math.min(left, widths[rest] ?? left));
  return widths;
}

/** cli-table3 cuts off a word that is longer than its column. */
const breakable = (text: string, width: number): string =>
  text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), (piece) => `${piece} `);
