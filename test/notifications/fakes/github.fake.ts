import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FakeServer, problemsOf, type FakeAnswer, type FakeRequest } from './fake-server';

export interface FakeGitHubIssue {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  stateReason: string | null;
  labels: string[];
  locked: boolean;
  isPullRequest: boolean;
  /** Deleted (410), or moved to another repository (301). */
  gone: 'deleted' | 'moved' | null;
  updated: Date;
  readonly comments: string[];
}

export interface FakeGitHubOptions {
  /** Whether the token may label issues; if not, labels are left out in silence. */
  readonly mayLabel?: boolean;
  readonly now?: () => Date;
}

const DOCUMENTATION = 'https://docs.github.com/rest';
const state = z.enum(['open', 'closed']);
const reason = z.enum(['completed', 'not_planned', 'duplicate', 'reopened']).nullable();
const creation = z.strictObject({
  title: z.string().min(1).max(256),
  body: z.string().max(65_536).optional(),
  labels: z.array(z.string().min(1).max(50)).optional(),
  assignees: z.array(z.string()).optional(),
});
const change = z.strictObject({
  labels: z.array(z.string().min(1).max(50)).optional(),
  title: z.string().min(1).max(256).optional(),
  body: z.string().max(65_536).optional(),
  state: state.optional(),
  state_reason: reason.optional(),
});

/**
 * GitHub's REST API for the issues of one repository (https://docs.github.com/en/rest/issues/issues), with its limits:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export class FakeGitHub extends FakeServer {
  readonly owner = 'acme';
  readonly repository = 'cloud';
  readonly token = 'github_pat_practice_0123456789';
  readonly issues: FakeGitHubIssue[] = [];
  /** The repository's state. */
  hidden = false;
  hasIssues = true;
  archived = false;
  /** Until when the primary limit is used up. */
  exhaustedUntil: Date | null = null;
  private readonly createdAt: number[] = [];

  constructor(private readonly options: FakeGitHubOptions = {}) {
    super(options.now);
  }

  issue(number: number): FakeGitHubIssue {
    const found = this.issues.find((one) => one.number === number);
    if (found === undefined) throw new Error(`No issue ${number}.`);
    return found;
  }

  /** What people do on the pages. */
  edit(number: number, edited: Partial<Omit<FakeGitHubIssue, 'number' | 'comments'>>): void {
    Object.assign(this.issue(number), { updated: this.now() }, edited);
  }

  /** https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues */
  message(number: number, secret: string, action = 'closed', repository = this.repository) {
    const body = Buffer.from(
      JSON.stringify({ action, issue: { number }, repository: { name: repository, owner: { login: this.owner } } }),
    );
    return signed(body, secret, 'issues');
  }

  /** What GitHub sends when a webhook is made: https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping */
  ping(secret: string) {
    return signed(Buffer.from(JSON.stringify({ zen: 'Keep it logically awesome.', hook_id: 1 })), secret, 'ping');
  }

  protected handle(request: FakeRequest): FakeAnswer {
    const { headers, method, path } = request;
    // https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent-required
    if (headers['user-agent'] === undefined) return problem(403, 'Request forbidden by administrative rules.');
    if (headers['x-github-api-version'] !== '2022-11-28')
      return problem(400, 'The given API version is not supported.');
    if (headers.authorization !== `Bearer ${this.token}`) return problem(401, 'Bad credentials');
    if (this.exhaustedUntil !== null && this.exhaustedUntil > this.now()) return this.exhausted(this.exhaustedUntil);
    const root = `/repos/${this.owner}/${this.repository}`;
    if (!path.startsWith(root) || this.hidden) return problem(404, 'Not Found');
    const rest = path.slice(root.length);
    if (`${method} ${rest}` === 'GET ') return { status: 200, json: this.shownRepository() };
    if (!this.hasIssues) return problem(410, 'Issues has been disabled in this repository.');
    if (rest === '/issues') return method === 'GET' ? this.list(request) : this.creating(() => this.create(request));
    const [, number, comments] = /^\/issues\/(\d+)(\/comments)?$/.exec(rest) ?? [];
    return number === undefined
      ? problem(404, 'Not Found')
      : this.ofIssue(Number(number), comments !== undefined, request);
  }

  private ofIssue(number: number, comments: boolean, request: FakeRequest): FakeAnswer {
    const issue = this.issues.find((one) => one.number === number);
    if (issue === undefined) return problem(404, 'Not Found');
    if (issue.gone === 'deleted') return problem(410, 'This issue was deleted');
    if (issue.gone === 'moved') {
      const url = `${this.origin}/repositories/2/issues/1`;
      return { status: 301, headers: { location: url }, json: { message: 'Moved Permanently', url } };
    }
    if (comments) return this.creating(() => this.say(issue, request));
    if (request.method === 'GET') return { status: 200, json: this.shown(issue) };
    return this.change(issue, request);
  }

  private create({ json }: FakeRequest): FakeAnswer {
    const errors = problemsOf(creation, json);
    if (Object.keys(errors).length > 0) return invalid(errors);
    if (this.archived) return problem(403, 'Repository was archived so is read-only.');
    const { title, body = '', labels = [] } = creation.parse(json);
    const issue: FakeGitHubIssue = {
      number: this.issues.length + 1,
      title,
      body,
      state: 'open',
      stateReason: null,
      labels: this.options.mayLabel === false ? [] : labels,
      locked: false,
      isPullRequest: false,
      gone: null,
      updated: this.now(),
      comments: [],
    };
    this.issues.push(issue);
    return { status: 201, json: this.shown(issue) };
  }

  private change(issue: FakeGitHubIssue, { method, json }: FakeRequest): FakeAnswer {
    const errors = method === 'PATCH' ? problemsOf(change, json) : { method: 'is not known here' };
    if (Object.keys(errors).length > 0) return invalid(errors);
    const { title, body, labels, state: wanted, state_reason: why } = change.parse(json);
    // They replace all that there are; changes by those who may not label are left out in silence.
    if (labels !== undefined && this.options.mayLabel !== false) issue.labels = labels;
    if (title !== undefined) issue.title = title;
    if (body !== undefined) issue.body = body;
    // A reason without a change of the state is not heeded.
    if (wanted !== undefined && wanted !== issue.state) {
      issue.state = wanted;
      issue.stateReason = why ?? (wanted === 'closed' ? 'completed' : 'reopened');
    }
    issue.updated = this.now();
    return { status: 200, json: this.shown(issue) };
  }

  private say(issue: FakeGitHubIssue, { method, json }: FakeRequest): FakeAnswer {
    const errors = problemsOf(z.strictObject({ body: z.string().min(1).max(65_536) }), json);
    if (method !== 'POST' || Object.keys(errors).length > 0) return invalid(errors);
    if (issue.locked) return problem(403, 'Unable to create comment because issue is locked.');
    issue.comments.push((json as { body: string }).body);
    issue.updated = this.now();
    return { status: 201, json: { id: issue.comments.length, created_at: seconds(issue.updated) } };
  }

  /** https://docs.github.com/en/rest/issues/issues#list-repository-issues */
  private list({ query, path }: FakeRequest): FakeAnswer {
    const labels = (query.get('labels') ?? '').split(',').filter((label) => label !== '');
    const wanted = query.get('state') ?? 'open';
    const found = this.issues
      .filter((issue) => issue.gone === null && labels.every((label) => issue.labels.includes(label)))
      .filter((issue) => wanted === 'all' || issue.state === wanted)
      .sort((one, other) => (query.get('direction') === 'asc' ? one.number - other.number : other.number - one.number));
    const perPage = Math.min(Number(query.get('per_page') ?? 30), 100);
    const page = Number(query.get('page') ?? 1);
    const more = found.length > page * perPage;
    const next = new URLSearchParams(query);
    next.set('page', String(page + 1));
    const link = `<${this.origin}${path}?${next}>; rel="next"`;
    return {
      status: 200,
      headers: more ? { link } : {},
      json: found.slice((page - 1) * perPage, page * perPage).map((issue) => this.shown(issue)),
    };
  }

  /** No more than 80 a minute and 500 an hour of what makes content. */
  private creating(make: () => FakeAnswer): FakeAnswer {
    const now = this.now().getTime();
    const since = (ms: number) => this.createdAt.filter((at) => at > now - ms).length;
    if (since(60_000) >= 80 || since(3_600_000) >= 500) {
      const message =
        'You have exceeded a secondary rate limit and have been temporarily blocked from content creation.';
      return { ...problem(403, message), headers: { 'retry-after': since(60_000) >= 80 ? '60' : '3600' } };
    }
    this.createdAt.push(now);
    return make();
  }

  private exhausted(until: Date): FakeAnswer {
    const reset = String(Math.ceil(until.getTime() / 1_000));
    return {
      ...problem(403, 'API rate limit exceeded for user ID 1.'),
      headers: {
        date: this.now().toUTCString(),
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': reset,
      },
    };
  }

  private shownRepository(): object {
    const may = this.options.mayLabel !== false;
    return {
      name: this.repository,
      has_issues: this.hasIssues,
      archived: this.archived,
      permissions: { admin: false, maintain: false, push: false, triage: may, pull: true },
    };
  }

  private shown(issue: FakeGitHubIssue): object {
    const { number, title, body, state: at, stateReason, labels, locked, updated } = issue;
    return {
      id: 1_000 + number,
      number,
      html_url: `https://github.com/${this.owner}/${this.repository}/issues/${number}`,
      title,
      body,
      state: at,
      state_reason: stateReason,
      locked,
      labels: labels.map((name) => ({ id: 1, name })),
      updated_at: seconds(updated),
      ...(issue.isPullRequest ? { pull_request: { url: 'https://api.github.com/pulls/1' } } : {}),
    };
  }
}

const seconds = (time: Date): string => time.toISOString().replace(/\.\d+/, '');
const problem = (status: number, message: string): FakeAnswer => ({
  status,
  json: { message, documentation_url: DOCUMENTATION, status: String(status) },
});
const invalid = (errors: Record<string, string>): FakeAnswer => ({
  status: 422,
  json: {
    message: 'Validation Failed',
    errors: Object.entries(errors).map(([field, message]) => ({ resource: 'Issue', field, code: 'custom', message })),
    documentation_url: DOCUMENTATION,
    status: '422',
  },
});

function signed(body: Buffer, secret: string, event: string) {
  return {
    headers: {
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  };
}
