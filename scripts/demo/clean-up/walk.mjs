import { Failure } from '../../lib/failure.mjs';
import { apiClient } from '../api.mjs';
import { counted, printable } from '../wording.mjs';
import { choose } from './choice.mjs';
import { writesOutside } from './outside.mjs';
import { called, planAt, settled, tally } from './plan.mjs';
import { giveRoles } from './roles.mjs';
import { signIn } from './sign-in.mjs';

/**
 * @typedef {import('./plan.mjs').Item} Item
 * @typedef {import('./plan.mjs').Plan} Plan
 *
 * @typedef {object} World
 * @property {string} url of the API
 * @property {string} issuer
 * @property {string} externalIdPrefix
 * @property {import('../simulator.mjs').Simulator} simulator
 * @property {import('./time.mjs').Pass} pass
 * @property {AbortSignal} signal
 * @property {(text: string) => void} print
 *
 * @typedef {object} Counts of `--json`
 * @property {number} plans
 * @property {number} items
 * @property {number} refused
 * @property {number} quarantined
 * @property {number} signsOfLife
 * @property {number} restored given back after a sign of life, or made again after their deletion
 * @property {number} deleted the restored ones included
 * @property {number} outsideManifest writes in AWS's own log about anything that the plan does not name by unique id
 */

/** So many days into the plan; roles are in quarantine for 35 days, which are announced two days before they end. */
const days = { life: 3, announced: 33, deletion: 36, users: 38 };

/** Something that each kind of role in the made-up organization might do. */
const errands = ['logs:PutLogEvents', 's3:GetObject', 'ssm:UpdateInstanceInformation', 'ec2:DescribeInstances'];

/** Of each tenant its administrator, who proposes, and an approver: the issuer's people. */
const teams = [
  { tenant: 'Product Engineering', admin: 'bob', approver: 'carol' },
  { tenant: 'Cloud Platform', admin: 'frank', approver: 'grace' },
];

/** @type {Counts} */
const nothing = {
  plans: 0,
  items: 0,
  refused: 0,
  quarantined: 0,
  signsOfLife: 0,
  restored: 0,
  deleted: 0,
  outsideManifest: 0,
};

/**
 * Takes a few findings of one tenant through clean-up, as two of its people do it with the API.
 * @param {World} world
 * @returns {Promise<Counts>}
 */
export async function cleanUp(world) {
  for (const team of teams) {
    const walk = new Walk(world, team);
    const choice = await walk.choose();
    if (choice) return walk.all(choice);
  }
  world.print('  Nobody has anything to clean up in this organization.');
  return nothing;
}

class Walk {
  #world;
  #team;
  #say;
  #detail;
  #admin;
  #approver;
  #days = 0;
  #planId = '';

  /**
   * @param {World} world
   * @param {typeof teams[number]} team
   */
  constructor(world, team) {
    this.#world = world;
    this.#team = team;
    this.#admin = named(team.admin);
    this.#approver = named(team.approver);
    this.#say = (/** @type {string} */ text) => world.print(`  ${printable(text)}`);
    this.#detail = (/** @type {string} */ text) => world.print(`    ${printable(text)}`);
  }

  /** Null: the tenant has nothing to clean up. */
  async choose() {
    return choose(await this.#as('admin'));
  }

  /** @param {import('./choice.mjs').Choice} choice */
  async all(choice) {
    const admin = await this.#as('admin');
    await this.#prepare(admin, choice.accounts);
    await this.#agree(admin, choice.findingIds);
    const working = await this.#showLife();
    await this.#goOn(working);
    await this.#restore();
    return this.#count();
  }

  /** @param {'admin' | 'approver'} role whose token lasts ten minutes, so they sign in anew after days */
  async #as(role) {
    const { url, issuer, signal } = this.#world;
    return apiClient(url, await signIn(issuer, this.#team[role], signal), signal);
  }

  /**
   * @param {import('../api.mjs').Ask} admin
   * @param {import('./roles.mjs').Account[]} accounts
   */
  async #prepare(admin, accounts) {
    const { simulator, externalIdPrefix } = this.#world;
    // AWS takes some seconds to say what an identity last tried; nobody should have to wait for that here.
    await simulator.control('switches', { services: { serviceLastAccessedPolls: 0 } });
    await Promise.all(accounts.map((account) => giveRoles(admin, { simulator, externalIdPrefix, account })));
    await admin('mutation { setCleanupSettings(enabled: true, dryRun: false) { cleanup { enabled } } }');
    const names = accounts.map(({ awsAccountId, name }) => `${awsAccountId} ${name}`).join(', ');
    this.#say(`Roles for clean-up and for restoring, as deploy/ has them, are in ${names}.`);
  }

  /**
   * @param {import('../api.mjs').Ask} admin
   * @param {string[]} findings
   */
  async #agree(admin, findings) {
    const { previewPlan } = await admin(
      `mutation ($findings: [ID!]!) {
        previewPlan(input: { findings: $findings, goal: DELETION, dryRun: false, title: "What nobody uses" }) { id }
      }`,
      { findings },
    );
    this.#planId = previewPlan.id;
    const { items } = await planAt(admin, previewPlan.id);
    const refused = items.filter(({ outcome }) => outcome === 'REFUSED');
    const rest = items.filter((item) => !refused.includes(item));
    this.#say(`${this.#admin} previews a plan of ${counted(findings.length, 'finding')}: ${tally(rest)} would go.`);
    for (const item of refused) this.#detail(`left out: ${called(item)}. ${item.reason}`);
    const { proposePlan } = await admin(
      'mutation ($id: ID!) { proposePlan(id: $id) { manifestHash approvalsNeeded } }',
      {
        id: previewPlan.id,
      },
    );
    const { manifestHash } = proposePlan;
    this.#say(
      `${this.#admin} proposes it. From here on it cannot be changed: its manifest is ${manifestHash.slice(0, 12)}….`,
    );
    const approver = await this.#as('approver');
    await approver(
      'mutation ($id: ID!, $hash: String!) { approvePlan(id: $id, manifestHash: $hash, note: "Looked at each") { id } }',
      { id: previewPlan.id, hash: manifestHash },
    );
    this.#say(`${this.#approver}, a second person, approves that manifest.`);
    const plan = await this.#settle(admin);
    const away = plan.items.filter(inQuarantine);
    this.#say(`${tally(away)} are in quarantine: refused everything, and nothing of them is lost.`);
    for (const item of plan.items.filter(({ outcome }) => outcome === 'HALTED' || outcome === 'DROPPED')) {
      this.#detail(`${item.outcome.toLowerCase()}: ${called(item)}. ${item.reason}`);
    }
  }

  /** A role turns out to be needed. @returns {Promise<Item | undefined>} */
  async #showLife() {
    const { items } = await planAt(await this.#as('admin'), this.#planId);
    const role = items.find((item) => inQuarantine(item) && item.course === 'ROLE');
    if (!role) {
      this.#say('No role is in quarantine, so none can show life.');
      return undefined;
    }
    const { awsAccountId: accountId, name: roleName } = role;
    await this.#until(days.life, async () => {
      for (const action of errands) await this.#world.simulator.control('attempt', { accountId, roleName, action });
    });
    this.#say(`After ${days.life} days something tries to work with the role ${roleName}. AWS refuses, and counts it.`);
    const plan = await this.#settle(
      await this.#as('admin'),
      ({ id, outcome }) => id === role.id && outcome !== 'RESTORED',
    );
    const back = plan.items.find(({ id }) => id === role.id);
    this.#say(`Mothball sees it and gives the role back, exactly as it was: ${back?.life?.detail}`);
    if (plan.state !== 'HALTED') throw new Failure(`A sign of life did not halt the plan: it is ${plan.state}.`);
    this.#say(`The plan halts: ${plan.reason}`);
    // It goes on with its work.
    await this.#world.simulator.control('use', { accountId, roleName, service: 's3' });
    return role;
  }

  /** @param {Item | undefined} working */
  async #goOn(working) {
    if (working) {
      const approver = await this.#as('approver');
      await approver('mutation ($id: ID!) { resumePlan(id: $id, note: "The others are not needed") { state } }', {
        id: this.#planId,
      });
      this.#say(`${this.#approver} looks at the others, and resumes it.`);
    }
    await this.#until(days.announced);
    const announced = (await this.#settle(await this.#as('admin'))).items.filter(inQuarantine);
    this.#say(
      `After ${days.announced} days nobody has missed ${tally(announced)}. Their deletion is announced, two days ahead.`,
    );
    await this.#until(days.deletion);
    const first = (await this.#settle(await this.#as('admin'))).items;
    const silent = first.filter(inQuarantine);
    this.#say(
      `After ${days.deletion} days each is looked at again: ${tally(first.filter(isDeleted))} are deleted` +
        (silent.length > 0 ? `, and the keys of ${tally(silent)} are switched off for a last day.` : '.'),
    );
    await this.#until(days.users);
    const plan = await this.#settle(await this.#as('admin'));
    this.#say(
      `After ${days.users} days ${tally(plan.items.filter(isDeleted))} are deleted; the plan is ${plan.state.toLowerCase()}.`,
    );
    for (const item of plan.items.filter(inQuarantine))
      this.#detail(`still in quarantine: ${called(item)}. ${item.reason ?? ''}`);
  }

  /** Somebody is missed after all. */
  async #restore() {
    const admin = await this.#as('admin');
    const { items } = await planAt(admin, this.#planId);
    const user = items.find((item) => isDeleted(item) && item.course === 'USER');
    if (!user) return this.#say('No user was deleted, so none is to be restored.');
    await admin('mutation ($ids: [ID!]!) { restorePlanItems(ids: $ids) { id } }', { ids: [user.id] });
    const { items: after } = await this.#settle(admin, ({ id, outcome }) => id === user.id && outcome !== 'RECREATED');
    const losses = after.find(({ id }) => id === user.id)?.losses ?? [];
    this.#say(`The user ${user.name} is missed, and ${this.#admin} has it restored: it is made again, but for this:`);
    for (const loss of losses) this.#detail(loss);
  }

  /** @returns {Promise<Counts>} */
  async #count() {
    const { items } = await planAt(await this.#as('admin'), this.#planId);
    const { total, outside } = await writesOutside(this.#world.simulator, items);
    this.#say(
      `AWS has taken ${counted(total, 'change')}, says its own log; ${outside} of them outside of the manifest.`,
    );
    const having = (/** @type {(item: Item) => unknown} */ test) => items.filter(test).length;
    return {
      plans: 1,
      items: items.length,
      refused: having(({ outcome }) => outcome === 'REFUSED'),
      quarantined: having(({ quarantinedAt }) => quarantinedAt),
      signsOfLife: having(({ life }) => life),
      restored: having(({ outcome }) => outcome === 'RESTORED' || outcome === 'RECREATED'),
      deleted: having(({ outcome }) => outcome === 'DELETED' || outcome === 'RECREATED'),
      outsideManifest: outside,
    };
  }

  /**
   * @param {number} day counted from the beginning
   * @param {() => Promise<unknown>} [meanwhile] what happens in AWS on that day
   */
  async #until(day, meanwhile) {
    await this.#world.pass(day - this.#days, meanwhile);
    this.#days = day;
  }

  /**
   * @param {import('../api.mjs').Ask} ask
   * @param {(item: Item) => boolean} [unless]
   * @returns {Promise<Plan>}
   */
  async #settle(ask, unless) {
    const { signal } = this.#world;
    const now = () => Date.now() + this.#days * 86_400_000;
    return settled(ask, this.#planId, { now, signal, ...(unless ? { unless } : {}) });
  }
}

/** As people call them: Bob. */
const named = (/** @type {string} */ id) => `${id.charAt(0).toUpperCase()}${id.slice(1)}`;

const inQuarantine = (/** @type {Item} */ { outcome }) => outcome === 'QUARANTINED';
const isDeleted = (/** @type {Item} */ { outcome }) => outcome === 'DELETED' || outcome === 'RECREATED';
