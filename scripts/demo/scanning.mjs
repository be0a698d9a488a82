import { setTimeout as sleep } from 'node:timers/promises';
import { Block } from './block.mjs';
import { counted, number, seconds } from './wording.mjs';

/**
 * @typedef {object} Progress
 * @property {{ totalCount: number }} open tasks that are still to be done
 * @property {{ totalCount: number }} queued scans
 * @property {{ totalCount: number }} running
 * @property {{ totalCount: number, nodes: FinishedScan[] }} finished
 * @property {{ totalCount: number }} findings
 * @property {{ totalCount: number }} identities
 *
 * @typedef {object} FinishedScan
 * @property {string} id
 * @property {string} outcome
 * @property {string | null} reason
 * @property {number | null} identityCount
 * @property {number} awsCallCount
 * @property {string} startedAt
 * @property {string} finishedAt
 * @property {{ awsAccountId: string, name: string }} account
 */

const progressQuery = `query ($kinds: [String!]) {
  open: tasks(filter: { state: [WAITING, ADMITTED, RUNNING], kind: $kinds }) { totalCount }
  queued: scans(filter: { state: [QUEUED] }) { totalCount }
  running: scans(filter: { state: [RUNNING] }) { totalCount }
  finished: scans(first: 200, filter: { state: [FINISHED] }) {
    totalCount
    nodes { id outcome reason identityCount awsCallCount startedAt finishedAt account { awsAccountId name } }
  }
  findings(filter: { status: OPEN }) { totalCount }
  identities { totalCount }
}`;

const pauseMs = 300;
/** With more accounts than this, a line for each would be noise. */
const mostLines = 60;
const latestShown = 5;

/**
 * Shows how scanning goes until nothing is left to do.
 * @param {import('./api.mjs').Ask} ask
 * @param {object} options
 * @param {number} options.before how many scans had finished before these
 * @param {number} options.scannable accounts
 * @param {string[] | undefined} options.kinds of tasks to wait for; default: all
 * @param {AbortSignal} options.signal
 */
export async function followScanning(ask, { before, scannable, kinds, signal }) {
  const block = new Block();
  const shown = new Shown(block, before, scannable);
  for (;;) {
    const askedAt = performance.now();
    const progress = await ask(progressQuery, { kinds });
    shown.show(progress);
    if (progress.open.totalCount === 0) break;
    // Where counting takes long, looking must not be what the database is busy with.
    await sleep(Math.max(pauseMs, 4 * (performance.now() - askedAt)), undefined, { signal });
  }
  block.clear();
}

class Shown {
  #block;
  #before;
  #scannable;
  #seen = new Set();
  #findingsTold;
  #tenths = 0;

  /**
   * @param {Block} block
   * @param {number} before
   * @param {number} scannable
   */
  constructor(block, before, scannable) {
    this.#block = block;
    this.#before = before;
    this.#scannable = scannable;
    this.#findingsTold = before > 0;
  }

  /** @param {Progress} progress */
  show(progress) {
    const done = progress.finished.totalCount - this.#before;
    // What is not asked for yet will be; an account may be scanned more than once.
    const total = Math.max(this.#scannable, done + progress.running.totalCount + progress.queued.totalCount);
    this.#tellFirst(progress.findings.totalCount);
    this.#tellFinished(progress, total);
    this.#block.draw([
      `  ${bar(done, total)} ${done} of ${counted(total, 'account')}, ${progress.running.totalCount} being scanned`,
      `  ${counted(progress.identities.totalCount, 'identity', 'identities')}, ${counted(progress.findings.totalCount, 'finding')}` +
        (done === total ? `, ${counted(progress.open.totalCount, 'task')} left (naming keys of flagged users)` : ''),
      ...progress.finished.nodes
        .slice(0, done)
        .sort(lastFirst)
        .slice(0, latestShown)
        .map((scan) => `    ${line(scan)}`),
    ]);
  }

  /** @param {number} findings */
  #tellFirst(findings) {
    if (this.#findingsTold || findings === 0) return;
    this.#findingsTold = true;
    // From the start of the command, as people count.
    this.#block.say(`First findings after ${seconds(performance.now())}`);
  }

  /**
   * Where nothing can be redrawn: a line for each account, or for each tenth of many.
   * @param {Progress} progress
   * @param {number} total
   */
  #tellFinished({ finished, findings }, total) {
    if (this.#block.live) return;
    const done = finished.totalCount - this.#before;
    if (total > mostLines) {
      const tenths = Math.floor((10 * done) / total);
      if (tenths > this.#tenths) {
        this.#block.say(
          `  ${number(done)} of ${counted(total, 'account')} scanned, ${counted(findings.totalCount, 'finding')}`,
        );
      }
      this.#tenths = tenths;
      return;
    }
    const recent = finished.nodes.slice(0, done).filter(({ id }) => !this.#seen.has(id));
    for (const scan of recent.sort(lastFirst).reverse()) {
      this.#seen.add(scan.id);
      this.#block.say(`  ${line(scan)}`);
    }
  }
}

/**
 * @param {FinishedScan} a
 * @param {FinishedScan} b
 */
const lastFirst = (a, b) => (a.finishedAt > b.finishedAt ? -1 : 1);

/** @param {FinishedScan} scan */
function line({ account, outcome, identityCount, awsCallCount, startedAt, finishedAt, reason }) {
  const who = `${account.awsAccountId} ${account.name.padEnd(22)}`;
  if (outcome === 'FAILED') return `${who} failed: ${reason}`;
  const took = startedAt && finishedAt ? seconds(Date.parse(finishedAt) - Date.parse(startedAt)) : '';
  const what = outcome === 'COMPLETE' ? '' : `, not everything: ${reason}`;
  return `${who} ${counted(identityCount ?? 0, 'identity', 'identities')}, ${counted(awsCallCount, 'AWS call')}, ${took}${what}`;
}

function bar(/** @type {number} */ done, /** @type {number} */ total) {
  const filled = total === 0 ? 0 : Math.round((30 * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(30 - filled)}`;
}
