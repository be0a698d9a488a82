import Table from 'cli-table3';
import { counted, number, printable, seconds } from './wording.mjs';

/**
 * @typedef {import('./results.mjs').Results} Results
 * @typedef {import('./simulator.mjs').Counters} Counters
 */

const widest = 160;
const noLines = Object.fromEntries(
  ['top', 'bottom', 'left', 'mid', 'right', 'middle']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('left-mid', 'mid-mid', 'right-mid')
    .map((part) => [part, '']),
);
const accountsShown = 30;
/** Long ids of checks as titles of narrow columns. */
const title = (/** @type {string} */ check) => check.replace('access-key', 'key').replaceAll('-', '\n');

/**
 * The findings as people read them.
 * @param {Results} results
 * @param {Counters} calls
 * @param {object} look
 * @param {number | undefined} look.columns of the terminal
 * @param {{ awsCalls: number, rowsWritten: number, wallMs: number }[] | undefined} look.scans
 * @returns {string}
 */
export function report(results, calls, { columns, scans }) {
  const width = Math.min(Math.max(columns ?? 120, 80), widest);
  return [
    heading('Findings by check and account'),
    matrix(results),
    heading(`The longest idle of ${counted(results.open, 'finding')}`),
    worst(results, width),
    ...gaps(results, width),
    totals(results, calls),
    ...(scans ? [scans.map(scanLine).join('\n')] : []),
  ].join('\n\n');
}

const heading = (/** @type {string} */ text) => `${text}\n${'─'.repeat(text.length)}`;

/** @param {Results} results */
function matrix({ byCheck, byAccount, byCheckAndAccount, open }) {
  const table = plainTable({ colAligns: ['left', ...byCheck.map(() => 'right'), 'right'] });
  table.push(['', ...byCheck.map(({ key }) => title(key)), 'all'].map((content) => ({ content, vAlign: 'bottom' })));
  const shown = byAccount.slice(0, accountsShown);
  for (const { key, label, count } of shown) {
    const counts = byCheck.map((check) => byCheckAndAccount[check.key]?.find((group) => group.key === key)?.count);
    table.push([`${key} ${printable(label)}`, ...counts.map((value) => (value ? number(value) : '·')), number(count)]);
  }
  const more = byAccount.length - shown.length;
  if (more > 0) table.push([`and ${counted(more, 'more account')}`, ...byCheck.map(() => ''), '']);
  table.push(['all accounts', ...byCheck.map(({ count }) => number(count)), number(open)]);
  return text(table);
}

/**
 * @param {Results} results
 * @param {number} width
 */
function worst({ worst: findings }, width) {
  const [days, severity, where, who] = [7, 10, 24, 36];
  const why = width - days - severity - where - who - 2;
  const table = plainTable({ colWidths: [days, severity, where, who, why], wordWrap: true });
  table.push(['days', 'severity', 'account', 'identity', 'why']);
  for (const finding of findings) {
    const idle = finding.idleDays === null ? '' : `${number(finding.idleDays)}${finding.idleAtLeast ? '+' : ''}`;
    const identity = finding.identity ? identityOf(finding.identity) : 'gone';
    const account = printable(finding.account?.name ?? '');
    table.push([idle, finding.severity.toLowerCase(), account, identity, printable(finding.why)]);
  }
  return text(table);
}

/** @param {any} identity */
function identityOf({ __typename: type, name, accessKeyId, user }) {
  const owner = printable(user?.name ?? name);
  if (type === 'AccessKey') return `key ${accessKeyId ?? '(not named)'}\nof ${owner}`;
  return type === 'Password' ? `password of ${owner}` : `${type.toLowerCase()} ${owner}`;
}

/**
 * What is not known, and what to do about it.
 * @param {Results} results
 * @param {number} width
 */
function gaps({ blind, unknown, parked }, width) {
  const parts = [];
  const sized = { colWidths: [38, width - 40], wordWrap: true };
  if (blind.length > 0) {
    const table = plainTable(sized);
    for (const { awsAccountId, name, coverage, state, problem, remedy, lastScan } of blind) {
      const why = coverage === 'EXCLUDED' ? `AWS says ${state}; only ACTIVE accounts are scanned.` : '';
      const told = [why, lastScan?.reason ?? problem, lastScan?.remedy ?? remedy].filter(Boolean).map(printable);
      table.push([`${awsAccountId} ${printable(name)}\n${coverage.toLowerCase()}`, told.join('\n')]);
    }
    parts.push(heading('Accounts that are not seen properly'), text(table));
  }
  if (unknown.totalCount > 0) {
    const table = plainTable(sized);
    for (const { reason, check, account, identity } of unknown.nodes) {
      table.push([
        printable(`${identity?.name ?? '?'} (${account?.name ?? '?'})`),
        `${check.id}: ${printable(reason)}`,
      ]);
    }
    const more = unknown.totalCount - unknown.nodes.length;
    parts.push(
      heading(`Not known, and so never taken for unused: ${number(unknown.totalCount)}`),
      `${text(table)}${more > 0 ? `\n  and ${number(more)} more` : ''}`,
    );
  }
  if (parked.totalCount > 0) {
    const lines = parked.nodes.map(({ kind, errorMessage }) => `  ${kind}: ${printable(errorMessage ?? '')}`);
    parts.push(heading(`Tasks that were given up: ${number(parked.totalCount)}`), lines.join('\n'));
  }
  return parts;
}

/**
 * @param {Results} results
 * @param {Counters} calls
 */
function totals({ accounts, identities, open, unknown }, calls) {
  const kinds = [
    `${number(accounts.scanned)} scanned`,
    ...(accounts.partial ? [`${number(accounts.partial)} in part`] : []),
    ...(accounts.failed ? [`${number(accounts.failed)} failed`] : []),
    ...(accounts.skipped ? [`${number(accounts.skipped)} skipped`] : []),
  ];
  const often = Object.entries(calls.byAction)
    .sort(([, a], [, b]) => b.calls - a.calls)
    .slice(0, 4)
    .map(([action, { calls: count }]) => `${action} ${number(count)}`);
  return [
    `${counted(accounts.listed, 'account')}: ${kinds.join(', ')}. ${counted(identities, 'identity', 'identities')}, ` +
      `${counted(open, 'open finding')}, ${number(unknown.totalCount)} not known.`,
    `${counted(calls.total, 'AWS call')}, ${number(calls.throttled)} throttled: ${often.join(', ')} …`,
  ].join('\n');
}

/**
 * @param {{ awsCalls: number, rowsWritten: number, wallMs: number }} scan
 * @param {number} index
 */
const scanLine = ({ awsCalls, rowsWritten, wallMs }, index) =>
  `Scan ${index + 1}: ${counted(awsCalls, 'AWS call')}, ${counted(rowsWritten, 'row')} of the inventory written, ${seconds(wallMs)}`;

/** @param {object} options */
function plainTable(options) {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };
  return new Table({ chars: noLines, style, ...options });
}

/** @param {Table.Table} table */
const text = (table) =>
  table
    .toString()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
