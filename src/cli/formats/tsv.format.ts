import { stringify } from 'csv-stringify/sync';
import { annotation, configStatus } from '../../findings/annotate';
import type { AuditFormat } from '../audit-format';

/**
 * What AWS's sample rule for unused roles reports: every role judged, one line each, without a header, as
 * `aws … --output text` prints it. https://aws.amazon.com/blogs/security/continuously-monitor-unused-iam-roles-aws-config/
 */
export const tsvFormat: AuditFormat = {
  id: 'tsv',
  about: "roles only, all that were judged: name, status and annotation, as AWS Config's sample rule has them",
  render({ judgements, settings, at }) {
    const { idleDays } = settings.checks['unused-role'];
    const rows = judgements.flatMap(({ checkId, subject, verdict }) => {
      if (checkId !== 'unused-role' || subject.kind !== 'role') return [];
      const { name, lastUsed, createdAt } = subject.role;
      const text = annotation(verdict, { kind: 'role', lastUsed, bornAt: createdAt, idleDays }, at);
      return [[name, configStatus(verdict.state), text]];
    });
    rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
    return stringify(rows, { delimiter: '\t', escape_formulas: true });
  },
};
