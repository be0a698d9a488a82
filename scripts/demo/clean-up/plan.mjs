import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../lib/failure.mjs';

/**
 * @typedef {import('../api.mjs').Ask} Ask
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {'USER' | 'ROLE' | 'ACCESS_KEY' | 'OBSERVED_KEY' | 'PASSWORD'} course
 * @property {string} name
 * @property {string} awsAccountId
 * @property {string} uniqueId
 * @property {string | null} accessKeyId
 * @property {string} outcome
 * @property {string} stage
 * @property {string | null} reason
 * @property {string | null} nextAt
 * @property {string | null} quarantinedAt
 * @property {string | null} deletionDueAt
 * @property {string[]} losses
 * @property {{ detail: string } | null} life
 *
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} state
 * @property {string | null} reason
 * @property {string | null} remedy
 * @property {string | null} manifestHash
 * @property {Item[]} items
 */

const pauseMs = 250;
const ended = new Set(['REFUSED', 'DELETED', 'RESTORED', 'RECREATED', 'DROPPED', 'CANCELLED', 'REHEARSED']);
const patienceMs = 120_000;

const planQuery = `query ($id: ID!) {
  plan(id: $id) {
    id state reason remedy manifestHash
    items(first: 100) {
      nodes {
        id course name awsAccountId uniqueId accessKeyId outcome stage reason nextAt quarantinedAt deletionDueAt losses
        life { detail }
      }
    }
  }
}`;

/**
 * @param {Ask} ask
 * @param {string} id
 * @returns {Promise<Plan>}
 */
export async function planAt(ask, id) {
  const { plan } = await ask(planQuery, { id });
  return { ...plan, items: plan.items.nodes };
}

/**
 * Waits until nothing of the plan is to be done now, by the service's clock.
 * @param {Ask} ask
 * @param {string} id
 * @param {{ now: () => number, signal: AbortSignal, unless?: (item: Item) => boolean }} options `unless`: still waits for this
 * @returns {Promise<Plan>}
 */
export async function settled(ask, id, { now, signal, unless = () => false }) {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const plan = await planAt(ask, id);
    const open = plan.items.filter((item) => isDue(item, now()) || unless(item));
    // The plan is completed a moment after its last item.
    const isEnding = plan.state === 'APPROVED' && plan.items.every(({ outcome }) => ended.has(outcome));
    if (open.length === 0 && !isEnding) return plan;
    if (performance.now() > giveUpAt) {
      const told = open.map(({ course, name, stage, reason }) => `${course} ${name}: ${stage} ${reason ?? ''}`);
      throw new Failure(`The plan, which is ${plan.state}, did not get on with:\n  ${told.join('\n  ')}`);
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

/**
 * @param {Item} item
 * @param {number} now
 */
const isDue = ({ outcome, nextAt }, now) =>
  outcome === 'WAITING' || outcome === 'UNDER_WAY' || (nextAt !== null && Date.parse(nextAt) <= now);

const kinds = {
  USER: 'user',
  ROLE: 'role',
  ACCESS_KEY: 'access key',
  OBSERVED_KEY: 'access key',
  PASSWORD: 'password',
};

/** "3 users, 4 roles and 2 access keys". */
export function tally(/** @type {Item[]} */ items) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { course } of items) counts.set(kinds[course], (counts.get(kinds[course]) ?? 0) + 1);
  const parts = [...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  return [parts.slice(0, -1).join(', '), parts.at(-1) ?? 'nothing'].filter(Boolean).join(' and ');
}

/** "user anna" */
export const called = (/** @type {Item} */ { course, name, accessKeyId }) =>
  accessKeyId ? `key ${accessKeyId} of ${name}` : `${kinds[course]} ${name}`;
