/**
 * @typedef {object} Addresses
 * @property {string} graphqlUrl
 * @property {string} wsUrl
 * @property {string} simulatorUrl
 * @property {{ url: string, issuer: string, people: { name: string, what: string }[] }} signIn
 * @property {{ platform: string, tenants: import('./stage.mjs').Tenant[] }} tokens
 */

const queries = [
  [
    'What is worst right now?',
    '{ findings(first: 5, filter: { status: OPEN }, orderBy: IDLE_DAYS_DESC) { totalCount nodes { severity idleDays why account { name } identity { arn } } } }',
  ],
  [
    'Access keys not used for 90 days, never-used ones included, whose user is not jenkins or ci, counted by user',
    '{ identityGroups(by: USER, first: 10, filter: { kind: ACCESS_KEY, active: true, lastUsed: { olderThanDays: 90, includeNeverUsed: true }, user: { name: { notIn: ["jenkins", "ci"] } } }) { totalMatched nodes { label count key } } }',
  ],
  [
    'Which accounts are not seen properly, and what is to be done?',
    '{ accounts(filter: { coverage: [NO_ACCESS, FAILED, PARTIAL, STALE, PENDING] }) { nodes { awsAccountId name coverage problem remedy lastScan { reason remedy } } } }',
  ],
];

/**
 * What to try now.
 * @param {Addresses} addresses
 * @returns {string}
 */
export function invitation({ graphqlUrl, simulatorUrl, signIn, tokens }) {
  const [tenant] = tokens.tenants;
  const lines = queries.flatMap(([question, query]) => [
    `# ${question}`,
    `curl -s ${graphqlUrl} -H 'content-type: application/json' -H 'authorization: Bearer ${tenant?.token}' -d '${JSON.stringify({ query })}'`,
    '',
  ]);
  return [
    'Try it while it runs',
    '────────────────────',
    '',
    `Sign in     ${signIn.url}   (no password; as one of these)`,
    ...signIn.people.map(({ name, what }) => `              ${name.padEnd(8)}${what}`),
    `GraphQL     ${graphqlUrl}   (in a browser: the explorer; sign in first, or add the header below)`,
    `Simulator   ${simulatorUrl}/_control   (travel in time, use an identity, break something, ask for the truth)`,
    `A token     authorization: Bearer ${tenant?.token}   (${tenant?.name})`,
    `All tenants authorization: Bearer ${tokens.platform}   (the platform’s)`,
    '',
    ...lines,
    'Ctrl-C ends everything; nothing is kept.',
  ].join('\n');
}
