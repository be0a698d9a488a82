import { withClient } from '../../lib/database-client.mjs';

const dayMs = 86_400_000;

/**
 * Lets time go by for everybody in the demo: in AWS, in the service, for the issuer of its people's tokens, and where
 * messages arrive.
 * @callback Pass
 * @param {number} days
 * @param {() => Promise<unknown>} [meanwhile] what happens in AWS at the end of them, before anybody looks
 * @returns {Promise<void>}
 */

/**
 * @param {object} world
 * @param {import('../crew.mjs').Crew} world.crew
 * @param {import('../simulator.mjs').Simulator} world.simulator
 * @param {string} world.ownerUrl
 * @returns {Pass}
 */
export function timeMachine({ crew, simulator, ownerUrl }) {
  return async (days, meanwhile) => {
    // AWS first: nothing that it says may lie in the service's future.
    const { aheadMs } = await simulator.control('pass', { ms: Math.round(days * dayMs) });
    await meanwhile?.();
    await Promise.all(['issuer', 'receiver', 'api', 'worker'].map((name) => putAhead(crew, name, aheadMs)));
    await withClient(ownerUrl, doWhatIsDue);
  };
}

/**
 * @param {import('../crew.mjs').Crew} crew
 * @param {string} name
 * @param {number} aheadMs
 */
const putAhead = (crew, name, aheadMs) =>
  crew.tell(name, { type: 'clock', aheadMs }, ({ message }) =>
    message?.type === 'clock' && message.aheadMs === aheadMs ? true : undefined,
  );

/**
 * The database keeps the real time, and with it what is done by the hour. In the days that went by this would have been.
 * @param {import('pg').Client} client
 */
const doWhatIsDue = (client) =>
  client.query(
    `UPDATE mothball.schedules SET next_due_at = now()
     WHERE kind IN ('watch-quarantines', 'watch-deliveries', 'watch-tickets')`,
  );
