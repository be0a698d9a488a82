import { say } from '../lib/progress.mjs';
import { rowsWrittenBy } from './results.mjs';
import { followScanning } from './scanning.mjs';
import { callsBetween } from './simulator.mjs';

/** What scanning consists of; others may wait for a minute, or for days. */
const scanningKinds = ['start-sweep', 'scan-account', 'close-scan', 'judge-account', 'look-up-credentials'];

/**
 * @typedef {object} Cost of scanning everything once
 * @property {number} awsCalls as AWS counted them
 * @property {number} rowsWritten of the inventory
 * @property {number} wallMs until nothing was left to do
 */

/**
 * Scans all accounts, and once more if asked to.
 * @param {import('./api.mjs').Ask} ask
 * @param {object} options
 * @param {import('./simulator.mjs').Simulator} options.simulator
 * @param {import('./stage.mjs').Tenant[]} options.tenants
 * @param {number} options.scannable accounts
 * @param {boolean} options.twice
 * @param {AbortSignal} options.signal
 * @param {() => Promise<void>} startFirst gives the accounts to their tenants, which scans each for the first time
 * @returns {Promise<Cost[]>}
 */
export async function scanAll(ask, { simulator, tenants, scannable, twice, signal }, startFirst) {
  const measure = async (/** @type {() => Promise<void>} */ start) => {
    const before = { calls: await simulator.control('counters'), scans: await finishedScans(ask) };
    const startedAt = performance.now();
    await start();
    await followScanning(ask, { before: before.scans, scannable, kinds: scanningKinds, signal });
    const wallMs = Math.round(performance.now() - startedAt);
    const scans = (await finishedScans(ask)) - before.scans;
    return {
      awsCalls: callsBetween(before.calls, await simulator.control('counters')),
      rowsWritten: await rowsWrittenBy(ask, scans),
      wallMs,
    };
  };
  const costs = [await measure(startFirst)];
  if (twice) {
    say('Scanning everything again …');
    costs.push(await measure(() => startSweeps(ask, tenants)));
  }
  return costs;
}

/**
 * Scans all accounts once more, at another time.
 * @param {import('./api.mjs').Ask} ask
 * @param {object} options
 * @param {import('./stage.mjs').Tenant[]} options.tenants
 * @param {number} options.scannable accounts
 * @param {AbortSignal} options.signal
 */
export async function scanAgain(ask, { tenants, scannable, signal }) {
  const before = await finishedScans(ask);
  await startSweeps(ask, tenants);
  await followScanning(ask, { before, scannable, kinds: scanningKinds, signal });
}

/** @param {import('./api.mjs').Ask} ask */
async function finishedScans(ask) {
  return (await ask('{ scans(filter: { state: [FINISHED] }) { totalCount } }')).scans.totalCount;
}

/**
 * @param {import('./api.mjs').Ask} ask
 * @param {import('./stage.mjs').Tenant[]} tenants
 */
async function startSweeps(ask, tenants) {
  for (const { id: tenant } of tenants) {
    // In a small organization a tenant may have none, which is an error for a sweep.
    const { accounts } = await ask(
      `query ($tenant: ID!) {
        accounts(tenant: $tenant, filter: { coverage: [COMPLETE, PARTIAL, FAILED, STALE, NO_ACCESS] }) { totalCount }
      }`,
      { tenant },
    );
    if (accounts.totalCount > 0) {
      await ask('mutation ($tenant: ID!) { startSweep(tenant: $tenant) { id } }', { tenant });
    }
  }
}
