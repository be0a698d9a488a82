import { z } from 'zod';
import {
  TicketFailure,
  type Heard,
  type InboundRequest,
  type RemoteTicket,
  type TicketContent,
  type TicketSystem,
} from '../../ticket-system';
import { mustBeTheirs, type Places } from '../parts/addresses';
import { fingerprint } from '../parts/owned-text';
import { isRecent, isSigned, jsonOf } from '../parts/signatures';
import { readAs, type TicketHttp, unlessGone } from '../parts/ticket-http';
import { EDITED, line } from '../parts/ticket-words';
import { issueId, JiraApi, jiraMust, jiraTicket, propertyOf, type JiraConnection, type JiraProperty } from './jira-api';
import { commentOf, descriptionOf, fingerprintOf, type AdfDocument } from './jira-document';
import { examineJira } from './jira-examination';
import { jiraCredential, jiraSettings, type JiraCredential, type JiraSettings } from './jira-settings';
import { JiraTransitions } from './jira-transitions';

const ATLASSIAN = { hosts: /^[a-z0-9][a-z0-9-]*\.atlassian\.net$/, example: 'https://<site>.atlassian.net' };
const created = z.object({ id: z.string().regex(/^\d{1,20}$/), key: z.string().regex(/^[A-Z][A-Z0-9_]*-\d+$/) });
const message = z.object({
  timestamp: z.number(),
  webhookEvent: z.string(),
  issue: z.object({ id: z.string() }).optional(),
});

/**
 * Jira Cloud. An issue is found by a label with its key; what we last wrote is kept in a property of the issue
 * (https://developer.atlassian.com/cloud/jira/platform/storing-data-with-entity-properties/), written in the same
 * request as the text. Jira has no conditional requests: a change within the moment between our look and our writing
 * is lost, and shown in the issue's history.
 */
export class JiraSystem implements TicketSystem<JiraSettings, JiraCredential> {
  readonly id = 'jira';
  readonly settings = jiraSettings;
  readonly credential = jiraCredential;
  readonly createsOnce = false;
  readonly inboundSecret = 'made';
  /**
   * Ours: Jira limits bursts by the second and by issue, and publishes no number for API tokens; 429 and Retry-After
   * are heeded besides. https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
   */
  readonly limits = { perMinute: 60, perHour: 1_000 };
  private readonly api: JiraApi;
  private readonly transitions: JiraTransitions;

  constructor(
    http: TicketHttp,
    private readonly places: Places,
  ) {
    this.api = new JiraApi(http);
    this.transitions = new JiraTransitions(this.api);
  }

  mustBeUsable({ settings }: JiraConnection): Promise<void> {
    return mustBeTheirs(this.places, settings.site, 'site', ATLASSIAN);
  }

  examine(connection: JiraConnection): Promise<readonly string[]> {
    return examineJira(this.api, connection);
  }

  canRead(): boolean {
    return true;
  }

  async find(connection: JiraConnection, key: string): Promise<RemoteTicket | null> {
    const { project } = connection.settings;
    const [first] = await this.api.search(
      connection,
      `project = "${project}" AND labels = "mothball-${hex(key)}" ORDER BY created ASC`,
    );
    return first === undefined ? null : jiraTicket(connection, first);
  }

  async read(connection: JiraConnection, remoteId: string): Promise<RemoteTicket | null> {
    const found = await unlessGone(this.api.issue(connection, remoteId));
    return found && jiraTicket(connection, found);
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post */
  async create(connection: JiraConnection, content: TicketContent): Promise<RemoteTicket> {
    const { site, project, issueType, priorities, component, assignee, fields } = connection.settings;
    const summary = summaryOf(content);
    const description = descriptionOf(content);
    const priority = priorities[content.severity];
    const answer = await this.api.send(connection, 'POST', 'issue', {
      fields: {
        ...fields,
        project: { key: project },
        issuetype: { name: issueType },
        summary,
        description,
        labels: ['mothball', `mothball-${hex(content.key)}`],
        ...(priority === undefined ? {} : { priority: { name: priority } }),
        ...(component === undefined ? {} : { components: [{ name: component }] }),
        ...(assignee === undefined ? {} : { assignee: { accountId: assignee } }),
      },
      properties: [propertyFor(content.key, description, fingerprint(summary))],
    });
    // What the project will not take is said by a 400; by a 404, that it cannot be seen.
    if (answer.status === 404) await this.api.mustSeeProject(connection);
    const { id, key } = readAs(jiraMust(answer, 201, 'creating the issue'), created, 'creating the issue');
    // It is there, whatever becomes of reading it.
    const blind = { id, reference: key, url: `${site}/browse/${key}`, state: 'open' as const, closedAs: null };
    return (await this.readLater(connection, id)) ?? { ...blind, version: null, changedAt: null };
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put */
  async update(connection: JiraConnection, remoteId: string, content: TicketContent): Promise<RemoteTicket> {
    const now = await this.api.issue(connection, remoteId);
    const ours = propertyOf(now);
    const description = descriptionOf(content);
    if (ours === null || ours.key !== content.key || ours.description !== fingerprintOf(now.fields.description)) {
      await this.say(connection, remoteId, commentOf(EDITED, description));
    } else {
      const summary = summaryOf(content);
      const ourSummary = ours.summary === fingerprint(now.fields.summary ?? '');
      const body = {
        fields: { description, ...(ourSummary ? { summary } : {}) },
        properties: [propertyFor(content.key, description, ourSummary ? fingerprint(summary) : ours.summary)],
      };
      jiraMust(await this.api.send(connection, 'PUT', `issue/${issueId(remoteId)}`, body), 204, 'updating the issue');
    }
    return (await this.readLater(connection, remoteId)) ?? jiraTicket(connection, now);
  }

  comment(connection: JiraConnection, remoteId: string, text: string): Promise<void> {
    return this.say(connection, remoteId, commentOf(text));
  }

  async close(connection: JiraConnection, remoteId: string, text: string): Promise<RemoteTicket> {
    const now = jiraTicket(connection, await this.api.issue(connection, remoteId));
    if (now.state === 'closed') return now;
    await this.transitions.close(connection, remoteId);
    return this.afterwards(connection, { ...now, state: 'closed', closedAs: 'done' }, text);
  }

  async reopen(connection: JiraConnection, remoteId: string, text: string): Promise<RemoteTicket | null> {
    const now = jiraTicket(connection, await this.api.issue(connection, remoteId));
    if (now.state === 'open') return now;
    if (!(await this.transitions.reopen(connection, remoteId))) return null;
    return this.afterwards(connection, { ...now, state: 'open', closedAs: null }, text);
  }

  /**
   * https://developer.atlassian.com/cloud/jira/platform/webhooks/: `X-Hub-Signature` where the webhook has a secret;
   * what was not taken is sent again up to five times, with the same `X-Atlassian-Webhook-Identifier`.
   */
  hear({ headers, body, at }: InboundRequest, secret: string): Heard | 'ignore' | null {
    const [method, signature] = (headers['x-hub-signature'] ?? '').split('=');
    if (method !== 'sha256' || signature === undefined || !isSigned(body, secret, [signature], 'hex')) return null;
    const read = message.safeParse(jsonOf(body));
    if (!read.success) return 'ignore';
    const { timestamp, webhookEvent, issue } = read.data;
    if (!isRecent(new Date(timestamp), at, 24)) return null;
    if (issue === undefined || !/^(?:jira:issue_(?:updated|deleted)|comment_)/.test(webhookEvent)) return 'ignore';
    return { messageId: headers['x-atlassian-webhook-identifier'] ?? null, remoteId: issue.id };
  }

  /** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-post */
  private async say(connection: JiraConnection, remoteId: string, body: AdfDocument): Promise<void> {
    const answer = await this.api.send(connection, 'POST', `issue/${issueId(remoteId)}/comment`, { body });
    jiraMust(answer, 201, 'commenting');
  }

  /** The status has changed: neither a comment that fails nor a look that fails may undo that. */
  private async afterwards(connection: JiraConnection, ticket: RemoteTicket, text: string): Promise<RemoteTicket> {
    await this.comment(connection, ticket.id, text).catch(onlyFailures);
    return (await this.readLater(connection, ticket.id)) ?? ticket;
  }

  private async readLater(connection: JiraConnection, id: string): Promise<RemoteTicket | null> {
    return this.read(connection, id).catch(onlyFailures);
  }
}

const summaryOf = (content: TicketContent): string => line(content.title, 255) || 'Mothball';

const propertyFor = (key: string, description: AdfDocument, summary: string): { key: string; value: JiraProperty } => ({
  key: 'mothball',
  value: { key, description: fingerprintOf(description), summary },
});

function onlyFailures(error: unknown): null {
  if (error instanceof TicketFailure) return null;
  throw error;
}

/** Keys go into queries. */
function hex(key: string): string {
  if (!/^[0-9a-f]{40}$/.test(key)) throw new Error('A ticket key has 40 hexadecimal digits.');
  return key;
}
