import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { dist } from '../lib/paths.mjs';
import { say, step } from '../lib/progress.mjs';
import { apiClient } from './api.mjs';
import { Crew } from './crew.mjs';
import { timeMachine } from './clean-up/time.mjs';
import { cleanUp } from './clean-up/walk.mjs';
import { openDemoDatabase } from './database.mjs';
import { serviceEnvironment } from './environment.mjs';
import { invitation } from './invitation.mjs';
import { startIssuer } from './issuer.mjs';
import { Telling } from './notifications/telling.mjs';
import { forgetQueue } from './queue.mjs';
import { report } from './report.mjs';
import { fetchResults, jsonOf } from './results.mjs';
import { scanAgain, scanAll } from './scans.mjs';
import { startSimulator } from './simulator.mjs';
import { assignAccounts, connectOrganization, createTenants, syncOrganization } from './stage.mjs';
import { counted, seconds } from './wording.mjs';

const minutesOfADay = 24 * 60;

/**
 * @typedef {import('./options.mjs').Options} Options
 * @typedef {import('./invitation.mjs').Addresses} Addresses
 * @typedef {{ simulator: import('./simulator.mjs').Simulator, url: string, token: string }} Running
 */

/**
 * Runs the demo: the service as it is, on a simulated AWS, used through its API by a client like any other.
 * @param {Options} options
 * @returns {Promise<number>} the exit status
 */
export async function demo(options) {
  const crew = new Crew();
  const queuePrefix = `demo-${randomBytes(6).toString('hex')}`;
  const interruption = listenForSignals(crew);
  const opening = openDemoDatabase();
  try {
    const ended = Promise.race([
      crew.ended,
      opening.then((database) => database.ended).then((reason) => `The database ended: ${reason}.`),
    ]).then((reason) => Promise.reject(new Failure(reason)));
    return await Promise.race([
      perform(options, { crew, opening, queuePrefix, interruption }),
      ended,
      interruption.status,
    ]);
  } catch (error) {
    if (crew.lastWords()) say(crew.lastWords());
    throw error;
  } finally {
    interruption.abort();
    await crew.stop();
    await (await opening.catch(() => null))?.stop();
    await forgetQueue(queuePrefix);
    interruption.end();
  }
}

/**
 * @param {Options} options
 * @param {object} stage
 * @param {Crew} stage.crew
 * @param {ReturnType<typeof openDemoDatabase>} stage.opening
 * @param {string} stage.queuePrefix
 * @param {ReturnType<typeof listenForSignals>} stage.interruption
 * @returns {Promise<number>}
 */
async function perform(options, { crew, opening, queuePrefix, interruption }) {
  const { signal } = interruption;
  const [{ urls, encryptionKeys }, simulator, issuer] = await Promise.all([
    opening,
    startSimulator(crew, options.sizes, signal),
    startIssuer(crew),
  ]);
  const { url, token } = await step('Starting api and worker', () =>
    startService(crew, { urls, encryptionKeys, simulator, issuer, queuePrefix, port: options.port }),
  );
  const ask = apiClient(url, token, signal);
  const tenants = await createTenants(ask);
  const telling = new Telling(crew, url, signal);
  await telling.begin(tenants);
  const organization = await connectOrganization(ask, simulator);
  const addresses = {
    graphqlUrl: url,
    wsUrl: url.replace(/^http/, 'ws'),
    simulatorUrl: simulator.url,
    signIn: { url: url.replace(/graphql$/, ''), issuer: issuer.url, people: issuer.people },
    tokens: { platform: token, tenants },
  };
  if (options.readyFile) writeReadyFile(options.readyFile, addresses);
  const { listed, scannable } = await step('Listing the accounts of the organization', () =>
    syncOrganization(ask, organization, signal),
  );
  await telling.activate();
  say(`Scanning ${counted(listed, 'account')} for ${tenants.map(({ name }) => name).join(' and ')} …`);
  const scans = await scanAll(ask, { simulator, tenants, scannable, signal, twice: options.rescan }, () =>
    assignAccounts(ask, organization, tenants),
  );
  // With --json, what people read goes to standard error.
  const print = options.json ? say : (/** @type {string} */ text) => void process.stdout.write(`${text}\n`);
  const pass = timeMachine({ crew, simulator, ownerUrl: urls.owner });
  let cleanup;
  if (options.cleanUp) {
    const { externalIdPrefix } = organization.setup;
    print('\nA clean-up, from the plan to a restore\n──────────────────────────────────────\n');
    cleanup = await cleanUp({ url, issuer: issuer.url, externalIdPrefix, simulator, pass, signal, print });
    if (cleanup.plans > 0) {
      say('\nScanning everything again, as things are by then …');
      await scanAgain(ask, { tenants, scannable, signal });
    }
  }
  // What happens in an account is gathered for a minute before it is told together.
  await pass(2 / minutesOfADay);
  const notifications = await telling.end();
  print('\nWho was told\n────────────\n');
  print(`  ${await telling.told(notifications)}`);
  const results = await fetchResults(ask);
  const calls = await simulator.control('counters');
  // From the start of the command, so with installing and compiling where these were needed.
  const wallMs = performance.now();
  const shown = report(results, calls, { columns: process.stdout.columns, scans: options.rescan ? scans : undefined });
  const closing = `All of it took ${seconds(wallMs)}.`;
  print(`\n${shown}\n\n${closing}\n`);
  if (!options.once) print(`${invitation(addresses)}\n`);
  if (options.json) {
    const { signIn } = addresses;
    const json = {
      ...jsonOf(results, calls, { wallMs, ...(options.rescan ? { scans } : {}) }),
      ...(cleanup ? { cleanup } : {}),
      notifications,
      signIn,
    };
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }
  if (!options.once) return interruption.awaited();
  return results.parked.totalCount > 0 ? 1 : 0;
}

/**
 * Api and worker, as separate processes. Whichever comes first on the empty database prints the first token.
 * @param {Crew} crew
 * @param {object} options
 * @param {import('../lib/provision.mjs').LoginUrls} options.urls
 * @param {string | null} options.encryptionKeys
 * @param {import('./simulator.mjs').Simulator} options.simulator
 * @param {import('./issuer.mjs').Issuer} options.issuer
 * @param {string} options.queuePrefix
 * @param {number} options.port
 * @returns {Promise<{ url: string, token: string }>}
 */
async function startService(crew, { urls, encryptionKeys, simulator, issuer, queuePrefix, port }) {
  let tellToken = (/** @type {string} */ _token) => {};
  const token = new Promise((resolve) => (tellToken = resolve));
  const start = (/** @type {'api' | 'worker'} */ role, /** @type {number} */ rolePort) =>
    crew.start(role, join(dist, 'src', 'main.js'), {
      args: ['--role', role],
      env: serviceEnvironment({ urls, encryptionKeys, simulator, issuer, queuePrefix, role, port: rolePort }),
      ready: ({ message, line }) => {
        const printed = /\bmothball_[A-Za-z0-9_-]{43}\b/.exec(line ?? '')?.[0];
        if (printed) tellToken(printed);
        return message?.type === 'ready' ? message.port : undefined;
      },
    });
  const [apiPort] = await Promise.all([start('api', port), start('worker', 0)]);
  return { url: `http://127.0.0.1:${apiPort}/graphql`, token: await token };
}

/**
 * Whole or not at all: somebody may be waiting for it.
 * @param {string} file
 * @param {Addresses} addresses
 */
function writeReadyFile(file, addresses) {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(addresses)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, file);
}

/**
 * The first signal ends everything in order, a second one (not merely the copy that npm passes on) at once.
 * @param {Crew} crew
 */
function listenForSignals(crew) {
  const controller = new AbortController();
  let askedAt = 0;
  let awaited = false;
  /** @type {Promise<number>} */
  const status = new Promise((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(awaited ? 0 : controller.signal.reason));
  });
  const onSignal = (/** @type {NodeJS.Signals} */ name) => {
    if (askedAt && performance.now() - askedAt > 1_000) crew.kill();
    askedAt ||= performance.now();
    controller.abort(128 + constants.signals[name]);
  };
  const names = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    /** The exit status that a signal leads to. */
    status,
    /** From now on a signal is how the demo is meant to end. */
    awaited: () => {
      awaited = true;
      return status;
    },
    abort: () => controller.abort(0),
    end: () => names.forEach((name) => process.off(name, onSignal)),
  };
}
