import type { Known } from '../inventory';
import { wholeSeconds } from './tracking';

/**
 * The cells of the credential report. Its odd values differ and mean different things, so nothing is read as "empty".
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html#id_credentials_understanding_the_report_format
 */
export type Cell =
  | { readonly kind: 'date'; readonly date: Date }
  | { readonly kind: 'true' | 'false' }
  /** `N/A`: the thing does not exist, or (keys) was not used since tracking began. */
  | { readonly kind: 'not-applicable' }
  /** `no_information`: passwords only: not used since tracking began. */
  | { readonly kind: 'no-information' }
  /** `not_supported`: root's `password_enabled`. */
  | { readonly kind: 'not-supported' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'empty' }
  /** The report has no such column, or the line ends before it. */
  | { readonly kind: 'missing' };

// AWS writes +00:00; a time without a zone is UTC, as all of AWS's are.
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/i;

function cellOf(raw: string | undefined): Cell {
  if (raw === undefined) return { kind: 'missing' };
  const text = raw.trim();
  switch (text.toLowerCase()) {
    case '':
      return { kind: 'empty' };
    case 'true':
      return { kind: 'true' };
    case 'false':
      return { kind: 'false' };
    case 'n/a':
      return { kind: 'not-applicable' };
    case 'no_information':
      return { kind: 'no-information' };
    case 'not_supported':
      return { kind: 'not-supported' };
  }
  const date = parseDate(text);
  return date ? { kind: 'date', date } : { kind: 'text', text };
}

function parseDate(text: string): Date | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const [, day = '', time = '', zone = 'Z'] = match;
  const date = new Date(`${day}T${time}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  if (Number.isNaN(date.getTime())) return null;
  // JavaScript rolls 30 February over to March.
  const rolled = zone.toUpperCase() === 'Z' && date.toISOString().slice(0, 10) !== day;
  return rolled ? null : wholeSeconds(date);
}

/** One line of the report, by column name. */
export class ReportRow {
  constructor(private readonly values: Readonly<Record<string, string | undefined>>) {}

  cell(column: string): Cell {
    return cellOf(this.values[column]);
  }

  text(column: string): string {
    return (this.values[column] ?? '').trim();
  }

  /** A name such as a region; null where the report has none. */
  name(column: string): string | null {
    const cell = this.cell(column);
    return cell.kind === 'text' ? cell.text : null;
  }

  date(column: string): Date | null {
    const cell = this.cell(column);
    return cell.kind === 'date' ? cell.date : null;
  }

  /** Why a cell could not be used, as a sentence. */
  oddity(column: string): string {
    const cell = this.cell(column);
    if (cell.kind === 'missing') return `The credential report has no ${column}.`;
    if (cell.kind === 'empty') return `The credential report leaves ${column} empty.`;
    return `The credential report says "${this.text(column).slice(0, 60)}" in ${column}, which has no known meaning there.`;
  }

  unknown(column: string): Known<never> {
    return { state: 'unknown', reason: this.oddity(column) };
  }
}
