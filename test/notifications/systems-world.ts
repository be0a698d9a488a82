import { Config, type ConfigValues } from '../../src/config';
import type {
  InboundRequest,
  OpenConnection,
  TicketContent,
  TicketSystem,
  TicketSystemId,
} from '../../src/notifications/tickets/ticket-system';
import { TicketSystems } from '../../src/notifications/tickets/systems';
import { nodeNetwork } from '../../src/outbound/network';
import { Outbound } from '../../src/outbound/outbound.service';
import { MovableClock } from '../harness/movable-clock';
import type { FakeServer } from './fakes/fake-server';
import { FakeGitHub, type FakeGitHubOptions } from './fakes/github.fake';
import { FakeHelpdesk } from './fakes/helpdesk.fake';
import { FakeJira, type FakeJiraOptions } from './fakes/jira.fake';
import { JIRA_STATUSES } from './fakes/jira-rules';
import { FakePagerDuty } from './fakes/pagerduty.fake';
import { FakeServiceNow, type FakeServiceNowOptions } from './fakes/servicenow.fake';

/** A ticket as people see it. */
export interface Seen {
  readonly title: string;
  readonly text: string;
  readonly comments: readonly string[];
  readonly open: boolean;
}

export type Signed = Pick<InboundRequest, 'headers' | 'body'>;

/** One system, its fake, and what people do there. */
export interface World<F extends FakeServer = FakeServer> {
  readonly system: TicketSystem;
  readonly connection: OpenConnection;
  readonly fake: F;
  /** The same with a credential that is not right. */
  readonly stranger: OpenConnection;
  readonly secret: string;
  all(): readonly string[];
  see(id: string): Seen;
  /** Null: people cannot do that there. */
  writeBelow: ((id: string, text: string) => void) | null;
  rewrite: ((id: string) => void) | null;
  rename: ((id: string, title: string) => void) | null;
  refuse: ((id: string) => void) | null;
  remove: ((id: string) => void) | null;
  message(id: string): Signed;
}

export const clock = new MovableClock();
const systemsWith = (loopback: boolean): TicketSystems => {
  const outboundSettings = { ports: [443], allowed: [], proxy: null, loopback, certificates: null };
  const config = new Config({ outbound: outboundSettings } as unknown as ConfigValues);
  return new TicketSystems(new Outbound(config, nodeNetwork), config, clock);
};
export const systems = systemsWith(true);
/** As in production: this machine cannot be reached. */
export const closedSystems = systemsWith(false);

export function connectionOf(id: TicketSystemId, settings: unknown, credential: unknown): OpenConnection {
  const system = systems.of(id);
  return {
    tenantId: '0197f000-0000-7000-8000-000000000001',
    id: '0197f000-0000-7000-8000-000000000002',
    settings: system.settings.parse(settings),
    credential: system.credential.parse(credential),
  };
}

const running: FakeServer[] = [];

export async function stopFakes(): Promise<void> {
  await Promise.all(running.splice(0).map((fake) => fake.stop()));
}

async function started<F extends FakeServer>(fake: F): Promise<F> {
  running.push(fake);
  return fake.start();
}

export async function jiraWorld(options: FakeJiraOptions = {}, settings: object = {}): Promise<World<FakeJira>> {
  const fake = await started(new FakeJira(options));
  const { email, apiToken } = fake;
  const given = { site: fake.origin, project: 'SEC', priorities: { critical: 'Highest' }, ...settings };
  const say = (text: string) => ({
    version: 1,
    type: 'doc',
    content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
  });
  return {
    system: systems.of('jira'),
    connection: connectionOf('jira', given, { email, apiToken }),
    stranger: connectionOf('jira', given, { email, apiToken: 'another-token' }),
    fake,
    secret: 'jira-webhook-secret',
    all: () => fake.issues.map(({ id }) => id),
    see: (id) => {
      const issue = fake.issue(id);
      const open = issue.status.statusCategory.key !== 'done';
      return { title: issue.summary, text: wordsOf(issue.description), comments: issue.comments.map(wordsOf), open };
    },
    writeBelow: null,
    rewrite: (id) => fake.edit(id, { description: say('I know better.') }),
    rename: (id, summary) => fake.edit(id, { summary }),
    refuse: (id) => fake.edit(id, { status: JIRA_STATUSES.done, resolution: "Won't Do" }),
    remove: (id) => fake.remove(id),
    message: (id) => fake.message(id, 'jira-webhook-secret'),
  };
}

/** The words of a document, as a page shows them. */
export function wordsOf(node: unknown): string {
  if (typeof node !== 'object' || node === null) return '';
  const { type, text, content, marks } = node as {
    type?: string;
    text?: string;
    content?: unknown[];
    marks?: { attrs?: { href?: string } }[];
  };
  const link = marks?.[0]?.attrs?.href;
  const inner = `${text ?? ''}${link === undefined ? '' : ` (${link})`}${(content ?? []).map(wordsOf).join('')}`;
  return type === 'paragraph' || type === 'heading' ? `${inner}\n` : inner;
}

export async function serviceNowWorld(
  options: FakeServiceNowOptions = {},
  settings: object = {},
): Promise<World<FakeServiceNow>> {
  const fake = await started(new FakeServiceNow(options));
  const { username, password } = fake;
  const given = { instance: fake.origin, assignmentGroup: fake.group, ...settings };
  return {
    system: systems.of('servicenow'),
    connection: connectionOf('servicenow', given, { username, password }),
    stranger: connectionOf('servicenow', given, { username, password: 'another-password' }),
    fake,
    secret: 'servicenow-secret',
    all: () => fake.records.map((record) => record.sys_id ?? ''),
    see: (id) => {
      const { short_description: title = '', description: text = '', state = '' } = fake.record(id);
      return { title, text, comments: fake.notes.get(id) ?? [], open: !['6', '7', '8'].includes(state) };
    },
    writeBelow: (id, text) => fake.edit(id, { description: `${fake.record(id).description}\r\n${text}` }),
    rewrite: (id) => fake.edit(id, { description: (fake.record(id).description ?? '').replace('Severity', 'Gravity') }),
    rename: (id, title) => fake.edit(id, { short_description: title }),
    refuse: (id) => fake.edit(id, { state: '8' }),
    remove: (id) => fake.remove(id),
    message: (id) => fake.message(id, 'servicenow-secret'),
  };
}

export async function gitHubWorld(options: FakeGitHubOptions = {}, settings: object = {}): Promise<World<FakeGitHub>> {
  const fake = await started(new FakeGitHub(options));
  const given = { api: fake.origin, owner: fake.owner, repository: fake.repository, labels: ['iam'], ...settings };
  return {
    system: systems.of('github'),
    connection: connectionOf('github', given, { token: fake.token }),
    stranger: connectionOf('github', given, { token: 'github_pat_somebody_elses_token' }),
    fake,
    secret: 'github-webhook-secret',
    all: () => fake.issues.map(({ number }) => String(number)),
    see: (id) => {
      const { title, body, comments, state } = fake.issue(Number(id));
      return { title, text: body, comments, open: state === 'open' };
    },
    writeBelow: (id, text) => fake.edit(Number(id), { body: `${fake.issue(Number(id)).body}\n\n${text}` }),
    rewrite: (id) => fake.edit(Number(id), { body: fake.issue(Number(id)).body.replace('Severity', 'Gravity') }),
    rename: (id, title) => fake.edit(Number(id), { title }),
    refuse: (id) => fake.edit(Number(id), { state: 'closed', stateReason: 'not_planned' }),
    remove: (id) => fake.edit(Number(id), { gone: 'deleted' }),
    message: (id) => fake.message(Number(id), 'github-webhook-secret'),
  };
}

/** `reads`: with a key of the REST API. */
export async function pagerDutyWorld(reads = true): Promise<World<FakePagerDuty>> {
  const fake = await started(new FakePagerDuty());
  const given = { events: fake.origin, api: fake.origin, from: 'mothball@example.com' };
  const { routingKey, apiToken } = fake;
  return {
    system: systems.of('pagerduty'),
    connection: connectionOf('pagerduty', given, { routingKey, ...(reads ? { apiToken } : {}) }),
    stranger: connectionOf('pagerduty', given, { routingKey, apiToken: 'another-token' }),
    fake,
    secret: 'pagerduty-secret',
    all: () => [...new Set(fake.incidents.map(({ key }) => key))],
    see: (id) => {
      const incident = fake.newest(id);
      const last = incident?.triggers.at(-1);
      const text = JSON.stringify(last?.custom_details ?? null);
      return {
        title: last?.summary ?? '',
        text,
        comments: incident?.notes ?? [],
        open: incident?.status !== 'resolved',
      };
    },
    ...{ writeBelow: null, rewrite: null, rename: null, refuse: null, remove: null },
    message: (id) => fake.message(id, ['the-old-one', 'pagerduty-secret']),
  };
}

export async function templateWorld(
  change: (settings: Record<string, unknown>) => object = (same) => same,
): Promise<World<FakeHelpdesk>> {
  const fake = await started(new FakeHelpdesk());
  const given = change(fake.settings());
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  return {
    system: systems.of('template'),
    connection: connectionOf('template', given, fake.credential),
    stranger: connectionOf('template', given, { headers: { authorization: 'Bearer another' } }),
    fake,
    secret,
    all: () => fake.tickets.map(({ id }) => id),
    see: (id) => {
      const { subject, description, notes, status } = fake.ticket(id);
      return { title: subject, text: description, comments: notes, open: status === 'new' };
    },
    writeBelow: (id, text) => fake.edit(id, { description: `${fake.ticket(id).description}\n${text}` }),
    rewrite: (id) => fake.edit(id, { description: fake.ticket(id).description.replace('Severity', 'Gravity') }),
    rename: (id, subject) => fake.edit(id, { subject }),
    refuse: (id) => fake.edit(id, { status: 'rejected' }),
    remove: (id) => fake.remove(id),
    message: (id) => fake.message(id, secret, clock.now()),
  };
}

export const KEY = '3f2a9c0d'.repeat(5);

export const content = (change: Partial<TicketContent> = {}): TicketContent => ({
  key: KEY,
  title: 'Unused access keys of team payments',
  severity: 'critical',
  owner: 'payments',
  text: ['Two access keys have not been used for a long time.'],
  findings: [
    {
      title: 'Access key of deploy-bot',
      why: 'Last used 400 days ago.',
      link: 'https://mothball.example.com/findings/1',
    },
    { title: 'Access key of report-bot', why: 'Never used.', link: null },
  ],
  more: 0,
  remediation: ['Make sure that nothing uses the key.', 'Deactivate it.'],
  link: 'https://mothball.example.com/tickets/1',
  follows: null,
  ...change,
});
