import type { Audit } from './audit-account';
import type { Look } from './terminal';

/** A way to write an audit down: pure; the text ends with a line feed. */
export interface AuditFormat {
  readonly id: string;
  /** For `--help`. */
  readonly about: string;
  render(audit: Audit, look: Look): string;
}
