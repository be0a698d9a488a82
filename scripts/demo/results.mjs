import { pages } from './api.mjs';

/**
 * @typedef {import('./api.mjs').Ask} Ask
 * @typedef {{ key: string, label: string, count: number }} Group
 *
 * @typedef {object} Results what the API says when all is done
 * @property {Record<'listed' | 'scanned' | 'partial' | 'failed' | 'skipped', number>} accounts
 * @property {number} identities
 * @property {number} open findings
 * @property {Group[]} byCheck
 * @property {Group[]} byAccount every account that has findings
 * @property {Record<string, Group[]>} byCheckAndAccount by the id of the check, the largest accounts
 * @property {any[]} worst
 * @property {any[]} blind accounts that are not seen properly
 * @property {{ totalCount: number, nodes: any[] }} unknown
 * @property {{ totalCount: number, nodes: { kind: string, errorMessage: string }[] }} parked tasks
 */

/** As many groups as one answer may have. */
const mostGroups = 1_000;

const coverageQuery = `{
  listed: accounts { totalCount }
  scanned: accounts(filter: { coverage: [COMPLETE] }) { totalCount }
  partial: accounts(filter: { coverage: [PARTIAL, STALE] }) { totalCount }
  failed: accounts(filter: { coverage: [FAILED, NO_ACCESS] }) { totalCount }
  skipped: accounts(filter: { coverage: [EXCLUDED, LEFT, PENDING] }) { totalCount }
  identities { totalCount }
}`;

const findingsQuery = `{
  byCheck: findingGroups(by: CHECK, filter: { status: [OPEN] }) { totalMatched nodes { key label count } }
  byAccount: findingGroups(by: ACCOUNT, filter: { status: [OPEN] }, first: ${mostGroups}) { groupCount nodes { key label count } }
  worst: findings(first: 15, filter: { status: [OPEN] }, orderBy: SEVERITY_DESC) {
    nodes {
      severity idleDays idleAtLeast why check { id } account { awsAccountId name }
      identity { __typename name ... on AccessKey { accessKeyId user { name } } ... on Password { user { name } } }
    }
  }
}`;

const gapsQuery = `{
  blind: accounts(first: 50, filter: { coverage: [NO_ACCESS, FAILED, PARTIAL, STALE, PENDING, EXCLUDED, LEFT] }) {
    nodes { awsAccountId name coverage state problem remedy lastScan { reason remedy } }
  }
  unknown: unknowns(first: 10) {
    totalCount
    nodes { reason check { id } account { awsAccountId name } identity { __typename name } }
  }
  parked: tasks(first: 5, filter: { state: [FAILED] }) { totalCount nodes { kind errorMessage } }
}`;

/**
 * @param {Ask} ask
 * @returns {Promise<Results>}
 */
export async function fetchResults(ask) {
  const { identities, ...coverage } = await ask(coverageQuery);
  const { byCheck, byAccount, worst } = await ask(findingsQuery);
  const { blind, unknown, parked } = await ask(gapsQuery);
  return {
    accounts: Object.fromEntries(Object.entries(coverage).map(([name, { totalCount }]) => [name, totalCount])),
    identities: identities.totalCount,
    open: byCheck.totalMatched,
    byCheck: byCheck.nodes,
    byAccount: byAccount.groupCount > mostGroups ? await everyAccount(ask) : byAccount.nodes,
    byCheckAndAccount: await accountsOfChecks(ask, byCheck.nodes),
    worst: worst.nodes,
    blind: blind.nodes,
    unknown,
    parked,
  };
}

/**
 * Each check's findings by account, in one request.
 * @param {Ask} ask
 * @param {Group[]} checks
 * @returns {Promise<Record<string, Group[]>>}
 */
async function accountsOfChecks(ask, checks) {
  if (checks.length === 0) return {};
  const fields = checks.map(
    ({ key }, index) =>
      `c${index}: findingGroups(by: ACCOUNT, first: ${mostGroups}, filter: { status: [OPEN], check: [${JSON.stringify(key)}] }) ` +
      '{ nodes { key label count } }',
  );
  const answer = await ask(`{ ${fields.join('\n')} }`);
  return Object.fromEntries(checks.map(({ key }, index) => [key, answer[`c${index}`].nodes]));
}

/**
 * The findings of more accounts than one list of groups may have.
 * @param {Ask} ask
 * @returns {Promise<Group[]>}
 */
async function everyAccount(ask) {
  const listing = `query ($after: String) {
    page: accounts(first: 200, after: $after) { nodes { awsAccountId } pageInfo { hasNextPage endCursor } }
  }`;
  const counting = `query ($ids: [String!]!) {
    findingGroups(by: ACCOUNT, first: 200, filter: { status: [OPEN], account: { awsAccountIds: $ids } }) { nodes { key label count } }
  }`;
  const groups = [];
  for await (const nodes of pages(ask, listing)) {
    const ids = nodes.map(({ awsAccountId }) => awsAccountId);
    groups.push(...(await ask(counting, { ids })).findingGroups.nodes);
  }
  return groups.sort((a, b) => b.count - a.count);
}

/**
 * How many rows of the inventory the newest scans have written.
 * @param {Ask} ask
 * @param {number} scans how many of them
 */
export async function rowsWrittenBy(ask, scans) {
  const query = `query ($after: String) {
    page: scans(first: 200, after: $after) { nodes { rowsWritten } pageInfo { hasNextPage endCursor } }
  }`;
  let [left, rows] = [scans, 0];
  for await (const nodes of pages(ask, query)) {
    for (const { rowsWritten } of nodes.slice(0, left)) rows += rowsWritten;
    left -= nodes.length;
    if (left <= 0) break;
  }
  return rows;
}

/**
 * The one object of `--json`.
 * @param {Results} results
 * @param {import('./simulator.mjs').Counters} calls
 * @param {{ wallMs: number, scans?: object[] }} times
 */
export function jsonOf({ accounts, identities, open, byCheck, byAccount, unknown }, calls, { wallMs, scans }) {
  const counts = (/** @type {Group[]} */ groups) => Object.fromEntries(groups.map(({ key, count }) => [key, count]));
  const byAction = Object.entries(calls.byAction).map(([action, { calls: count }]) => [action, count]);
  return {
    accounts,
    identities,
    findings: { open, byCheck: counts(byCheck), byAccount: counts(byAccount) },
    unknown: unknown.totalCount,
    awsCalls: { total: calls.total, throttled: calls.throttled, byAction: Object.fromEntries(byAction) },
    wallMs: Math.round(wallMs),
    ...(scans ? { scans } : {}),
  };
}
