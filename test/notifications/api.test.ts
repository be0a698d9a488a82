import { validate, parse } from 'graphql';
import { schemaOfResolvers } from '../../src/graphql/print-schema';
import type { BuiltAccount } from '../builders';
import { Page } from '../whole-path/page';
import { type Asking, NotificationsWorld } from './api-world';
import { type DocReceiver, freePort, startDocReceiver } from './doc-receiver';
import { FakeGitHub } from './fakes/github.fake';

jest.setTimeout(60_000);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What the documentation shows is what is sent here. */
const page = new Page('notifications.md');
const asked = new Set<string>();

let world: NotificationsWorld;
let tenant: Asking;
let account: BuiltAccount;
beforeAll(async () => {
  world = await NotificationsWorld.start();
  tenant = await world.tenant();
  account = await world.build.account(tenant.id);
});
afterAll(() => world.stop());

const send = async <T>(token: string, name: string, variables: object = {}): Promise<T> => {
  asked.add(name);
  return Object.values(await world.app.get<Record<string, T>>(token, page.request(name), variables))[0] as T;
};
const refused = (token: string, name: string, variables: object = {}) =>
  world.refusal(token, page.request(name), variables);
const code = (expected: string) => ({ extensions: { code: expected } });

const waitingFor = async (token: string): Promise<string[]> => {
  const { viewer } = await world.app.get<{ viewer: { waitingForMe: { kind: string }[] } }>(
    token,
    '{ viewer { waitingForMe { kind } } }',
  );
  return viewer.waitingForMe.map(({ kind }) => kind);
};

interface Made {
  readonly secret: string | null;
  readonly endpoint: { readonly id: string };
}

interface Delivery {
  readonly id: string;
  readonly messageId: string;
  readonly type: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: readonly { readonly outcome: string; readonly status: number; readonly answer: string | null }[];
}

const tell = (name: string, path: string): Promise<Made> =>
  send(tenant.token, 'TellWebhook', { name, url: `${world.receiver.url}${path}` });

describe('from nothing to the first verified webhook, by the requests of docs/notifications.md', () => {
  let receiver: DocReceiver;
  let endpoint: string;
  let secret: string;
  afterAll(() => receiver.stop());

  async function tested(): Promise<Delivery> {
    const { id } = await send<{ id: string }>(tenant.token, 'TryIt', { endpoint });
    await world.settle();
    return { ...(await send<Delivery>(tenant.token, 'WhatWasAnswered', { delivery: id })), id };
  }

  it('makes an endpoint, whose secret is in this answer only', async () => {
    const port = await freePort();
    const made = await send<Made>(tenant.token, 'TellWebhook', {
      name: 'SIEM',
      url: `http://127.0.0.1:${port}/mothball`,
    });
    expect(made).toMatchObject({ endpoint: { state: 'ACTIVE', sends: 'SINGLE', payloadVersion: 1 } });
    expect(made.secret).toMatch(/^whsec_/);
    ({ id: endpoint } = made.endpoint);
    secret = made.secret ?? '';
    const [code = ''] = page.blocks('js');
    receiver = await startDocReceiver(code, port, secret);
  });

  it('delivers a test to the receiver of the page, which verifies it', async () => {
    expect(await tested()).toMatchObject({ state: 'DELIVERED', attempts: [{ outcome: 'ACCEPTED', status: 204 }] });
    expect(receiver.printed.map(({ type }) => type)).toEqual(['endpoint.test']);
  });

  it('delivers what happens, which the list of events has byte for byte', async () => {
    await world.findings(account, 2);
    await world.settle();
    const { nodes, pageInfo } = await send<{
      nodes: { id: string; type: string; payload: string }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    }>(tenant.viewer, 'ReadOn', { after: null });
    expect(nodes.filter(({ type }) => type === 'finding.opened')).toHaveLength(2);
    for (const { id, payload } of nodes) {
      const received = receiver.printed.find((one) => one.id === `evt_${id}`);
      expect(received?.data).toEqual((JSON.parse(payload) as { data: unknown }).data);
      expect(payload).toContain(`"id":"evt_${id}"`);
    }
    expect(pageInfo.hasNextPage).toBe(false);
    expect(await send(tenant.viewer, 'ReadOn', { after: pageInfo.endCursor })).toMatchObject({ nodes: [] });
  });

  it('signs with both secrets for a day', async () => {
    const rotated = await send<Made & { endpoint: { previousSecretUntil: string } }>(tenant.token, 'Rotate', {
      endpoint,
    });
    expect(rotated.secret).not.toBe(secret);
    expect(new Date(rotated.endpoint.previousSecretUntil).getTime()).toBeGreaterThan(Date.now() + 23 * HOUR_MS);
    // The receiver has the old one.
    expect(await tested()).toMatchObject({ state: 'DELIVERED' });
    await receiver.stop();
    expect(await tested()).toMatchObject({ state: 'WAITING', attempts: [{ outcome: 'FAILED' }] });
  });

  it('shows where it goes to those who may know, and the secret to nobody', async () => {
    const ask = 'query ($id: ID!) { endpoint(id: $id) { to { webhook { url signing publicKey } } } }';
    const shown = await world.app.get<object>(tenant.approver, ask, { id: endpoint });
    expect(shown).toMatchObject({ endpoint: { to: { webhook: { signing: 'HMAC', publicKey: null } } } });
    expect(JSON.stringify(shown)).not.toContain('whsec_');
    expect(await world.refusal(tenant.viewer, ask, { id: endpoint })).toMatchObject(code('FORBIDDEN'));
    expect(await refused(tenant.approver, 'Rotate', { endpoint })).toMatchObject(code('FORBIDDEN'));
    const [entries] = await world.rows<{ text: string }>(
      "SELECT string_agg(after::text, '') AS text FROM audit_entries",
    );
    expect(entries?.text).toContain('SIEM');
    expect(entries?.text).not.toContain(secret);
  });

  it('tells as much, and of what, as was asked for', async () => {
    const filter = {
      types: ['finding.*'],
      severities: ['HIGH'],
      accounts: [account.apiId],
      organizationalUnits: ['/A'],
    };
    expect(await send(tenant.token, 'TellLess', { endpoint, filter, sends: 'BATCH' })).toEqual({
      sends: 'BATCH',
      filter: { ...filter, checks: null, owners: null },
    });
    const types = await send<{ type: string; schema: object; example: object }[]>(tenant.viewer, 'Types');
    expect(types.map(({ type }) => type)).toContain('finding.opened');
    for (const { schema, example } of types) {
      expect(schema).toMatchObject({ properties: { data: expect.anything() as object } });
      expect(example).toMatchObject({ data: expect.anything() as object });
    }
    const wrong = { endpoint, filter: { types: ['finding.opend'] }, sends: 'SINGLE' };
    expect((await refused(tenant.token, 'TellLess', wrong)).message).toMatch(
      /^filter\.types: .*finding\.opend.*eventTypes/,
    );
    const digest = { endpoint, filter: { types: ['plan.*'] }, sends: 'DAILY_DIGEST' };
    expect((await refused(tenant.token, 'TellLess', digest)).message).toMatch(/^filter: a digest/);
  });
});

describe('what does not arrive', () => {
  let endpoint: string;

  it('disables an endpoint that wants nothing any more, and waits for somebody', async () => {
    world.receiver.behave('/gone', () => ({ does: 'refuse', status: 410 }));
    ({ id: endpoint } = (await tell('gone', '/gone')).endpoint);
    await world.findings(await world.build.account(tenant.id), 3);
    await world.settle();
    const { nodes } = await send<{ nodes: { id: string; state: string; reason: string; health: object }[] }>(
      tenant.viewer,
      'Health',
    );
    const shown = nodes.find(({ id }) => id === endpoint);
    expect(shown).toMatchObject({ state: 'DISABLED', health: { waiting: 0, successRate: 0 } });
    expect(shown?.reason).toMatch(/410/);
    expect(await waitingFor(tenant.token)).toContain('DISABLED_ENDPOINTS');
    expect(await waitingFor(tenant.approver)).not.toContain('DISABLED_ENDPOINTS');
  });

  it('shows what failed and why, and sends it again with the same ids', async () => {
    const failed = await send<{ totalCount: number; nodes: Delivery[] }>(tenant.token, 'WhatFailed', { endpoint });
    expect(failed.totalCount).toBeGreaterThanOrEqual(3);
    expect(failed.nodes[0]?.reason).toEqual(expect.any(String));
    expect(failed.nodes.flatMap(({ attempts }) => attempts)).toContainEqual(
      expect.objectContaining({ outcome: 'GONE', status: 410 }),
    );
    expect((await refused(tenant.token, 'ReplayFailed', { endpoint })).message).toContain('resumeEndpoint');
    world.receiver.behave('/gone', () => ({ does: 'accept' }));
    const before = world.receiver.of('/gone').length;
    expect(await send(tenant.token, 'Resume', { endpoint })).toEqual({ state: 'ACTIVE' });
    expect(await send(tenant.token, 'ReplayFailed', { endpoint })).toBe(failed.totalCount);
    await world.settle();
    const again = world.receiver.of('/gone').slice(before);
    expect(new Set(again.map(({ id }) => id))).toEqual(new Set(failed.nodes.map(({ messageId }) => messageId)));
    const [first] = failed.nodes;
    expect(await send(tenant.token, 'ReplayOne', { delivery: first?.id })).toMatchObject({
      ...{ state: 'WAITING', messageId: first?.messageId, replays: 2 },
    });
    const [from, to] = [Date.now() - HOUR_MS, Date.now() + HOUR_MS].map((at) => new Date(at).toISOString());
    expect(await send(tenant.token, 'ReplayTime', { endpoint, from, to })).toBeGreaterThan(0);
    await world.settle();
  });

  it('waits while it is paused, and can be called off', async () => {
    expect(await send(tenant.token, 'Pause', { endpoint })).toEqual({ state: 'PAUSED' });
    await world.findings(await world.build.account(tenant.id), 2);
    await world.settle();
    expect(await send(tenant.token, 'CallOff', { endpoint })).toBeGreaterThanOrEqual(2);
    expect(await send(tenant.token, 'CallOff', { endpoint })).toBe(0);
    const { removedAt } = await send<{ removedAt: string | null }>(tenant.token, 'Remove', { endpoint });
    expect(removedAt).toEqual(expect.any(String));
    expect(await refused(tenant.token, 'Resume', { endpoint })).toMatchObject(code('NOT_FOUND'));
  });
});

describe('other channels', () => {
  it('are e-mail and Slack, whose address is never shown', async () => {
    const recipients = ['team@example.com'];
    expect(await send(tenant.token, 'TellByMail', { name: 'Team', recipients })).toMatchObject({
      endpoint: { channel: 'EMAIL', to: { email: { recipients } } },
    });
    const url = `${world.receiver.url}/services/T0000001/B0000001/abcdefghijklmnop`;
    const { endpoint } = await send<Made>(tenant.token, 'TellSlack', { name: 'Channel', url, filter: {} });
    const answer = await world.app.get<object>(
      tenant.token,
      '{ endpoints { nodes { name channel to { webhook { url } } } } }',
    );
    expect(JSON.stringify(answer)).not.toContain('abcdefghijklmnop');
    const change = 'mutation ($id: ID!, $i: EndpointChangeInput!) { changeEndpoint(id: $id, input: $i) { name } }';
    const other = { id: endpoint.id, i: { to: { webhook: { url } } } };
    expect((await world.refusal(tenant.token, change, other)).message).toMatch(/^input\.to: .*slack/);
    const both = { id: endpoint.id, i: { to: { slack: { url }, webhook: { url } } } };
    expect((await world.refusal(tenant.token, change, both)).message).toMatch(/^input\.to: .*exactly one/);
  });
});

describe('lists with everything that hangs on them', () => {
  it.each([
    [
      'deliveries',
      `query ($first: Int!) { deliveries(first: $first) { totalCount nodes { id endpoint { name to { webhook { url } } health { waiting } }
         event { title payload object { id } account { name } } account { name } attempts { at why answer } } } }`,
    ],
    [
      'events',
      `query ($first: Int!) { events(first: $first, filter: { types: ["finding.*"] }) { totalCount nodes { id text payload account { name }
         object { id ... on Finding { why identity { name } tickets { reference } } } } } }`,
    ],
    [
      'findings',
      `query ($first: Int!) { findings(first: $first) { nodes { id tickets { reference connection { name inboundUrl } steps { intent answer } } } } }`,
    ],
  ])('cost the same number of statements for one of the %s as for seven', async (name, query) => {
    const statements = async (first: number): Promise<number> => {
      let found = 0;
      const all = await world.build.database.counter.during(async () => {
        const answer = await world.app.get<Record<string, { nodes: object[] }>>(tenant.token, query, { first });
        found = answer[name]?.nodes.length ?? 0;
      });
      expect(found).toBe(first);
      return all.filter((text) => !/^(START|COMMIT)|set_config|note_use/.test(text)).length;
    };
    const [few, many] = [await statements(1), await statements(7)];
    // The worker listens meanwhile; nothing of this grows with the rows.
    expect(many).toBeLessThanOrEqual(few + 2);
    expect(many).toBeLessThanOrEqual(20);
  });
});

describe('tickets', () => {
  const gitHub = new FakeGitHub();
  let other: Asking;
  let ids: { connection: string; inboundUrl: string; secret: string };
  beforeAll(async () => {
    await gitHub.start();
    other = await world.tenant();
    await world.findings(await world.build.account(other.id), 3);
    await world.settle();
  });
  afterAll(() => gitHub.stop());

  const ticketsOf = (connection: string) =>
    send<{ nodes: { id: string; state: string; reference: string; steps: object[] }[] }>(other.approver, 'Tickets', {
      connection,
    });

  it('begin with a draft, a test ticket and a look at what would come', async () => {
    const { owner, repository, token } = gitHub;
    const system = { github: { api: gitHub.origin, owner, repository, labels: ['iam'], credential: { token } } };
    const made = await send<{ inboundSecret: string; connection: { id: string; inboundUrl: string } }>(
      other.token,
      'Connect',
      { input: { name: 'Board', system, dailyCap: 5 } },
    );
    expect(made).toMatchObject({ connection: { kind: 'GITHUB', state: 'DRAFT', settings: { labels: ['iam'] } } });
    expect(JSON.stringify(made.connection)).not.toContain(token);
    const { id: connection, inboundUrl } = made.connection;
    ids = { connection, inboundUrl, secret: made.inboundSecret };
    const both = { name: 'Both', system: { ...system, pagerduty: { credential: { routingKey: 'r' } } } };
    expect((await refused(other.token, 'Connect', { input: both })).message).toMatch(/^input\.system: .*exactly one/);
    expect((await refused(other.token, 'Activate', { connection })).message).toContain('testTicketConnection');
    expect(await send(other.token, 'Prove', { connection })).toEqual({ test: { state: 'RUNNING' } });
    await world.settle();
    const proof = await send<{ test: { steps: { ok: boolean }[] } }>(other.viewer, 'Proof', { connection });
    expect(proof).toMatchObject({ test: { state: 'PASSED', isOfPresentSettings: true } });
    expect(proof.test.steps.every(({ ok }) => ok)).toBe(true);
    expect(await send(other.viewer, 'WhatWouldCome', { connection })).toMatchObject({
      ...{ findings: 3, wouldOpen: 1, withAll: 1, withNewOnly: 0, dailyCap: 5, days: 1 },
      byOwner: [{ key: null, tickets: 1, findings: 3 }],
    });
  });

  it('stay proven by another cap, and not by other settings', async () => {
    const change = `mutation ($id: ID!, $i: TicketConnectionChangeInput!) {
      changeTicketConnection(id: $id, input: $i) { state dailyCap settings test { isOfPresentSettings } } }`;
    const { owner, repository } = gitHub;
    const changed = (i: object) => world.app.get(other.token, change, { id: ids.connection, i });
    const github = (labels: string[]) => ({ system: { github: { api: gitHub.origin, owner, repository, labels } } });
    expect(await changed(github(['aws']))).toMatchObject({
      changeTicketConnection: { settings: { labels: ['aws'] }, test: { isOfPresentSettings: false } },
    });
    await send(other.token, 'Prove', { connection: ids.connection });
    await world.settle();
    expect(await changed({ dailyCap: 7 })).toMatchObject({
      changeTicketConnection: { dailyCap: 7, test: { isOfPresentSettings: true } },
    });
    const jira = { system: { jira: { site: 'https://acme.atlassian.net', project: 'SEC' } } };
    expect((await world.refusal(other.token, change, { id: ids.connection, i: jira })).message).toMatch(
      /^system: .*github/,
    );
  });

  it('are opened, and shown on their findings', async () => {
    const { connection } = ids;
    expect(await send(other.token, 'Activate', { connection })).toMatchObject({ state: 'ACTIVE' });
    await world.after(MINUTE_MS, other);
    const { nodes } = await ticketsOf(connection);
    expect(nodes).toMatchObject([{ state: 'OPEN', findingsCount: 3, problem: null, reference: 'acme/cloud#3' }]);
    expect(nodes[0]?.steps).toContainEqual(expect.objectContaining({ kind: 'CREATE', outcome: 'DONE' }));
    const { findings } = await world.app.get<{ findings: { nodes: { id: string }[] } }>(
      other.viewer,
      '{ findings { nodes { id } } }',
    );
    const finding = findings.nodes[0]?.id;
    expect(await send(other.viewer, 'TicketOfFinding', { finding })).toEqual({
      tickets: [{ reference: 'acme/cloud#3', url: gitHubUrl(3), state: 'OPEN', connection: { name: 'Board' } }],
    });
    const happened = await send<{ nodes: object[] }>(other.viewer, 'OfOneThing', { finding });
    expect(happened.nodes).toMatchObject([{ type: 'finding.opened', object: { id: finding } }]);
    expect(await send(other.token, 'Retry', { ticket: nodes[0]?.id })).toMatchObject({ problem: null });
    await world.settle();
  });

  it('hear what people do there, from those who sign it only', async () => {
    const { inboundUrl, secret, connection } = ids;
    const { headers, body } = gitHub.message(3, secret);
    const foreign = inboundUrl.replace(connection, tenant.apiId);
    const unknown = inboundUrl.replace(connection, `${connection.slice(0, -6)}AAAAAA`);
    const forged = await world.inbound(inboundUrl, body, gitHub.message(3, 'another secret').headers);
    for (const answer of [await world.inbound(unknown, body, headers), await world.inbound(foreign, body, headers)]) {
      expect([answer.status, await answer.text()]).toEqual([401, await forged.clone().text()]);
    }
    expect(forged.status).toBe(401);
    expect((await world.inbound(inboundUrl, Buffer.alloc(300_000), headers)).status).toBe(413);
    const compressed = { ...headers, 'content-encoding': 'gzip' };
    expect((await world.inbound(inboundUrl, body, compressed)).status).toBe(415);
    const heard = () =>
      world.rows<{ n: number }>('SELECT count(*)::int AS n FROM inbound_messages WHERE ticket_id IS NOT NULL');
    expect(await heard()).toEqual([{ n: 0 }]);
    gitHub.edit(3, { state: 'closed', stateReason: 'not_planned' });
    expect((await world.inbound(inboundUrl, body, headers)).status).toBe(202);
    expect((await world.inbound(inboundUrl, body, headers)).status).toBe(202);
    expect(await heard()).toEqual([{ n: 1 }]);
    await world.after(MINUTE_MS, other);
    expect(await waitingFor(other.approver)).toContain('EXEMPTIONS_TO_AGREE_TO');
  });

  it('take so much for a connection from one address, and say when to come again', async () => {
    const answers = await Promise.all(Array.from({ length: 320 }, () => world.inbound(ids.inboundUrl, 'x')));
    const late = answers.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(0);
    expect(Number(late[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('are closed where that is asked for when the connection is removed', async () => {
    await send(other.token, 'Disconnect', { connection: ids.connection });
    await world.after(MINUTE_MS, other);
    const ask = 'query ($id: ID!) { ticketConnection(id: $id) { removedAt } }';
    const shown = await world.app.get<{ ticketConnection: { removedAt: string } }>(other.viewer, ask, {
      id: ids.connection,
    });
    expect(shown.ticketConnection.removedAt).toEqual(expect.any(String));
  });
});

describe('docs/notifications.md', () => {
  it('has requests that each were sent', () => {
    expect([...asked].sort()).toEqual([...page.requestNames].sort());
  });

  it('and the pages of the ticketing systems have requests that the schema knows', async () => {
    const schema = await schemaOfResolvers();
    const systems = ['jira', 'servicenow', 'github', 'pagerduty', 'template'].map(
      (one) => new Page(`tickets/${one}.md`),
    );
    for (const each of [page, ...systems]) {
      const blocks = each.blocks('graphql');
      expect(blocks.length).toBeGreaterThan(0);
      for (const block of blocks) expect([block, validate(schema, parse(block))]).toEqual([block, []]);
    }
  });
});

const gitHubUrl = (number: number): string => `https://github.com/acme/cloud/issues/${number}`;
