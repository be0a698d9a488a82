import { stringify } from 'csv-stringify/sync';
import { type AuditReport, type ReportedFinding, reportOf, type ReportedUnknown } from '../audit-report';
import type { AuditFormat } from '../audit-format';

const columns = [
  'state',
  'check',
  'severity',
  'account_id',
  'kind',
  'name',
  'path',
  'arn',
  'unique_id',
  'access_key_id',
  'created_at',
  'last_used',
  'last_used_service',
  'last_used_region',
  'idle_days',
  'idle_at_least',
  'why',
] as const;
type Row = Partial<Record<(typeof columns)[number], string | number | null>>;

/** One line for each finding and each verdict that is not known; the latter would look like health if left out. */
export const csvFormat: AuditFormat = {
  id: 'csv',
  about: 'a header, then one line for each finding and each unknown; safe to open in a spreadsheet',
  render(audit) {
    const report = reportOf(audit);
    const rows = [
      ...report.findings.map((one) => findingRow(report, one)),
      ...report.unknown.map((one) => unknownRow(report, one)),
    ];
    // A name may begin with "=" or "@", which spreadsheets take for a formula.
    return stringify(rows, { header: true, columns: [...columns], escape_formulas: true });
  },
};

const common = ({ account }: AuditReport, { check, identity }: ReportedFinding | ReportedUnknown): Row => ({
  check,
  account_id: account.id,
  kind: identity.kind,
  name: identity.name,
  path: identity.path,
  arn: identity.arn,
  unique_id: identity.uniqueId,
  access_key_id: identity.accessKeyId,
});

function findingRow(report: AuditReport, finding: ReportedFinding): Row {
  const { lastUsed } = finding;
  const used = lastUsed.state === 'at' ? lastUsed : null;
  return {
    ...common(report, finding),
    state: 'finding',
    severity: finding.severity,
    created_at: finding.createdAt,
    last_used: used ? used.at.toISOString() : lastUsed.state,
    last_used_service: used?.service ?? null,
    last_used_region: used?.region ?? null,
    idle_days: finding.idleDays,
    idle_at_least: finding.idleAtLeast ? 'true' : 'false',
    why: finding.why,
  };
}

const unknownRow = (report: AuditReport, unknown: ReportedUnknown): Row => ({
  ...common(report, unknown),
  state: 'unknown',
  why: unknown.reason,
});
