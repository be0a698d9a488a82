/**
 * @typedef {import('../api.mjs').Ask} Ask
 * @typedef {import('./roles.mjs').Account} Account
 *
 * @typedef {object} Choice
 * @property {Account[]} accounts
 * @property {string[]} findingIds
 */

const checks = ['unused-user', 'unused-role', 'unused-access-key'];
/** Each is worked on by itself, and so at the same time as the others. */
const mostAccounts = 3;
const mostOfCheck = 3;

const groupsQuery = `query ($check: String!) {
  findingGroups(by: ACCOUNT, first: 200, filter: { status: [OPEN], check: [$check] }) { nodes { key count } }
}`;

const findingsQuery = `query ($check: String!, $accounts: [String!]!) {
  findings(first: 100, filter: { status: [OPEN], check: [$check], account: { awsAccountIds: $accounts } }, orderBy: IDLE_DAYS_DESC) {
    nodes {
      id account { id awsAccountId name }
      identity {
        tags { key value }
        ... on User { uniqueId attachedPolicyArns inlinePolicyNames groups }
        ... on Role { attachedPolicyArns inlinePolicyNames }
        ... on AccessKey { user { uniqueId tags { key value } } }
      }
    }
  }
}`;

/**
 * A few unused users, roles and keys in the accounts that have most of them, idle the longest first; and, where there is
 * one, something that code manages, to see it refused. Null: there is nothing to clean up.
 * @param {Ask} ask
 * @returns {Promise<Choice | null>}
 */
export async function choose(ask) {
  const accounts = await fullestAccounts(ask);
  if (accounts.length === 0) return null;
  const users = new Set();
  /** @type {any[]} */
  const chosen = [];
  for (const check of checks) {
    const { findings } = await ask(findingsQuery, { check, accounts });
    const possible = findings.nodes.filter(({ identity }) => identity && !users.has(identity.user?.uniqueId));
    const usable = possible.filter(({ identity }) => grantsSomething(identity) && !isManagedAsCode(identity));
    const managed = check === 'unused-role' ? possible.filter(({ identity }) => isManagedAsCode(identity)) : [];
    const taken = spread(usable).slice(0, mostOfCheck);
    chosen.push(...taken, ...managed.slice(0, 1));
    for (const { identity } of taken) if (check === 'unused-user') users.add(identity.uniqueId);
  }
  if (chosen.length === 0) return null;
  const held = new Map(chosen.map(({ account }) => [account.id, account]));
  return { accounts: [...held.values()], findingIds: chosen.map(({ id }) => id) };
}

/** @param {Ask} ask */
async function fullestAccounts(ask) {
  /** @type {Map<string, number>} */
  const points = new Map();
  for (const check of checks) {
    const { findingGroups } = await ask(groupsQuery, { check });
    for (const { key, count } of findingGroups.nodes) {
      points.set(key, (points.get(key) ?? 0) + Math.min(count, 2 * mostOfCheck));
    }
  }
  return [...points]
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostAccounts)
    .map(([awsAccountId]) => awsAccountId);
}

/**
 * One of each account, then the next one of each.
 * @param {any[]} findings
 */
function spread(findings) {
  const seen = new Map();
  const turns = findings.map((finding) => {
    const turn = seen.get(finding.account.id) ?? 0;
    seen.set(finding.account.id, turn + 1);
    return { finding, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ finding }) => finding);
}

/** Of what may do nothing AWS cannot say whether it tried, and so it is never deleted. A key's user is not asked. */
const grantsSomething = ({ attachedPolicyArns, inlinePolicyNames, groups = [] }) =>
  attachedPolicyArns === undefined || attachedPolicyArns.length + inlinePolicyNames.length + groups.length > 0;

const isManagedAsCode = ({ tags, user }) =>
  [...tags, ...(user?.tags ?? [])].some(({ key }) => key === 'managed-by' || key.startsWith('aws-cdk'));
