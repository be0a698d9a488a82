import { obeyClock } from './clock.mjs';
import { startIssuer } from './issuer.mjs';
import { people } from './people.mjs';
import { settingsFor } from './settings.mjs';

/**
 * Runs the issuer until a signal ends it.
 * @param {import('./options.mjs').IssuerOptions} options
 */
export async function runIssuer({ port, json }) {
  obeyClock();
  const { issuer, stop } = await startIssuer(port);
  const settings = settingsFor(issuer);
  if (json) process.stdout.write(`${JSON.stringify({ issuer, settings })}\n`);
  else {
    const names = people.map(({ id, what }) => `  ${id.padEnd(8)}${what}`).join('\n');
    process.stdout.write(`The issuer listens at ${issuer}. There sign in:\n${names}\n\nTell Mothball about it:\n`);
    process.stdout.write(`  MOTHBALL_OIDC='${JSON.stringify(settings)}' npm start\n`);
  }
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.once(signal, resolve);
  });
  await stop();
}
