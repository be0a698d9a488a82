import type { z } from 'zod';
import type { World } from '../world/world';
import type { Control } from './control';
import { schemas } from './schemas';

export interface Endpoint {
  method: 'GET' | 'POST';
  path: string;
  about: string;
  /** Validates the body (POST) or query (GET) and acts. Throws `ZodError` on input that does not fit. */
  run: (input: unknown) => unknown;
}

type Schemas = ReturnType<typeof schemas>;

const get = <T>(path: string, about: string, schema: z.ZodType<T>, act: (input: T) => unknown): Endpoint => ({
  method: 'GET',
  path,
  about,
  run: (input) => act(schema.parse(input)),
});

const post = <T>(path: string, about: string, schema: z.ZodType<T>, act: (input: T) => unknown): Endpoint => ({
  ...get(path, about, schema, act),
  method: 'POST',
});

/** The control API over HTTP: each entry is one method of `Control`. */
export function endpoints(control: Control, world: World): Endpoint[] {
  const s = schemas(world);
  return [...forLooking(control, world, s), ...forData(control, s), ...forConduct(control, s)];
}

const forLooking = (control: Control, world: World, s: Schemas): Endpoint[] => [
  get('world', 'what there is, and what time it is', s.nothing, () => control.info()),
  get('accounts', 'the organization: accounts and units', s.nothing, () => world.organization),
  get(
    'account',
    '?accountId= everything in one account, secrets of its keys included',
    s.account,
    ({ accountId }) => world.account(accountId) ?? null,
  ),
  get(
    'describe',
    '?accountId=&userName=|roleName=|uniqueId= one identity; with the account only: all',
    s.identity,
    (one) =>
      Object.keys(one).length === 1 ? control.describeAll(one.accountId) : { description: control.describe(one) },
  ),
  get('switches', 'all switches', s.nothing, () => control.switches()),
  get('pacing', 'sizes of the token buckets', s.nothing, () => control.pacing()),
  get('faults', 'faults still waiting', s.nothing, () => control.faults()),
  get('log', '?service=&action=&accountId=&limit= the newest requests', s.log, (filter) => control.log(filter)),
  get('writes', '?accountId=&action=&by=&identityId= IAM writes that took effect', s.writes, (filter) =>
    control.writes(filter),
  ),
  get('published', '?topicArn= what was published to topics of SNS', s.published, ({ topicArn }) =>
    control.topics.publishedTo(topicArn),
  ),
  get('counters', 'calls by account and action', s.nothing, () => control.counters()),
  get('truth', '?days=90&accountId= what is really unused', s.truth, ({ days, accountId }) =>
    control.truth(days, accountId),
  ),
];

const forData = (control: Control, s: Schemas): Endpoint[] => [
  post('travel', '{ms} or {days}: ages the data', s.travel, ({ ms }) => control.travel(ms)),
  post('pass', '{ms}, {hours} or {days}, {quiet?}: time goes on, and what is in use is used', s.pass, ({ ms, quiet }) =>
    control.pass(ms, { quiet }),
  ),
  post('dates', 'sets dates of a role, key, user or password', s.dates, (changes) => control.setDates(changes)),
  post('use', 'somebody uses an identity now', s.use, (use) => control.use(use)),
  post('attempt', 'somebody tries one call now: allowed or not, and counted', s.attempt, (tried) =>
    control.attempt(tried),
  ),
  post('create-user', '{accountId, user}', s.newUser, ({ accountId, user }) => control.createUser(accountId, user)),
  post('create-role', '{accountId, role}', s.newRole, ({ accountId, role }) => control.createRole(accountId, role)),
  post('delete-user', '{accountId, userName}', s.user, ({ accountId, userName }) =>
    control.deleteUser(accountId, userName),
  ),
  post('delete-role', '{accountId, roleName}', s.role, ({ accountId, roleName }) =>
    control.deleteRole(accountId, roleName),
  ),
  post('access-key', '{accessKeyId, active}', s.keyStatus, ({ accessKeyId, active }) =>
    control.setAccessKeyActive(accessKeyId, active),
  ),
  post('boundary', '{accountId, userName | roleName, boundaryArn}', s.boundary, ({ boundaryArn, ...target }) =>
    control.setBoundary(target, boundaryArn),
  ),
  post('account-state', '{accountId, state}', s.accountState, ({ accountId, state }) =>
    control.setAccountState(accountId, state),
  ),
  post('add-account', 'an account outside the organization', s.newAccount, (input) => control.addAccount(input)),
  post('remove-account', '{accountId}: it leaves the organization', s.account, ({ accountId }) =>
    control.removeAccount(accountId),
  ),
  post('deploy-role', 'a role into accounts, as a StackSet does', s.deployment, (deployment) =>
    control.deployRole(deployment),
  ),
  post('create-topic', '{accountId, region, name, …}: a topic of SNS', s.newTopic, (topic) =>
    control.topics.add(topic),
  ),
  post('service-control-policy', '{accountId, document | null}', s.serviceControlPolicy, ({ accountId, document }) =>
    control.setServiceControlPolicy(accountId, document),
  ),
  post('expire-sessions', '{accountId?}', s.someAccount, ({ accountId }) => control.expireSessions(accountId)),
  post('expire-reports', '{accountId?}', s.someAccount, ({ accountId }) => control.expireReports(accountId)),
];

const forConduct = (control: Control, s: Schemas): Endpoint[] => [
  post('switches', '{world?, services?}', s.switches, (changes) => control.setSwitches(changes)),
  post('pacing', '{byService?, byAction?, iamTogether?, organizationsTogether?}', s.pacing, (changes) =>
    control.setPacing(changes),
  ),
  post('iam-rate', '{size: {rate, burst} | null}: every IAM action', s.iamRate, ({ size }) => control.setIamRate(size)),
  post('no-pacing', 'removes all limits', s.nothing, () => control.removePacing()),
  post('latency', '{ms?, byAction?}', s.latency, (changes) => control.setLatency(changes)),
  post(
    'faults',
    '{service?, action?, accountId?, parameters?, writes?, by?, kind, skip?, times?, code?, status?, ms?}',
    s.fault,
    (rule) => control.addFault(rule),
  ),
  post('clear-faults', '', s.nothing, () => control.clearFaults()),
  post('reset-counters', 'forgets log and counts', s.nothing, () => control.resetCounters()),
];
