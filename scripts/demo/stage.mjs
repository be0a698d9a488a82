import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../lib/failure.mjs';
import { pages } from './api.mjs';

/**
 * @typedef {import('./api.mjs').Ask} Ask
 * @typedef {import('./simulator.mjs').Simulator} Simulator
 * @typedef {{ id: string, name: string, token: string }} Tenant
 * @typedef {{ id: string, setup: any }} Organization
 */

/** Whose accounts are whose: by organizational unit, and the rest to the last one. */
const teams = [
  { name: 'Product Engineering', units: ['/Workloads'] },
  { name: 'Cloud Platform', units: ['/Security', '/Infrastructure'] },
];

/** So that a list of ids fits into one request. */
const assignedAtOnce = 2_000;

/**
 * The tenants, each with a token of its own.
 * @param {Ask} ask
 * @returns {Promise<Tenant[]>}
 */
export async function createTenants(ask) {
  const tenants = [];
  for (const { name } of teams) {
    const { createTenant: tenant } = await ask('mutation ($name: String!) { createTenant(name: $name) { id name } }', {
      name,
    });
    const { createToken: token } = await ask(
      'mutation ($tenant: ID!) { createToken(tenant: $tenant, name: "demo", role: ADMIN) { secret } }',
      { tenant: tenant.id },
    );
    tenants.push({ ...tenant, token: token.secret });
  }
  return tenants;
}

/**
 * Connects the organization, and creates in it what the answer asks for, as people would with a StackSet. Each role may do
 * what Mothball says that it needs, and nothing more.
 * @param {Ask} ask
 * @param {Simulator} simulator
 * @returns {Promise<Organization>}
 */
export async function connectOrganization(ask, simulator) {
  const { managementAccountId, credentials, control } = simulator;
  const { connectOrganization: organization } = await ask(
    `mutation ($managementAccountId: String!) {
      connectOrganization(name: "Acme", managementAccountId: $managementAccountId) {
        id
        setup { scanRoleName externalIdPrefix managementScan { permissions } listing { roleArn permissions } }
      }
    }`,
    { managementAccountId },
  );
  const { scanRoleName, externalIdPrefix, managementScan, listing } = organization.setup;
  const trusted = { trustedPrincipalArn: credentials.userArn, externalIdPrefix };
  await control('deploy-role', {
    ...trusted,
    roleName: scanRoleName,
    policyDocument: allowing(managementScan.permissions),
    accounts: 'all',
  });
  await control('deploy-role', {
    ...trusted,
    roleName: listing.roleArn.split('/').at(-1),
    policyDocument: allowing(listing.permissions),
    accounts: [managementAccountId],
  });
  return organization;
}

/** @param {string[]} actions */
const allowing = (actions) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

/**
 * Has the accounts listed. Answers how many there are, and how many of them can be scanned.
 * @param {Ask} ask
 * @param {Organization} organization
 * @param {AbortSignal} signal
 * @returns {Promise<{ listed: number, scannable: number }>}
 */
export async function syncOrganization(ask, { id }, signal) {
  await ask('mutation ($id: ID!) { syncOrganization(id: $id) { id } }', { id });
  for (;;) {
    const { organization, accounts, excluded } = await ask(
      `query ($id: ID!) {
        organization(id: $id) { syncedAt problem remedy }
        accounts { totalCount }
        excluded: accounts(filter: { coverage: [EXCLUDED] }) { totalCount }
      }`,
      { id },
    );
    if (organization.problem) {
      throw new Failure(`The organization could not be listed: ${organization.problem} ${organization.remedy ?? ''}`);
    }
    if (organization.syncedAt) {
      return { listed: accounts.totalCount, scannable: accounts.totalCount - excluded.totalCount };
    }
    await sleep(100, undefined, { signal });
  }
}

/**
 * Gives every account to a tenant. Its first scan starts by that.
 * @param {Ask} ask
 * @param {Organization} organization
 * @param {Tenant[]} tenants
 */
export async function assignAccounts(ask, organization, tenants) {
  for (const { name, units } of teams) {
    const tenant = tenants.find((one) => one.name === name)?.id;
    for (const ouPath of units) {
      await ask(
        `mutation ($tenant: ID!, $organization: ID!, $ouPath: String!) {
          assignAccounts(tenant: $tenant, organization: $organization, ouPath: $ouPath) { moved }
        }`,
        { tenant, organization: organization.id, ouPath },
      );
    }
  }
  const rest = await accountsElsewhere(ask);
  for (let from = 0; from < rest.length; from += assignedAtOnce) {
    await ask(
      'mutation ($tenant: ID!, $accountIds: [ID!]!) { assignAccounts(tenant: $tenant, accountIds: $accountIds) { moved } }',
      { tenant: tenants.at(-1)?.id, accountIds: rest.slice(from, from + assignedAtOnce) },
    );
  }
}

/**
 * The ids of the accounts that no unit above covers.
 * @param {Ask} ask
 */
async function accountsElsewhere(ask) {
  const units = teams.flatMap((team) => team.units);
  const query = `query ($after: String) {
    page: accounts(first: 200, after: $after) { nodes { id ouPath } pageInfo { hasNextPage endCursor } }
  }`;
  const ids = [];
  for await (const nodes of pages(ask, query)) {
    for (const { id, ouPath } of nodes) {
      if (!units.some((unit) => `${ouPath}/`.startsWith(`${unit}/`))) ids.push(id);
    }
  }
  return ids;
}
