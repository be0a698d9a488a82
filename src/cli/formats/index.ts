import type { Audit } from '../audit-account';
import type { Look } from '../terminal';
import { csvFormat } from './csv.format';
import { jsonFormat } from './json.format';
import { tableFormat } from './table.format';
import { tsvFormat } from './tsv.format';

/** A way to write an audit down. Pure; ends with a line feed. */
export interface AuditFormat {
  readonly id: string;
  readonly about: string;
  render(audit: Audit, look: Look): string;
}

/** Every format there is; the first is the default. */
export const auditFormats: readonly AuditFormat[] = [tableFormat, csvFormat, jsonFormat, tsvFormat];
