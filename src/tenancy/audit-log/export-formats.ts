import { stringify } from 'csv-stringify/sync';
import type { ChainEntry } from './chain';

interface ExportFormat {
  readonly contentType: string;
  readonly begin: string;
  lines(entries: readonly ChainEntry[]): string;
}

const COLUMNS = [
  'tenantId',
  'seq',
  'id',
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'actorTenantId',
  'actorRole',
  'actorStandsFor',
  'action',
  'objectType',
  'objectId',
  'before',
  'after',
  'requestId',
  'sourceAddress',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof ChainEntry)[];

export const exportFormats = {
  /** Every text as it was hashed: this one can be verified. */
  ndjson: {
    contentType: 'application/x-ndjson',
    begin: '',
    lines: (entries) =>
      entries
        .map((entry) => `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, entry[name]])))}\n`)
        .join(''),
  },
  csv: {
    contentType: 'text/csv; charset=utf-8',
    begin: stringify([COLUMNS]),
    // A name may begin with "=" or "@", which spreadsheets take for a formula.
    lines: (entries) => stringify([...entries], { columns: [...COLUMNS], escape_formulas: true }),
  },
} as const satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;
