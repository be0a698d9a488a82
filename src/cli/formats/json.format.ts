import { reportOf } from '../audit-report';
import type { AuditFormat } from '../audit-format';

export const jsonFormat: AuditFormat = {
  id: 'json',
  about: 'one object, described in docs/audit.md',
  render: (audit) => `${JSON.stringify(reportOf(audit), null, 2)}\n`,
};
