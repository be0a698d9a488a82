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
  const width = Math.min(Math.max(columns || 120, 60), widest);
  return [
    heading('Findings by check and account'),
    matrix(results, width),
    heading(`The worst ${results.worst.length} of ${counted(results.open, 'finding')}`),
    worst(results, width),
    ...gaps(results, width),
    totals(results, calls),
    ...(scans ? [scans.map(scanLine).join('\n')] : []),
  ].join('\n\n');
}

const heading = (/** @type {string} */ text) => `${text}\n${'─'.repeat(text.length)}`;

/**
 * @param {Results} results
 * @param {number} width
 */
function matrix({ byCheck, byAccount, byCheckAndAccount, open }, width) {
  const narrow = width < 110;
  const table = new Table({
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': narrow ? 1 : 2 },
    colAligns: ['left', ...byCheck.map(() => 'right'), 'right'],
  });
  table.push(['', ...byCheck.map(({ key }) => title(key)), 'all'].map((content) => ({ content, vAlign: 'bottom' })));
  const shown = byAccount.slice(0, accountsShown);
  for (const { key, label, count } of shown) {
    const counts = byCheck.map((check) => byCheckAndAccount[check.key]?.find((group) => group.key === key)?.count);
    const account = printable(narrow ? label : `${key} ${label}`);
    table.push([account, ...counts.map((value) => (value ? number(value) : '·')), number(count)]);
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
  const entries = findings.map(({ idleDays, idleAtLeast, severity, why, account, identity, check }) => {
    const idle = idleDays === null ? '' : `${number(idleDays)}${idleAtLeast ? '+' : ''} days`;
    const who = `${identity ? identityOf(identity) : 'what is gone'} in ${account?.name ?? '?'}`;
    const head = `${severity.toLowerCase().padEnd(8)} ${idle.padStart(10)}  ${printable(who)}  (${check.id})`;
    return `  ${head}\n${wrapped(why, width, 23)}`;
  });
  return entries.join('\n');
}

/** @param {any} identity */
function identityOf({ __typename: type, name, accessKeyId, user }) {
  const owner = user?.name ?? name;
  if (type === 'AccessKey') return `key ${accessKeyId ?? '(not named)'} of ${owner}`;
  return type === 'Password' ? `password of ${owner}` : `${type.toLowerCase()} ${owner}`;
}

/**
 * What is not known, and what to do about it.
 * @param {Results} results
 * @param {number} width
 */
function gaps({ blind, unknown, parked }, width) {
  const parts = [];
  if (blind.length > 0) {
    const entries = blind.map(({ awsAccountId, name, coverage, state, problem, remedy, lastScan }) => {
      const why = coverage === 'EXCLUDED' ? `AWS says ${state}; only ACTIVE accounts are scanned.` : '';
      const told = [why, lastScan?.reason ?? problem, lastScan?.remedy ?? remedy].filter(Boolean);
      const head = `  ${awsAccountId} ${printable(name)}: ${coverage.toLowerCase()}`;
      return [head, ...told.map((sentence) => wrapped(sentence, width, 4))].join('\n');
    });
    parts.push(heading('Accounts that are not seen properly'), entries.join('\n'));
  }
  if (unknown.totalCount > 0) {
    const entries = unknown.nodes.map(
      ({ reason, check, account, identity }) =>
        `  ${printable(`${identity?.name ?? '?'} in ${account?.name ?? '?'}`)}  (${check.id})\n${wrapped(reason, width, 4)}`,
    );
    const more = unknown.totalCount - unknown.nodes.length;
    if (more > 0) entries.push(`  and ${number(more)} more`);
    parts.push(heading(`Not known, and so never taken for unused: ${number(unknown.totalCount)}`), entries.join('\n'));
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

/** @param {Table.Table} table */
const text = (table) => indented(table.toString().split('\n'), 2);

/**
 * Words over lines, none of them cut off.
 * @param {string} sentence
 * @param {number} width
 * @param {number} indent
 */
function wrapped(sentence, width, indent) {
  const lines = [''];
  for (const word of printable(sentence).split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line && line.length + 1 + word.length > width - indent) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return indented(lines, indent);
}

/**
 * @param {string[]} lines
 * @param {number} indent
 */
const indented = (lines, indent) => lines.map((line) => `${' '.repeat(indent)}${line}`.trimEnd()).join('\n');
