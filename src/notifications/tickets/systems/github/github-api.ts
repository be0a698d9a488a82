import { z } from 'zod';
import { TicketFailure, type OpenConnection, type RemoteTicket } from '../../ticket-system';
import { failureOf, readAs, type Meant, type TicketAnswer, type TicketHttp } from '../parts/ticket-http';
import { webLink } from '../parts/ticket-words';
import type { GitHubCredential, GitHubSettings } from './github-settings';

export type GitHubConnection = OpenConnection<GitHubSettings, GitHubCredential>;

const issue = z.object({
  number: z.number().int().positive(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']),
  state_reason: z.string().nullish(),
  locked: z.boolean(),
  updated_at: z.string(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  /** There, it is a pull request: lists of issues have both. */
  pull_request: z.unknown().optional(),
});

export type GitHubIssue = z.infer<typeof issue>;

/** Ours have 20 kB at most, and an answer has to fit into one of 1 MiB. */
const PER_PAGE = 30;
const MAX_PAGES = 200;
const problem = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.object({ field: z.string(), code: z.string(), message: z.string() }).partial()]))
    .optional(),
});

/** GitHub's REST API: https://docs.github.com/en/rest/issues/issues */
export class GitHubApi {
  constructor(private readonly http: TicketHttp) {}

  send({ settings, credential }: GitHubConnection, method: 'GET' | 'POST' | 'PATCH', path: string, json?: object) {
    const { api, owner, repository } = settings;
    return this.http.send({
      system: 'GitHub',
      method,
      url: `${api}/repos/${owner}/${repository}${path}`,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${credential.token}`,
        // https://docs.github.com/en/rest/about-the-rest-api/api-versions
        'x-github-api-version': '2022-11-28',
      },
      secrets: [credential.token],
      ...(json === undefined ? {} : { json }),
    });
  }

  async issue(connection: GitHubConnection, number: string): Promise<GitHubIssue> {
    return this.asked(connection, 'GET', issuePath(number), 200);
  }

  async change(connection: GitHubConnection, number: string, changes: object): Promise<GitHubIssue> {
    return this.asked(connection, 'PATCH', issuePath(number), 200, changes);
  }

  /**
   * The newest first, of which one that was made a moment ago is. A list, not a search: the index of the search is
   * behind. https://docs.github.com/en/rest/issues/issues#list-repository-issues
   */
  async *labelled(connection: GitHubConnection, label: string): AsyncGenerator<GitHubIssue> {
    const query = `labels=${encodeURIComponent(label)}&state=all&sort=created&direction=desc&per_page=${PER_PAGE}`;
    for (let page = 1; page <= MAX_PAGES; page++) {
      const answer = await this.send(connection, 'GET', `/issues?${query}&page=${page}`);
      if (answer.status === 404 || answer.status === 410) await this.mustHaveIssues(connection);
      yield* readAs(gitHubMust(answer, 200, 'listing the issues'), z.array(issue), 'listing the issues');
      // https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
      if (!/<[^>]*>;\s*rel="next"/.test(answer.headers.link ?? '')) return;
    }
    throw new TicketFailure('rejected', `GitHub: more than ${PER_PAGE * MAX_PAGES} issues have the label "${label}".`);
  }

  /**
   * What is not there: 404, 410 (deleted), or 301 (moved to another repository). All are `gone`, unless it is the
   * repository that cannot be seen any more.
   */
  async asked(
    connection: GitHubConnection,
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    status: number,
    json?: object,
  ): Promise<GitHubIssue> {
    const doing =
      method === 'GET' ? 'reading the issue' : method === 'POST' ? 'creating the issue' : 'changing the issue';
    const answer = await this.send(connection, method, path, json);
    if ([301, 404, 410].includes(answer.status)) {
      await this.mustHaveIssues(connection);
      if (answer.status === 301) throw failureOf(answer, doing, 'it was moved to another repository', { kind: 'gone' });
    }
    return readAs(gitHubMust(answer, status, doing), issue, doing);
  }

  /** https://docs.github.com/en/rest/repos/repos#get-a-repository; throws `refused`, or gives what it says. */
  async mustHaveIssues(connection: GitHubConnection): Promise<void> {
    const answer = await this.send(connection, 'GET', '');
    const doing = 'reading the repository';
    if ([301, 404].includes(answer.status)) throw failureOf(answer, doing, saidByGitHub(answer), { kind: 'refused' });
    const read = z.object({ has_issues: z.boolean() });
    if (readAs(gitHubMust(answer, 200, doing), read, doing).has_issues) return;
    throw failureOf(answer, doing, 'its issues are disabled', { kind: 'refused' });
  }
}

export const issuePath = (number: string): string => {
  if (!/^[1-9]\d{0,9}$/.test(number))
    throw new TicketFailure('gone', `"${number.slice(0, 50)}" is no number of an issue.`);
  return `/issues/${number}`;
};

export function gitHubMust(answer: TicketAnswer, status: number, doing: string): TicketAnswer {
  if (answer.status === status) return answer;
  throw failureOf(answer, doing, saidByGitHub(answer), meaningOf(answer));
}

function saidByGitHub({ json }: TicketAnswer): string | null {
  const { data } = problem.safeParse(json);
  if (data === undefined) return null;
  const errors = (data.errors ?? []).map((error) =>
    typeof error === 'string'
      ? error
      : [error.field, error.message ?? error.code].filter((part) => part !== undefined).join(' '),
  );
  return [data.message, ...errors].join('; ');
}

/**
 * Both limits answer 403 or 429: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * The primary one says when it is over; the secondary one says `Retry-After`, or is to be left alone for a minute.
 */
function meaningOf(answer: TicketAnswer): Meant | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  const { headers, at } = answer;
  if (headers['retry-after'] !== undefined) return { kind: 'busy' };
  if (headers['x-ratelimit-remaining'] === '0') {
    const over = Number(headers['x-ratelimit-reset']) * 1_000 - at.getTime();
    return { kind: 'busy', retryAfterMs: over > 0 && over < 86_400_000 ? over : 60_000 };
  }
  if (answer.status === 429 || /rate limit/i.test(answer.text)) return { kind: 'busy', retryAfterMs: 60_000 };
  return undefined;
}

/** All labels of an issue, and this one besides; null: it has it already. */
export function labelsWith(label: string, { labels }: GitHubIssue): string[] | null {
  const names = labels.flatMap((one) => (typeof one === 'string' ? one : one.name) ?? []);
  return names.includes(label) ? null : [...names, label];
}

export function gitHubTicket(
  { settings }: GitHubConnection,
  found: GitHubIssue,
  changedAt = found.updated_at,
): RemoteTicket {
  const closed = found.state === 'closed';
  const time = new Date(changedAt);
  return {
    id: String(found.number),
    reference: `${settings.owner}/${settings.repository}#${found.number}`,
    url: webLink(found.html_url),
    state: found.state,
    closedAs: !closed ? null : found.state_reason === 'not_planned' ? 'wont-do' : 'done',
    version: null,
    changedAt: Number.isNaN(time.getTime()) ? null : time,
  };
}
