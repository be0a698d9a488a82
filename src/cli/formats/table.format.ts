import { RISK } from '../../findings/check';
import { findCheck } from '../../findings/checks/index';
import type { Severity } from '../../findings/policy';
import { day } from '../../findings/wording';
import type { LastUsed } from '../../scans/inventory';
import {
  type AuditReport,
  type ReportedFinding,
  type ReportedIdentity,
  reportOf,
  type ReportedUnknown,
} from '../audit-report';
import { type Look, printable, sentence } from '../terminal';
import { type Column, textTable } from '../text-table';
import type { AuditFormat } from '../audit-format';

const COLOURS = { low: 'cyan', medium: 'yellow', high: 'red', critical: 'red' } as const satisfies Record<
  Severity,
  string
>;

/** Names shown of those who share one reason for not being known. */
const NAMES_SHOWN = 8;

export const tableFormat: AuditFormat = {
  id: 'table',
  about: 'for people, as wide as the terminal',
  render(audit, look) {
    const report = reportOf(audit);
    const { account, identities } = report;
    const partition = account.partition === 'aws' ? '' : ` (${account.partition})`;
    const head = `Account ${account.id}${partition}: ${identities.users} users and ${identities.roles} roles, judged at ${report.at}`;
    const parts = [head, ...findingsByCheck(report, look), ...unknowns(report, look), ...unread(report, look)];
    return `${[...parts, closing(report, look)].join('\n\n')}\n`;
  },
};

function findingsByCheck({ findings }: AuditReport, look: Look): string[] {
  const groups = grouped(findings, ({ check }) => check);
  const [identityWidth, columns] = findingColumns(look.width);
  return [...groups].map(([id, ofCheck]) => {
    const severity = ofCheck[0]?.severity ?? 'low';
    const title = `${look.paint('bold', id)}  ${findCheck(id)?.title ?? ''}`;
    const risk = look.paint(COLOURS[severity], `  Risk ${RISK[severity]}`);
    const rows = ofCheck.map((finding) => [
      identityText(finding.identity, identityWidth),
      lastUse(finding.lastUsed),
      idleDays(finding),
      printable(finding.why),
    ]);
    return `${title}  (${ofCheck.length})\n${risk}\n\n${textTable(columns, rows, look.width)}`;
  });
}

function findingColumns(width: number): [number, Column[]] {
  const identity = Math.max(20, Math.floor(width * 0.3));
  return [
    identity,
    [
      { title: 'Identity', least: 20, most: identity, unbreakable: true },
      { title: 'Last used', least: 10, most: 10 },
      { title: 'Idle days', least: 5, most: width < 80 ? 5 : 9, align: 'right' },
      { title: 'Why', least: 15 },
    ],
  ];
}

/** A key's id on a line of its own; path only where there is one. */
function identityText({ name, path, accessKeyId, kind }: ReportedIdentity, width: number): string {
  const who = printable(path === '/' ? name : `${path}${name}`);
  if (kind !== 'access-key') return who;
  const key = printable(accessKeyId ?? 'key id not read');
  return who.length + key.length + 1 <= width ? `${who} ${key}` : `${who}\n${key}`;
}

function lastUse(lastUsed: LastUsed): string {
  switch (lastUsed.state) {
    case 'at':
      return day(lastUsed.at);
    case 'never':
      return 'never';
    case 'before-tracking':
      return 'no record';
    case 'unknown':
      return 'not known';
  }
}

const idleDays = ({ idleDays: days, idleAtLeast }: ReportedFinding): string =>
  days === null ? '?' : `${days}${idleAtLeast ? '+' : ''}`;

/** By reason: one unread report leaves every user unknown for the same one. */
function unknowns({ unknown }: AuditReport, look: Look): string[] {
  if (unknown.length === 0) return [];
  const columns: Column[] = [
    { title: 'Identity', least: 20, most: Math.max(20, Math.floor(look.width * 0.35)), unbreakable: true },
    { title: 'Check', least: 15, most: 24 },
    { title: 'Why it is not known', least: 20 },
  ];
  const rows = [...grouped(unknown, ({ reason }) => reason)].map(([reason, same]) => [
    who(same),
    [...new Set(same.map(({ check }) => check))].join(', '),
    printable(reason),
  ]);
  const title = look.paint('bold', 'Not known');
  return [`${title}  never taken for unused  (${unknown.length})\n\n${textTable(columns, rows, look.width)}`];
}

function who(same: readonly ReportedUnknown[]): string {
  const names = [...new Set(same.map(({ identity }) => identityText(identity, Number.POSITIVE_INFINITY)))];
  const more = names.length - NAMES_SHOWN;
  return [...names.slice(0, NAMES_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function unread({ notRead }: AuditReport, look: Look): string[] {
  if (notRead.length === 0) return [];
  const columns: Column[] = [
    { title: 'What', least: 16, most: Math.floor(look.width * 0.3) },
    { title: 'Why, and what to do', least: 30 },
  ];
  const rows = notRead.map(({ what, reason, remedy }) => [
    printable(what),
    [reason, remedy ?? ''].map(sentence).join('\n').trim(),
  ]);
  const title = look.paint(['bold', 'red'], 'Not read');
  return [`${title}  findings may be missing\n\n${textTable(columns, rows, look.width)}`];
}

function closing({ summary, awsCalls, outcome }: AuditReport, look: Look): string {
  const throttled = awsCalls.throttled > 0 ? `, ${awsCalls.throttled} of them throttled` : '';
  const found = outcome === 'failed' ? 'Nothing could be read' : counted(summary.findings, 'finding');
  const facts = [
    look.paint('bold', found),
    ...(summary.unknown > 0 ? [`${summary.unknown} not known`] : []),
    ...(summary.exempt > 0 ? [`${summary.exempt} excluded`] : []),
    `${counted(awsCalls.total, 'AWS call')}${throttled}`,
  ];
  return `${facts.join(' · ')}${outcome === 'partial' ? ' · not everything was read' : ''}`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
