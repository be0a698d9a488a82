import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FakeServer, problemsOf, type FakeAnswer, type FakeRequest } from './fake-server';
import { JIRA_STATUSES, jiraDocumentProblem, jiraTransitions, withLocalIds, type JiraStatus } from './jira-rules';

export interface FakeIssue {
  readonly id: string;
  readonly key: string;
  summary: string;
  description: unknown;
  labels: string[];
  status: JiraStatus;
  resolution: string | null;
  fields: Record<string, unknown>;
  updated: Date;
  readonly comments: unknown[];
  readonly properties: Map<string, unknown>;
  indexed: boolean;
}

export interface FakeJiraOptions {
  readonly project?: string;
  /** Fields that must have a value, besides the summary: id and name. */
  readonly required?: Readonly<Record<string, string>>;
  /** What the account may not do: `EDIT_ISSUES`. */
  readonly without?: readonly string[];
  /** Whether issues that were closed can be opened again. */
  readonly reopens?: boolean;
  /** The transition to "done" has a screen that asks for a resolution. */
  readonly asksForResolution?: boolean;
  /** Searches know nothing of new issues before `index()`: https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/ */
  readonly searchLags?: boolean;
  readonly now?: () => Date;
}

const RIGHTS = ['BROWSE_PROJECTS', 'CREATE_ISSUES', 'EDIT_ISSUES', 'ADD_COMMENTS', 'TRANSITION_ISSUES'];
const PRIORITIES = ['Highest', 'High', 'Medium', 'Low', 'Lowest'];
const KNOWN = ['project', 'issuetype', 'summary', 'description', 'labels', 'priority', 'components', 'assignee'];
const property = z.strictObject({ key: z.string().min(1).max(255), value: z.unknown() });
const creation = z.strictObject({
  fields: z.record(z.string(), z.unknown()),
  properties: z.array(property).optional(),
});
const transition = z.strictObject({
  transition: z.strictObject({ id: z.string() }),
  fields: z.record(z.string(), z.unknown()).optional(),
});
const search = z.strictObject({
  jql: z.string(),
  fields: z.array(z.string()).optional(),
  maxResults: z.number().int().positive().max(5_000).optional(),
});

/**
 * Jira Cloud's REST API v3, as far as tickets need it: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
 * What it does not know it refuses; what it stores of a document it gives ids of its own.
 */
export class FakeJira extends FakeServer {
  readonly email = 'mothball@example.com';
  readonly apiToken = 'jira-practice-token';
  readonly issues: FakeIssue[] = [];
  /** The project is hidden from the account. */
  hidden = false;

  constructor(private readonly options: FakeJiraOptions = {}) {
    super(options.now);
  }

  get project(): string {
    return this.options.project ?? 'SEC';
  }

  /** What people do in Jira's own pages. */
  edit(id: string, change: Partial<Pick<FakeIssue, 'summary' | 'description' | 'status' | 'resolution'>>): void {
    Object.assign(this.issue(id), change, { updated: this.now() });
  }

  remove(id: string): void {
    this.issues.splice(this.issues.indexOf(this.issue(id)), 1);
  }

  index(): void {
    for (const issue of this.issues) issue.indexed = true;
  }

  issue(id: string): FakeIssue {
    const found = this.issues.find((one) => one.id === id || one.key === id);
    if (found === undefined) throw new Error(`No issue ${id}.`);
    return found;
  }

  /** https://developer.atlassian.com/cloud/jira/platform/webhooks/ */
  message(
    id: string,
    secret: string,
    webhookEvent = 'jira:issue_updated',
  ): { headers: Record<string, string>; body: Buffer } {
    const issue = this.issues.find((one) => one.id === id);
    const body = Buffer.from(
      JSON.stringify({
        timestamp: this.now().getTime(),
        webhookEvent,
        issue: { id, key: issue?.key ?? 'SEC-0', fields: { summary: issue?.summary } },
      }),
    );
    return {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-atlassian-webhook-identifier': randomUUID(),
        'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
      body,
    };
  }

  protected handle(request: FakeRequest): FakeAnswer {
    const wanted = `Basic ${Buffer.from(`${this.email}:${this.apiToken}`).toString('base64')}`;
    // https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/
    if (request.headers.authorization !== wanted) {
      return { status: 401, text: 'Client must be authenticated to access this resource.' };
    }
    const path = request.path.replace('/rest/api/3/', '');
    const [, id = '', rest = ''] = /^issue\/(\d+)(?:\/(\w+))?$/.exec(path) ?? [];
    const route = `${request.method} ${id === '' ? path : `issue/:id${rest === '' ? '' : `/${rest}`}`}`;
    if (request.method !== 'GET' && request.json === undefined) return problem(415, 'Unsupported Media Type');
    switch (route) {
      case 'GET myself':
        return { status: 200, json: { accountId: '5b10ac8d82e05b22cc7d4ef5', active: true } };
      case 'GET mypermissions':
        return this.rights(request);
      case `GET project/${this.project}`:
        return this.hidden ? noProject(this.project) : { status: 200, json: { id: '10000', key: this.project } };
      case `GET issue/createmeta/${this.project}/issuetypes`:
        return page(request, 'issueTypes', [
          { id: '10001', name: 'Task', subtask: false },
          { id: '10002', name: 'Bug', subtask: false },
        ]);
      case `GET issue/createmeta/${this.project}/issuetypes/10001`:
        return page(request, 'fields', this.fieldsOfScreen());
      case 'POST search/jql':
        return this.search(request);
      case 'POST issue':
        return this.create(request);
      default:
        return id === '' ? problem(404, 'No such resource.') : this.ofIssue(route, id, request);
    }
  }

  private ofIssue(route: string, id: string, request: FakeRequest): FakeAnswer {
    const issue = this.issues.find((one) => one.id === id);
    if (issue === undefined || this.hidden) {
      return problem(404, 'Issue does not exist or you do not have permission to see it.');
    }
    switch (route) {
      case 'GET issue/:id':
        return { status: 200, json: this.shown(issue, request.query.get('properties')) };
      case 'PUT issue/:id':
        return this.may('EDIT_ISSUES') ?? this.update(issue, request.json);
      case 'GET issue/:id/transitions':
        return {
          status: 200,
          json: { expand: 'transitions', transitions: jiraTransitions(issue.status, this.options) },
        };
      case 'POST issue/:id/transitions':
        return this.may('TRANSITION_ISSUES') ?? this.move(issue, request.json);
      case 'POST issue/:id/comment':
        return this.may('ADD_COMMENTS') ?? this.say(issue, request.json);
      default:
        return problem(405, 'Method not allowed.');
    }
  }

  private may(right: string): FakeAnswer | null {
    return this.options.without?.includes(right) ? problem(403, 'You do not have the permission to do that.') : null;
  }

  private rights({ query }: FakeRequest): FakeAnswer {
    if (query.get('projectKey') !== this.project || this.hidden) return noProject(query.get('projectKey') ?? '');
    const asked = (query.get('permissions') ?? '').split(',');
    if (!asked.every((right) => RIGHTS.includes(right))) return problem(400, 'Unrecognized permission.');
    const held = asked.map((right): [string, object] => {
      return [right, { key: right, havePermission: this.options.without?.includes(right) !== true }];
    });
    return { status: 200, json: { permissions: Object.fromEntries(held) } };
  }

  private fieldsOfScreen(): object[] {
    const field = (fieldId: string, name: string, required: boolean, allowed?: readonly string[]) => ({
      fieldId,
      key: fieldId,
      name,
      required,
      hasDefaultValue: fieldId === 'priority',
      ...(allowed === undefined ? {} : { allowedValues: allowed.map((one) => ({ name: one })) }),
    });
    const required = Object.entries(this.options.required ?? {});
    return [
      ...['project', 'issuetype', 'summary'].map((id) => field(id, id, true)),
      ...['description', 'labels', 'assignee'].map((id) => field(id, id, false)),
      field('priority', 'Priority', true, PRIORITIES),
      field('components', 'Components', false, ['Identity']),
      ...required.map(([id, name]) => field(id, name, true)),
    ];
  }

  private create({ json }: FakeRequest): FakeAnswer {
    const errors = problemsOf(creation, json);
    if (Object.keys(errors).length > 0) return problems(errors);
    const { fields, properties = [] } = creation.parse(json);
    if ((fields.project as { key?: string } | undefined)?.key !== this.project || this.hidden) {
      return problems({ project: 'valid project is required' });
    }
    if (this.options.without?.includes('CREATE_ISSUES'))
      return problem(403, 'You cannot create issues in this project.');
    if ((fields.issuetype as { name?: string } | undefined)?.name !== 'Task')
      return problems({ issuetype: 'Specify a valid issue type' });
    const wrong = this.wrongFields(fields, true);
    if (Object.keys(wrong).length > 0) return problems(wrong);
    const number = 10_000 + this.log.length + this.issues.length;
    const issue: FakeIssue = {
      id: String(number),
      key: `${this.project}-${this.issues.length + 1}`,
      summary: fields.summary as string,
      description: withLocalIds(fields.description),
      labels: (fields.labels as string[] | undefined) ?? [],
      status: JIRA_STATUSES.todo,
      resolution: null,
      fields,
      updated: this.now(),
      comments: [],
      properties: new Map(properties.map(({ key, value }) => [key, value])),
      indexed: this.options.searchLags !== true,
    };
    this.issues.push(issue);
    return { status: 201, json: { id: issue.id, key: issue.key, self: `${this.origin}/rest/api/3/issue/${issue.id}` } };
  }

  private wrongFields(fields: Readonly<Record<string, unknown>>, all: boolean): Record<string, string> {
    const wrong: Record<string, string> = {};
    const required = this.options.required ?? {};
    for (const id of Object.keys(fields)) {
      if (KNOWN.includes(id) || id in required) continue;
      wrong[id] = `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`;
    }
    if (all)
      for (const [id, name] of Object.entries(required))
        if (fields[id] === undefined) wrong[id] = `${name} is required.`;
    const { summary, description, labels, priority } = fields;
    if (all || summary !== undefined) Object.assign(wrong, summaryProblems(summary));
    const document = description === undefined ? null : jiraDocumentProblem(description);
    if (document !== null)
      wrong.description = `Operation value must be an Atlassian Document (see the Atlassian Document Format): ${document}`;
    const spaced = ((labels as string[] | undefined) ?? []).find((label) => /\s/.test(label) || label.length > 255);
    if (spaced !== undefined) wrong.labels = `The label '${spaced}' contains spaces which is invalid.`;
    const named = (priority as { name?: string } | undefined)?.name;
    if (priority !== undefined && !PRIORITIES.includes(named ?? '')) wrong.priority = 'Specify a valid priority';
    return wrong;
  }

  private update(issue: FakeIssue, json: unknown): FakeAnswer {
    const errors = problemsOf(creation, json);
    if (Object.keys(errors).length > 0) return problems(errors);
    const { fields, properties = [] } = creation.parse(json);
    const wrong = this.wrongFields(fields, false);
    if (Object.keys(wrong).length > 0) return problems(wrong);
    if (fields.summary !== undefined) issue.summary = fields.summary as string;
    if (fields.description !== undefined) issue.description = withLocalIds(fields.description);
    for (const { key, value } of properties) issue.properties.set(key, value);
    issue.updated = this.now();
    return { status: 204 };
  }

  private move(issue: FakeIssue, json: unknown): FakeAnswer {
    const errors = problemsOf(transition, json);
    if (Object.keys(errors).length > 0) return problems(errors);
    const { transition: wanted, fields = {} } = transition.parse(json);
    const chosen = jiraTransitions(issue.status, this.options).find(({ id }) => id === wanted.id);
    if (chosen === undefined)
      return problem(400, 'It seems that you have tried to perform an illegal workflow operation.');
    const stray = Object.keys(fields).find((id) => !(id in chosen.fields));
    if (stray !== undefined)
      return problems({ [stray]: `Field '${stray}' cannot be set. It is not on the appropriate screen, or unknown.` });
    const resolution = (fields.resolution as { name?: string } | undefined)?.name;
    const allowed = chosen.fields.resolution?.allowedValues.map(({ name }) => name);
    if (allowed !== undefined && !allowed.includes(resolution ?? ''))
      return problems({ resolution: 'Resolution is required.' });
    issue.status = chosen.to;
    issue.resolution = chosen.to.statusCategory.key === 'done' ? (resolution ?? 'Done') : null;
    issue.updated = this.now();
    return { status: 204 };
  }

  private say(issue: FakeIssue, json: unknown): FakeAnswer {
    const errors = problemsOf(z.strictObject({ body: z.unknown() }), json);
    const { body } = json as { body: unknown };
    const document = jiraDocumentProblem(body);
    if (Object.keys(errors).length > 0 || document !== null)
      return problems({ ...errors, comment: document ?? 'INVALID_INPUT' });
    issue.comments.push(body);
    issue.updated = this.now();
    return { status: 201, json: { id: String(issue.comments.length), body } };
  }

  /** A bounded query of the one form that is known here. */
  private search({ json }: FakeRequest): FakeAnswer {
    const errors = problemsOf(search, json);
    if (Object.keys(errors).length > 0) return problems(errors);
    const { jql } = search.parse(json);
    const [, project, label] =
      /^project = "([A-Z0-9_]+)" AND labels = "([\w-]+)" ORDER BY created ASC$/.exec(jql) ?? [];
    if (project === undefined) return problem(400, 'Error in the JQL Query, or unbounded.');
    if (project !== this.project || this.hidden) {
      return problem(400, `The value '${project}' does not exist for the field 'project'.`);
    }
    const found = this.issues.filter((issue) => issue.indexed && issue.labels.includes(label ?? ''));
    return { status: 200, json: { isLast: true, issues: found.map((issue) => this.shown(issue, null)) } };
  }

  private shown(issue: FakeIssue, properties: string | null): object {
    const { id, key, summary, description, status, resolution, updated } = issue;
    return {
      id,
      key,
      self: `${this.origin}/rest/api/3/issue/${id}`,
      fields: {
        summary,
        description,
        status,
        resolution: resolution === null ? null : { id: '10000', name: resolution },
        updated: updated.toISOString().replace('Z', '+0000'),
      },
      ...(properties === null ? {} : { properties: Object.fromEntries(issue.properties) }),
    };
  }
}

const problem = (status: number, message: string): FakeAnswer => ({
  status,
  json: { errorMessages: [message], errors: {} },
});
const problems = (errors: Record<string, string>): FakeAnswer => ({ status: 400, json: { errorMessages: [], errors } });
const noProject = (key: string): FakeAnswer => problem(404, `No project could be found with key '${key}'.`);

function summaryProblems(summary: unknown): Record<string, string> {
  if (typeof summary !== 'string' || summary.trim() === '')
    return { summary: 'You must specify a summary of the issue.' };
  if (/[\r\n]/.test(summary)) return { summary: 'The summary is invalid because it contains newline characters.' };
  return summary.length > 255 ? { summary: 'Summary must be less than 255 characters.' } : {};
}

function page({ query }: FakeRequest, name: string, all: readonly object[]): FakeAnswer {
  const startAt = Number(query.get('startAt') ?? 0);
  // Fewer than asked for: whoever does not go on misses some.
  const maxResults = Math.min(Number(query.get('maxResults') ?? 50), 3);
  const some = all.slice(startAt, startAt + maxResults);
  return { status: 200, json: { startAt, maxResults, total: all.length, [name]: some } };
}
