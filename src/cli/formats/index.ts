import type { AuditFormat } from '../audit-format';
import { csvFormat } from './csv.format';
import { jsonFormat } from './json.format';
import { tableFormat } from './table.format';
import { tsvFormat } from './tsv.format';

/** Every format there is; the first is the default. */
export const auditFormats: readonly AuditFormat[] = [tableFormat, csvFormat, jsonFormat, tsvFormat];
