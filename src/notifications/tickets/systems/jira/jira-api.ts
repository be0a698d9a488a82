import { z } from 'zod';
import { TicketFailure, type OpenConnection, type RemoteTicket } from '../../ticket-system';
import { basic, failureOf, readAs, type TicketAnswer, type TicketHttp } from '../parts/ticket-http';
import type { JiraCredential, JiraSettings } from './jira-settings';

export type JiraConnection = OpenConnection<JiraSettings, JiraCredential>;

/** What we keep at an issue: of which key it is, and what we last wrote. */
const property = z.object({ key: z.string(), description: z.string(), summary: z.string() });

export type JiraProperty = z.infer<typeof property>;

const issue = z.object({
  id: z.string().regex(/^\d{1,20}$/),
  key: z.string().regex(/^[A-Z][A-Z0-9_]*-\d+$/),
  fields: z.object({
    summary: z.string().nullish(),
    description: z.unknown().optional(),
    status: z.object({ name: z.string(), statusCategory: z.object({ key: z.string() }) }),
    resolution: z.object({ name: z.string() }).nullish(),
    updated: z.string(),
  }),
  properties: z.object({ mothball: z.unknown() }).partial().optional(),
});

export type JiraIssue = z.infer<typeof issue>;

const FIELDS = ['summary', 'description', 'status', 'resolution', 'updated'];
const problems = z.object({ errorMessages: z.array(z.string()), errors: z.record(z.string(), z.string()) }).partial();

/** Jira Cloud's REST API, version 3: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/ */
export class JiraApi {
  constructor(private readonly http: TicketHttp) {}

  get(connection: JiraConnection, path: string): Promise<TicketAnswer> {
    return this.send(connection, 'GET', path);
  }

  send(
    { settings, credential }: JiraConnection,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    json?: unknown,
    onlyReads = false,
  ): Promise<TicketAnswer> {
    return this.http.send({
      system: 'Jira',
      method,
      url: `${settings.site}/rest/api/3/${path}`,
      // https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/
      headers: { authorization: basic(credential.email, credential.apiToken) },
      onlyReads,
      secrets: [credential.apiToken],
      ...(json === undefined ? {} : { json }),
    });
  }

  /** Throws `gone` where there is none, and `refused` where it is the project that cannot be seen any more. */
  async issue(connection: JiraConnection, id: string): Promise<JiraIssue> {
    const doing = 'reading the issue';
    // https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get
    const answer = await this.get(connection, `issue/${issueId(id)}?fields=${FIELDS.join(',')}&properties=mothball`);
    if (answer.status === 404) await this.mustSeeProject(connection);
    return readAs(jiraMust(answer, 200, doing), issue, doing);
  }

  /** Newest changes may be missing: https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/ */
  async search(connection: JiraConnection, jql: string): Promise<JiraIssue[]> {
    const doing = 'the search';
    // https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post
    const answer = await this.send(connection, 'POST', 'search/jql', { jql, fields: FIELDS, maxResults: 10 }, true);
    // 400 is also what is said of a project that cannot be seen.
    if (answer.status === 400) await this.mustSeeProject(connection);
    return readAs(jiraMust(answer, 200, doing), z.object({ issues: z.array(issue) }), doing).issues;
  }

  async mustSeeProject(connection: JiraConnection): Promise<void> {
    const answer = await this.get(connection, `project/${connection.settings.project}`);
    if (answer.status === 404)
      throw failureOf(answer, `reading the project ${connection.settings.project}`, saidByJira(answer), {
        kind: 'refused',
      });
    jiraMust(answer, 200, 'reading the project');
  }
}

/** Ids go into paths. */
export function issueId(id: string): string {
  if (!/^\d{1,20}$/.test(id)) throw new TicketFailure('gone', `"${id.slice(0, 50)}" is no issue id of Jira's.`);
  return id;
}

export function jiraMust(answer: TicketAnswer, status: number, doing: string): TicketAnswer {
  if (answer.status === status) return answer;
  throw failureOf(answer, doing, saidByJira(answer));
}

function saidByJira({ json }: TicketAnswer): string | null {
  const { data } = problems.safeParse(json);
  const said = [
    ...(data?.errorMessages ?? []),
    ...Object.entries(data?.errors ?? {}).map(([field, why]) => `${field}: ${why}`),
  ];
  return said.length === 0 ? null : said.join(' ');
}

export function jiraTicket({ settings }: JiraConnection, { id, key, fields }: JiraIssue): RemoteTicket {
  const closed = fields.status.statusCategory.key === 'done';
  const as = (fields.resolution?.name ?? fields.status.name).toLowerCase();
  const wontDo = settings.wontDo.some((name) => name.toLowerCase() === as);
  return {
    id,
    reference: key,
    url: `${settings.site}/browse/${key}`,
    state: closed ? 'closed' : 'open',
    closedAs: !closed ? null : wontDo ? 'wont-do' : 'done',
    version: null,
    changedAt: timeOf(fields.updated),
  };
}

/** What we keep at it; null: it is not there, or nothing of ours. */
export const propertyOf = (found: JiraIssue): JiraProperty | null =>
  property.safeParse(found.properties?.mothball).data ?? null;

/** `2026-11-22T13:05:33.000+0000`, which is not quite ISO 8601. */
function timeOf(text: string): Date | null {
  const time = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(time.getTime()) ? null : time;
}
