import { newId } from '../../src/ids';
import {
  aConnection,
  aDelivery,
  anEndpoint,
  anEvent,
  aTicket,
  connection,
  connectionIn,
  connectionInput,
  endpoint,
  endpointInput,
} from './notifications';
import { draftedPlan, findingToPutAway, haltedItem, haltedPlan, type MadePlan, proposedPlan } from './plans';
import { failedTask, type Side, transferRequest, unassigned, type World } from './world';

export type Arguments = Readonly<Record<string, unknown>>;

/** Arguments that work, for whoever may use the field; made for each call, since some calls use up what they are about. */
type Make = (side: Side, world: World) => Arguments | Promise<Arguments>;

const DAYS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAYS).toISOString();
let count = 0;
const unique = (what: string): string => `${what}-${(count += 1)}`;
const awsAccount = (): string => String(800_000_000_000 + (count += 1));

const policyDocument = (name: string, mode = 'report'): object => ({
  ...{ apiVersion: 'mothball/v1', kind: 'Policy', name },
  action: { mode },
});

/** One thing made by the tenant's other admin. */
async function made<T>({ app }: World, side: Side, query: string, variables: object = {}): Promise<T> {
  const data = await app.get<Record<string, T>>(side.proposer, query, variables);
  return Object.values(data)[0] as T;
}

interface Policy {
  readonly id: string;
  readonly hash: string;
  readonly version: number;
}

async function policy(side: Side, world: World, mode?: string, name = unique('policy')): Promise<Policy> {
  await made(world, side, 'mutation ($d: JSON!) { savePolicy(document: $d) { hash } }', {
    d: policyDocument(name, mode),
  });
  const found = await made<{ id: string; versions: { nodes: { hash: string; version: number }[] } }>(
    world,
    side,
    'query ($name: String) { policy(name: $name) { id versions { nodes { hash version } } } }',
    { name },
  );
  const [version] = found.versions.nodes;
  return { id: found.id, hash: version?.hash ?? '', version: version?.version ?? 0 };
}

/** A version that waits for a second person, over one that is in force. */
async function proposed(side: Side, world: World): Promise<Arguments> {
  const name = unique('proposed');
  await policy(side, world, 'report', name);
  return { ...(await policy(side, world, 'automatic-quarantine', name)) };
}

const wide = (): object => ({ scope: { glob: unique('/nobody/x') }, reason: 'for the matrix', owner: 'matrix' });
const narrow = ({ uniqueId }: Side): object => ({ scope: { uniqueId }, reason: 'for the matrix', owner: 'matrix' });

/** Holds already, or waits for a second person. */
const exemption = async (side: Side, world: World, input: object = narrow(side)): Promise<string> =>
  (
    await made<{ id: string }>(world, side, 'mutation ($i: ExemptionInput!) { makeExemption(input: $i) { id } }', {
      i: input,
    })
  ).id;

const owner = async (side: Side, world: World): Promise<{ id: string; name: string }> =>
  made(world, side, 'mutation ($name: String!) { saveOwner(name: $name) { id name } }', { name: unique('owner') });

interface Invited {
  readonly secret: string;
  readonly invitation: { readonly id: string };
}

const invitation = (side: Side, world: World): Promise<Invited> =>
  made(world, side, 'mutation { createInvitation(role: VIEWER) { secret invitation { id } } }');

/** Somebody who was invited, and came. */
async function member(side: Side, world: World): Promise<string> {
  const { secret } = await invitation(side, world);
  const stranger = await world.stranger();
  await world.app.get(stranger, 'mutation ($s: String!) { acceptInvitation(secret: $s) { role } }', { s: secret });
  const { nodes } = await made<{ nodes: { id: string; roleSource: string | null }[] }>(
    world,
    side,
    '{ people(first: 200) { nodes { id roleSource } } }',
  );
  return nodes.find(({ roleSource }) => roleSource === 'GIVEN')?.id ?? '';
}

const token = async (side: Side, world: World): Promise<string> =>
  (
    await made<{ token: { id: string } }>(
      world,
      side,
      'mutation { createToken(name: "of the matrix", role: VIEWER) { token { id } } }',
    )
  ).token.id;

const preview = (side: Side, world: World): Promise<{ id: string }> =>
  made(world, side, 'mutation ($d: JSON!) { previewPolicies(documents: $d) { id } }', {
    d: [policyDocument(unique('preview'))],
  });

const lookedAt = new Map<string, Promise<MadePlan>>();

/** One for each side: looking uses nothing up. */
function planToLookAt(side: Side, world: World): Promise<MadePlan> {
  const made = lookedAt.get(side.id) ?? haltedPlan(world, side);
  lookedAt.set(side.id, made);
  return made;
}

/** For whoever decides about a plan that waits. */
const decidedPlan: Make = async (side, world) => {
  const { id, manifestHash } = await proposedPlan(world, side);
  return { id, manifestHash };
};

const ofEndpoint: Make = async (side, world) => ({ id: await anEndpoint(world, side) });
const ofConnection: Make = async (side, world) => ({ id: await aConnection(world, side) });

const none: Make = () => ({});
const ofAccount: Make = ({ account }) => ({ id: account });
const inAccounts: Make = ({ account }) => ({ filter: { accounts: [account] } });

/** For each field of Query, Mutation and Subscription. Where a tenant can be named, the matrix names it by itself. */
export const argumentsOf: Readonly<Record<string, Make>> = {
  account: ofAccount,
  accounts: none,
  apiTokens: none,
  auditLog: none,
  auditLogVerification: none,
  baseline: none,
  check: () => ({ id: 'unused-role' }),
  checks: none,
  cleanupPause: none,
  cleanupRules: none,
  deliveries: async (side, world) => ({ filter: { endpoints: [await anEndpoint(world, side)] } }),
  delivery: async (side, world) => ({ id: await aDelivery(world, side) }),
  effectivePolicies: ofAccount,
  endpoint: ofEndpoint,
  endpoints: none,
  event: async (side, world) => ({ id: await anEvent(world, side) }),
  eventTypes: none,
  events: ({ account, finding }) => ({ filter: { account, object: finding } }),
  executions: none,
  exemption: async (side, world) => ({ id: await exemption(side, world, wide()) }),
  exemptionPreview: ({ uniqueId }) => ({ input: { scope: { uniqueId } } }),
  exemptions: none,
  finding: ({ finding }) => ({ id: finding }),
  findingGroups: ({ account }) => ({ by: 'CHECK', filter: { accounts: [account] } }),
  findings: inAccounts,
  identities: inAccounts,
  identity: ({ identity }) => ({ id: identity }),
  identityGroups: ({ account }) => ({ by: 'KIND', filter: { accounts: [account] } }),
  invitations: none,
  lookup: ({ name }) => ({ text: `old-${name}` }),
  node: ofAccount,
  organization: (_side, { organization }) => ({ id: organization }),
  organizations: none,
  owner: async (side, world) => ({ id: (await owner(side, world)).id }),
  ownerRules: none,
  ownerRulesPreview: none,
  owners: none,
  people: none,
  plan: async (side, world) => ({ id: (await planToLookAt(side, world)).id }),
  planItem: async (side, world) => ({ id: (await planToLookAt(side, world)).item }),
  planItems: none,
  plans: none,
  policies: none,
  policiesHash: none,
  policy: async (side, world) => ({ id: (await policy(side, world)).id }),
  policyDiff: () => ({ documents: [policyDocument(unique('diff'))] }),
  policyPreview: async (side, world) => ({ id: (await preview(side, world)).id }),
  policyValidate: () => ({ documents: [policyDocument(unique('validate'))] }),
  policyVersion: async (side, world) => ({ id: (await policy(side, world)).id, version: 1 }),
  restorePreview: async (side, world) => ({ ids: [(await planToLookAt(side, world)).item] }),
  scan: ({ scan }) => ({ id: scan }),
  scans: ({ account, sweep }) => ({ filter: { accounts: [account], sweep } }),
  schedule: none,
  sweep: ({ sweep }) => ({ id: sweep }),
  task: ({ task }) => ({ id: task }),
  tasks: none,
  tenant: ({ apiId }) => ({ id: apiId }),
  tenantSettings: none,
  tenants: none,
  ticket: async (side, world) => ({ id: await aTicket(world, side) }),
  ticketConnection: ofConnection,
  ticketConnectionPreview: ofConnection,
  ticketConnections: none,
  tickets: async (side, world) => ({
    filter: { connections: [await aConnection(world, side)], finding: side.finding },
  }),
  transferRequests: none,
  unknowns: inAccounts,
  viewer: none,

  acceptInvitation: async (side, world) => ({ secret: (await invitation(side, world)).secret }),
  activateTicketConnection: async (side, world) => ({ id: await connectionIn('draft', world, side) }),
  agreeToExemption: async (side, world) => ({ id: await exemption(side, world, wide()) }),
  agreeToPolicy: proposed,
  approvePlan: decidedPlan,
  assignAccounts: async ({ apiId }, world) => ({ tenant: apiId, accountIds: [await unassigned(world)] }),
  cancelDeliveries: async (side, world) => ({ endpoint: await anEndpoint(world, side) }),
  cancelPlan: async (side, world) => ({ id: (await proposedPlan(world, side)).id }),
  cancelTask: async (side, world) => ({ id: await failedTask(world, side) }),
  changeEndpoint: async (side, world) => ({
    id: await anEndpoint(world, side),
    input: { filter: { accounts: [side.account] } },
  }),
  changeTicketConnection: async (side, world) => ({
    id: await aConnection(world, side),
    input: { filter: { accounts: [side.account] } },
  }),
  continuePlanItem: async (side, world) => ({ id: (await haltedItem(world, side)).item }),
  connectOrganization: () => ({ name: unique('organization'), managementAccountId: awsAccount() }),
  createEndpoint: (side) => ({ input: endpointInput(side) }),
  createInvitation: () => ({ role: 'VIEWER' }),
  createTenant: () => ({ name: unique('tenant') }),
  createTicketConnection: (side) => ({ input: connectionInput(side) }),
  createToken: () => ({ name: unique('token'), role: 'VIEWER' }),
  discardPlan: async (side, world) => ({ id: (await draftedPlan(world, side)).id }),
  endExemption: async (side, world) => ({ id: await exemption(side, world, wide()) }),
  endMembership: async (side, world) => ({ id: await member(side, world) }),
  exemptFindings: ({ finding }) => ({ ids: [finding], reason: 'for the matrix', owner: 'matrix' }),
  extendExemption: async (side, world) => ({ id: await exemption(side, world), until: inDays(120) }),
  followOwnerRules: ({ finding }) => ({ finding }),
  grantCleanupRules: () => ({ rules: {} }),
  makeExemption: () => ({ input: wide() }),
  movePolicy: async (side, world) => ({ id: (await policy(side, world)).id, position: 1 }),
  pauseAllCleanup: () => ({ reason: 'of the matrix' }),
  pauseCleanup: () => ({ reason: 'of the matrix' }),
  pauseEndpoint: async (side, world) => ({ id: await endpoint(world, side) }),
  pauseTicketConnection: async (side, world) => ({ id: await connectionIn('active', world, side) }),
  policyApply: () => ({ documents: [policyDocument(unique('apply'))], mode: 'MERGE' }),
  previewPlan: async (side, world) => ({
    input: { findings: [await findingToPutAway(world, side)], goal: 'QUARANTINE' },
  }),
  previewPolicies: () => ({ documents: [policyDocument(unique('preview'))] }),
  proposePlan: async (side, world) => ({ id: (await draftedPlan(world, side)).id }),
  reassignOwner: async (side, world) => ({ finding: side.finding, owner: (await owner(side, world)).name }),
  recheckFinding: ({ finding }) => ({ id: finding }),
  recheckPlanItem: async (side, world) => ({ id: (await haltedPlan(world, side)).item }),
  refuseExemption: async (side, world) => ({ id: await exemption(side, world, wide()) }),
  refusePlan: decidedPlan,
  refusePolicy: proposed,
  registerAccount: () => ({ awsAccountId: awsAccount(), name: 'of the matrix' }),
  removeAccountRole: ({ account }) => ({ id: account, role: 'CLEANUP' }),
  removeEndpoint: async (side, world) => ({ id: await endpoint(world, side) }),
  removeTicketConnection: async (side, world) => ({ id: await connection(world, side), closeTickets: false }),
  replayDeliveries: async (side, world) => ({ endpoint: await anEndpoint(world, side) }),
  replayDelivery: async (side, world) => ({ id: await aDelivery(world, side) }),
  resetOwnerRules: none,
  resolveTransfer: async (side, world) => ({ id: await transferRequest(world, side), accept: false }),
  restorePlanItems: async (side, world) => ({ ids: [(await haltedPlan(world, side)).item] }),
  resumeAllCleanup: none,
  resumeCleanup: none,
  resumeEndpoint: ofEndpoint,
  resumePlan: async (side, world) => ({ id: (await haltedPlan(world, side)).id }),
  resumeTicketConnection: async (side, world) => ({ id: await connectionIn('paused', world, side) }),
  retirePolicy: async (side, world) => ({ id: (await policy(side, world)).id }),
  retryTask: async (side, world) => ({ id: await failedTask(world, side) }),
  retryTicket: async (side, world) => ({ id: await aTicket(world, side) }),
  revokeInvitation: async (side, world) => ({ id: (await invitation(side, world)).invitation.id }),
  revokeToken: async (side, world) => ({ id: await token(side, world) }),
  rotateEndpointSecret: ofEndpoint,
  rotateTicketConnectionSecret: ofConnection,
  runPolicyNow: async (side, world) => ({ id: (await policy(side, world)).id }),
  saveBaseline: () => ({ document: { apiVersion: 'mothball/v1', kind: 'Baseline' } }),
  saveCleanupRules: () => ({ rules: {} }),
  saveOwner: () => ({ name: unique('owner') }),
  savePlatformCleanupRules: () => ({ rules: {} }),
  savePolicy: () => ({ document: policyDocument(unique('save')) }),
  scanAccount: ofAccount,
  sendTestEvent: ofEndpoint,
  setAccountRole: ({ account, awsAccountId }) => ({ id: account, roleArn: `arn:aws:iam::${awsAccountId}:role/other` }),
  setAutomaticDeletionLeave: () => ({ granted: false }),
  setCleanupSettings: () => ({ dryRun: true }),
  setOwnerRules: () => ({ rules: [{ pathPrefix: '/nobody/', owner: newId() }] }),
  setPersonRole: async (side, world) => ({ id: await member(side, world), role: 'APPROVER' }),
  setPolicy: () => ({ settings: {} }),
  setSchedule: () => ({ cron: '0 3 * * *' }),
  signOutEverywhere: none,
  startSweep: none,
  syncOrganization: (_side, { organization }) => ({ id: organization }),
  testTicketConnection: ofConnection,
  verifyAccount: ofAccount,

  planChanged: async (side, world) => ({ id: (await planToLookAt(side, world)).id }),
  planItemsChanged: async (side, world) => ({ plan: (await planToLookAt(side, world)).id }),
  sweepProgress: ({ sweep }) => ({ id: sweep }),
};
