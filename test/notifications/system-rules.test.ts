import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import {
  TICKET_SYSTEMS,
  type TicketFailure,
  type TicketFailureKind,
} from '../../src/notifications/tickets/ticket-system';
import {
  clock,
  closedSystems,
  connectionOf,
  content,
  gitHubWorld,
  jiraWorld,
  KEY,
  pagerDutyWorld,
  serviceNowWorld,
  stopFakes,
  systems,
  templateWorld,
} from './systems-world';

afterEach(stopFakes);

const failure = (kind: TicketFailureKind, message?: RegExp) =>
  expect.objectContaining({
    kind,
    ...(message === undefined ? {} : { message: expect.stringMatching(message) as string }),
  }) as TicketFailure;
const minute = 60_000;

describe('Jira', () => {
  it('names the fields that lack a value, the rights that are missing, and names that are not there', async () => {
    const required = { customfield_10010: 'Team' };
    const { system, connection, fake } = await jiraWorld(
      { required, without: ['EDIT_ISSUES'] },
      { priorities: { low: 'Tiny' }, component: 'IAM' },
    );
    const problems = await system.examine(connection);
    expect(problems).toEqual([
      expect.stringContaining('EDIT_ISSUES'),
      expect.stringMatching(/"Team" must have a value: set settings\.fields\.customfield_10010/),
      expect.stringMatching(/settings\.priorities: there is no "Tiny"/),
      expect.stringMatching(/settings\.component: there is no "IAM"/),
    ]);
    await expect(system.create(connection, content())).rejects.toEqual(failure('rejected', /Team is required/));
    const settings = { site: fake.origin, project: 'SEC', fields: { customfield_10010: { value: 'Cloud' } } };
    const better = connectionOf('jira', settings, { email: fake.email, apiToken: fake.apiToken });
    await expect(system.create(better, content())).resolves.toMatchObject({ reference: 'SEC-1' });
    expect(fake.issue('SEC-1').fields.customfield_10010).toEqual({ value: 'Cloud' });
  });

  it('maps severity to priority, and labels what it makes', async () => {
    const { system, connection, fake } = await jiraWorld();
    const { id, url } = await system.create(connection, content());
    expect(fake.issue(id)).toMatchObject({
      labels: ['mothball', `mothball-${KEY}`],
      fields: { priority: { name: 'Highest' } },
    });
    expect(url).toBe(`${fake.origin}/browse/SEC-1`);
  });

  it('finds a new issue once the search knows of it', async () => {
    const { system, connection, fake } = await jiraWorld({ searchLags: true });
    const { id } = await system.create(connection, content());
    await expect(system.find(connection, KEY)).resolves.toBeNull();
    fake.index();
    await expect(system.find(connection, KEY)).resolves.toMatchObject({ id });
  });

  it('closes by a transition that does not refuse, with the resolution that its screen asks for', async () => {
    const { system, connection, fake } = await jiraWorld({ asksForResolution: true });
    const { id } = await system.create(connection, content());
    await system.close(connection, id, 'Gone.');
    expect(fake.issue(id)).toMatchObject({ status: { name: 'Done' }, resolution: 'Done' });
    const { credential, settings, ...rest } = connection;
    const picky = {
      ...rest,
      credential,
      settings: { ...(settings as object), close: { resolution: 'Solved', fields: {} } },
    };
    fake.edit(id, { status: { name: 'To Do', statusCategory: { key: 'new' } } });
    await expect(system.close(picky, id, 'Gone.')).rejects.toEqual(
      failure('rejected', /no resolution "Solved".*Done, Won't Do/),
    );
    const lost = {
      ...picky,
      settings: { ...(settings as object), close: { transition: 'Archive', resolution: 'Done', fields: {} } },
    };
    await expect(system.close(lost, id, 'Gone.')).rejects.toEqual(
      failure('rejected', /no transition named "Archive".*"Start", "Reject", "Finish"/),
    );
  });

  it('says when no transition leads back', async () => {
    const { system, connection, see } = await jiraWorld({ reopens: false });
    const { id } = await system.create(connection, content());
    await system.close(connection, id, 'Gone.');
    await expect(system.reopen(connection, id, 'Back.')).resolves.toBeNull();
    expect(see(id).comments.join()).not.toContain('Back.');
  });

  it('takes a project that cannot be seen any more for that, not for issues that are gone', async () => {
    const { system, connection, fake } = await jiraWorld();
    const { id } = await system.create(connection, content());
    fake.hidden = true;
    await expect(system.read(connection, id)).rejects.toEqual(failure('refused'));
    await expect(system.find(connection, KEY)).rejects.toEqual(failure('refused'));
    await expect(system.update(connection, id, content())).rejects.toEqual(failure('refused'));
  });

  it('answers with what it knows when only the look afterwards fails', async () => {
    const { system, connection, fake } = await jiraWorld();
    fake.next({ kind: 'lost' }, ({ method }) => method === 'GET');
    const made = await system.create(connection, content());
    expect(made).toMatchObject({ reference: 'SEC-1', state: 'open', changedAt: null });
    fake.next({ kind: 'lost' }, ({ path }) => path.endsWith('/comment'));
    await expect(system.close(connection, made.id, 'Gone.')).resolves.toMatchObject({ state: 'closed' });
    expect(fake.issue(made.id).comments).toEqual([]);
  });
});

describe('GitHub', () => {
  it('looks through all pages, past pull requests, without the search', async () => {
    const { system, connection, fake } = await gitHubWorld();
    const { id } = await system.create(connection, content());
    const other = { ...fake.issue(1), comments: [], body: 'Something else.' };
    for (let number = 2; number <= 65; number++) fake.issues.push({ ...other, number });
    fake.issues.push({ ...fake.issue(1), comments: [], number: 66, isPullRequest: true });
    fake.issues.push({ ...fake.issue(1), comments: [], number: 67, labels: ['iam'] });
    await expect(system.find(connection, KEY)).resolves.toMatchObject({ id });
    expect(fake.count('GET', '/repos/acme/cloud/issues')).toBe(3);
  });

  it('heeds both limits', async () => {
    let now = new Date('2026-03-01T12:00:00Z');
    const { system, connection, fake } = await gitHubWorld({ now: () => now });
    const { id } = await system.create(connection, content());
    for (let number = 1; number < 80; number++) await system.comment(connection, id, 'One more.');
    const busy = { kind: 'busy', details: { retryAfterMs: minute } };
    await expect(system.comment(connection, id, 'Too much.')).rejects.toMatchObject(busy);
    now = new Date(now.getTime() + minute + 1);
    await system.comment(connection, id, 'Later.');
    fake.exhaustedUntil = new Date(now.getTime() + 10 * minute);
    const error: unknown = await system.read(connection, id).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'busy' });
    expect((error as TicketFailure).details.retryAfterMs).toBeGreaterThan(9 * minute);
    expect((error as TicketFailure).details.retryAfterMs).toBeLessThan(11 * minute);
    fake.exhaustedUntil = null;
    const text = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' };
    fake.next({ kind: 'answer', answer: { status: 403, json: text } });
    await expect(system.read(connection, id)).rejects.toMatchObject(busy);
    fake.next({
      kind: 'answer',
      answer: { status: 403, json: { message: 'Resource not accessible by personal access token' } },
    });
    await expect(system.comment(connection, id, 'No.')).rejects.toEqual(failure('refused', /not accessible/));
  });

  it('does not open a locked one again, and counts one that was moved as gone', async () => {
    const { system, connection, fake } = await gitHubWorld();
    const { id } = await system.create(connection, content());
    fake.edit(1, { state: 'closed', locked: true });
    await expect(system.reopen(connection, id, 'Back.')).resolves.toBeNull();
    await expect(system.comment(connection, id, 'Hello.')).rejects.toEqual(failure('rejected', /locked/));
    fake.edit(1, { gone: 'moved' });
    await expect(system.read(connection, id)).resolves.toBeNull();
    fake.hidden = true;
    await expect(system.read(connection, id)).rejects.toEqual(failure('refused'));
    fake.hidden = false;
    fake.hasIssues = false;
    await expect(system.read(connection, id)).rejects.toEqual(failure('refused', /disabled/));
  });

  it('says what it lacks', async () => {
    const { system, connection, fake } = await gitHubWorld({ mayLabel: false });
    fake.archived = true;
    await expect(system.examine(connection)).resolves.toEqual([
      expect.stringContaining('archived'),
      expect.stringContaining('label'),
    ]);
    fake.archived = false;
    fake.hidden = true;
    await expect(system.examine(connection)).resolves.toEqual([expect.stringContaining('no access')]);
  });

  it('knows an issue that was made without its label, and sets the label once it may', async () => {
    const options = { mayLabel: false };
    const { system, connection, fake, all, see } = await gitHubWorld(options);
    const { id } = await system.create(connection, content());
    const { text } = see(id);
    const news = content({ text: ['Something new.'] });
    const unlabelled = failure('rejected', /issue 1 is without the label "mothball"/);
    await expect(system.update(connection, id, news)).rejects.toEqual(unlabelled);
    expect(see(id)).toMatchObject({ text, comments: [] });
    fake.edit(Number(id), { labels: ['theirs'] });
    options.mayLabel = true;
    await system.update(connection, id, news);
    expect(see(id).text).toContain('Something new.');
    expect(fake.issue(Number(id)).labels).toEqual(['theirs', 'mothball']);
    await expect(system.find(connection, KEY)).resolves.toMatchObject({ id });
    options.mayLabel = false;
    await expect(system.close(connection, id, 'Gone.')).resolves.toMatchObject({ state: 'closed' });
    expect(all()).toEqual([id]);
  });

  it('mentions nobody and refers to nothing', async () => {
    const { system, connection, see } = await gitHubWorld();
    const name = '@octocat #1 acme/cloud#2 GH-3 deadbeefcafe www.example.com https://x.example <b>bold</b> :tada:';
    const { id } = await system.create(connection, content({ owner: name, text: [name], remediation: [name] }));
    const shown = see(id)
      .text.replace(/<!--.*?-->/g, '')
      .replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '')
      .replace(/\]\([^)]*\)/g, ']()');
    expect(shown).not.toMatch(/[@<]|GH-|www|:\/\/|:tada|deadbeef|\w#\d|(?<!#)#\d/);
  });

  it('hears of its own repository only; a ping is nothing', async () => {
    const { system, connection, fake } = await gitHubWorld();
    const hear = ({ headers, body }: { headers: Record<string, string>; body: Buffer }) =>
      system.hear({ headers, body, at: clock.now() }, 'secret', connection.settings);
    expect(hear(fake.ping('secret'))).toBe('ignore');
    expect(hear(fake.message(1, 'secret', 'closed', 'another'))).toBe('ignore');
    expect(hear(fake.message(1, 'secret'))).toMatchObject({ remoteId: '1' });
  });
});

describe('ServiceNow', () => {
  it('tells a rule that refuses values from a right that is missing', async () => {
    const { system, connection, fake } = await serviceNowWorld({ mandatory: ['u_team'] });
    await expect(system.create(connection, content())).rejects.toEqual(failure('rejected', /Data Policy.*u_team/));
    fake.forbidden = true;
    await expect(system.create(connection, content())).rejects.toEqual(failure('refused', /Not Authorized/));
    await expect(system.examine(connection)).rejects.toEqual(failure('refused'));
    fake.forbidden = false;
    fake.allowance = 0;
    await expect(system.create(connection, content())).rejects.toMatchObject({
      kind: 'busy',
      details: { retryAfterMs: 30 * minute },
    });
  });

  it('knows a record that was made without the column by which it is found, and writes it once it may', async () => {
    const readOnly = ['correlation_id', 'correlation_display'];
    const { system, connection, all, see } = await serviceNowWorld({ readOnly });
    const { id } = await system.create(connection, content());
    const { text } = see(id);
    const news = content({ text: ['Something new.'] });
    await expect(system.update(connection, id, news)).rejects.toEqual(
      failure('rejected', /without its correlation_id/),
    );
    expect(see(id)).toMatchObject({ text, comments: [] });
    readOnly.splice(0);
    await system.update(connection, id, news);
    expect(see(id).text).toContain('Something new.');
    await expect(system.find(connection, KEY)).resolves.toMatchObject({ id });
    expect(all()).toEqual([id]);
  });

  it('counts versions, and leaves final states alone', async () => {
    const { system, connection, fake } = await serviceNowWorld({}, { close: { state: '7' } });
    const made = await system.create(connection, content());
    expect(made).toMatchObject({ version: 0, reference: 'INC0000001' });
    const closed = await system.close(connection, made.id, 'Gone.');
    expect(closed).toMatchObject({ version: 1, state: 'closed', closedAs: 'done' });
    expect(fake.record(made.id)).toMatchObject({ close_notes: 'Gone.', close_code: 'Solution provided' });
    await expect(system.reopen(connection, made.id, 'Back.')).resolves.toBeNull();
    expect(fake.record(made.id)).toMatchObject({ state: '7' });
  });

  it('shows no HTML in its notes, and cuts nothing', async () => {
    const { system, connection, see } = await serviceNowWorld();
    const { id } = await system.create(connection, content());
    await system.comment(connection, id, 'Look: [code]<img src=x onerror=alert(1)>[/CODE]');
    expect(see(id).comments).toEqual(['Look: (code)<img src=x onerror=alert(1)>(/CODE)']);
    await system.update(connection, id, content({ title: 'x '.repeat(200), text: ['y '.repeat(3_000)] }));
    expect(see(id).title).toHaveLength(160);
    expect(see(id).text.length).toBeLessThanOrEqual(4_000);
    // Its end is still there: it knows it again.
    await system.update(connection, id, content());
    expect(see(id).comments).toHaveLength(1);
  });

  it('says which of its settings contradict each other', async () => {
    const settings = { close: { state: '3' }, openState: '6', assignmentGroup: '0'.repeat(32) };
    const { system, connection } = await serviceNowWorld({}, settings);
    await expect(system.examine(connection)).resolves.toEqual([
      expect.stringContaining('assignmentGroup'),
      expect.stringContaining('close.state'),
      expect.stringContaining('openState'),
    ]);
    const { id } = await system.create(connection, content());
    await expect(system.close(connection, id, 'Gone.')).rejects.toEqual(failure('rejected', /was not closed/));
  });
});

describe('PagerDuty', () => {
  it('without a key of the REST API reads nothing, and holds what it wrote', async () => {
    const { system, connection, fake } = await pagerDutyWorld(false);
    expect(system.canRead(connection)).toBe(false);
    await expect(system.examine(connection)).resolves.toEqual([]);
    const made = await system.create(connection, content());
    expect(made).toMatchObject({ id: KEY, state: 'open', url: null });
    await expect(system.find(connection, KEY)).resolves.toBeNull();
    await system.comment(connection, KEY, 'Nobody hears this.');
    await expect(system.close(connection, KEY, 'Gone.')).resolves.toMatchObject({ state: 'closed' });
    expect(fake.newest(KEY)).toMatchObject({ status: 'resolved', notes: [] });
    expect(fake.log.every(({ path }) => path === '/v2/enqueue')).toBe(true);
  });

  it('triggers again for the same alert, and leaves one alone that people resolved', async () => {
    const { system, connection, fake } = await pagerDutyWorld();
    await system.create(connection, content());
    await system.create(connection, content());
    await system.update(connection, KEY, content({ severity: 'low' }));
    expect(fake.incidents).toHaveLength(1);
    expect(fake.newest(KEY)?.triggers.map(({ severity }) => severity)).toEqual(['critical', 'critical', 'info']);
    fake.resolve(KEY);
    await expect(system.update(connection, KEY, content())).resolves.toMatchObject({ state: 'closed' });
    expect(fake.incidents).toHaveLength(1);
    await expect(system.reopen(connection, KEY, 'It is back.')).resolves.toMatchObject({ state: 'open' });
    expect(fake.incidents).toHaveLength(2);
  });

  it('tells an incident without a key by its address', async () => {
    const { system, connection, fake, message } = await pagerDutyWorld();
    const { url } = await system.create(connection, content());
    fake.tellsKeys = false;
    const heard = system.hear({ ...message(KEY), at: clock.now() }, 'pagerduty-secret', connection.settings);
    expect(heard).toMatchObject({ remoteId: 'P1QX', url });
    expect(url).toBe('https://acme.pagerduty.com/incidents/P1QX');
  });

  it('says what is wrong with a key, and with too many events', async () => {
    const { system, connection, fake } = await pagerDutyWorld();
    fake.next({
      kind: 'answer',
      answer: {
        status: 400,
        json: { status: 'invalid event', message: 'Event object is invalid', errors: ['Invalid routing key'] },
      },
    });
    await expect(system.create(connection, content())).rejects.toEqual(failure('refused', /routing key/));
    fake.allowance = 0;
    await expect(system.create(connection, content())).rejects.toEqual(failure('busy'));
  });
});

describe('a template', () => {
  it('makes the same document whatever is put in, and numbers of numbers', async () => {
    const { system, connection, fake } = await templateWorld();
    const title = '","priority":1,"x":"{{key}}\\';
    const { id } = await system.create(connection, content({ title, severity: 'low' }));
    expect(fake.ticket(id)).toMatchObject({ subject: title, priority: 4, externalKey: KEY });
    expect(fake.log[0]?.headers['idempotency-key']).toBe(KEY);
    await system.comment(connection, id, 'a&note=b');
    expect(fake.ticket(id).notes).toEqual(['a&note=b']);
  });

  it('asks nothing outside of its base', async () => {
    const { system, connection, fake } = await templateWorld();
    for (const id of ['../../admin', '..', '.', 'a/b?c#d', '%2e%2e']) {
      await system.read(connection, id).catch((error: TicketFailure) => expect(error.kind).toBe('rejected'));
    }
    expect(fake.log.every(({ path }) => path.startsWith('/api/tickets/'))).toBe(true);
    expect(fake.log.map(({ path }) => path)).toContain('/api/tickets/a%2Fb%3Fc%23d');
  });

  it('says at once what is wrong with it', async () => {
    const { fake } = await templateWorld();
    const settings = fake.settings();
    const problemsOf = (change: object) => {
      const read = systems.of('template').settings.safeParse({ ...settings, ...change });
      return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    };
    const create = settings.create as object;
    const bad: readonly (readonly [object, RegExp])[] = [
      [{ create: { ...create, body: { a: '{{ownr}}' } } }, /create\.body: there is no "ownr"/],
      [{ create: { ...create, body: { a: '{{id}}' } } }, /there is no "id"/],
      [{ create: { ...create, body: { a: '{{{title}}}' } } }, /write two braces/],
      [{ create: { ...create, body: { a: '{{&title}}' } } }, /write two braces/],
      [{ create: { ...create, body: { a: '{{>title}}' } } }, /not taken/],
      [{ create: { ...create, body: { a: '{{=<% %>=}}' } } }, /not taken/],
      [{ create: { ...create, body: { a: '{{#findings}}' } } }, /[Uu]nclosed/],
      [{ create: { ...create, body: { a: '{{constructor}}' } } }, /there is no "constructor"/],
      [{ create: { ...create, path: 'https://evil.example/' } }, /create\.path/],
      [{ create: { ...create, path: '/../admin' } }, /create\.path/],
      [{ create: { ...create, path: '//evil.example/' } }, /create\.path/],
      [{ create: { ...create, headers: { host: 'evil.example' } } }, /create\.headers/],
      [{ create: { ...create, headers: { a: 'b\r\nc: d' } } }, /create\.headers/],
      [{ create: { ...create, form: { a: 'b' } } }, /both a body and a form/],
      [{ read: { method: 'DELETE', path: '/x' } }, /read\.method/],
      [{ base: 'https://user:pw@tickets.example.com' }, /base/],
      [{ answers: { id: 'id', state: '/status' } }, /answers\.id/],
      [{ answers: { id: '/id', state: '/status', text: '/description' } }, /answers\.title/],
      [{ other: 1 }, /other/],
    ];
    expect(problemsOf({})).toEqual([]);
    for (const [change, problem] of bad) expect(problemsOf(change).join('\n')).toMatch(problem);
    const good =
      '{{#findings}}{{title}}{{^link}}none{{/link}}{{/findings}}{{#remediation}}{{.}}{{/remediation}}{{map.priority}}';
    expect(problemsOf({ create: { ...create, body: { a: [good, 1, null, true] } } })).toEqual([]);
  });

  it('turns changes into comments where it is not told where the text is', async () => {
    const { system, connection, see } = await templateWorld(({ update: _, ...settings }) => settings);
    const { id } = await system.create(connection, content());
    await system.update(connection, id, content({ text: ['Something new.'] }));
    expect(see(id).comments.join()).toContain('Something new.');
    expect(see(id).text).not.toContain('Something new.');
  });

  it('gets a successor where nothing opens it again', async () => {
    const { system, connection, fake } = await templateWorld();
    const { id } = await system.create(connection, content());
    await system.close(connection, id, 'Gone.');
    fake.reopens = false;
    await expect(system.reopen(connection, id, 'Back.')).resolves.toBeNull();
  });

  it('is not taken for created when its answer has no id', async () => {
    const { system, connection, fake } = await templateWorld();
    fake.next({ kind: 'answer', answer: { status: 201, json: { ticket: { name: 'x' } } } });
    await expect(system.create(connection, content())).rejects.toEqual(failure('unknown', /without an id/));
  });
});

describe.each(TICKET_SYSTEMS)('docs/tickets/%s.md', (id) => {
  const page = readFileSync(join(__dirname, `../../docs/tickets/${id}.md`), 'utf8');
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code]) => code ?? '');

  it('has an example that is taken as it stands', () => {
    const [example = ''] = blocks('json');
    const { input } = JSON.parse(example) as { input: { system: Record<string, { credential: object }> } };
    const { credential, ...settings } = input.system[id] ?? { credential: {} };
    expect(systems.of(id).settings.safeParse(settings).error).toBeUndefined();
    expect(Object.keys(credential)).not.toEqual([]);
  });

  it('asks what the schema has', () => {
    const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
    const requests = blocks('graphql');
    expect(requests.length).toBeGreaterThanOrEqual(5);
    for (const request of requests) expect(validate(schema, parse(request)).map(({ message }) => message)).toEqual([]);
  });
});

describe('credentials', () => {
  it('are sent to the vendor, or where the operator says', async () => {
    const wrong: readonly (readonly ['jira' | 'servicenow' | 'github' | 'pagerduty', object, object, RegExp])[] = [
      [
        'jira',
        { site: 'https://acme.atlassian.net.evil.example', project: 'SEC' },
        { email: 'a@b.example', apiToken: 'x'.repeat(20) },
        /site: must be https:\/\/<site>\.atlassian\.net/,
      ],
      [
        'jira',
        { site: 'http://127.0.0.1:1', project: 'SEC' },
        { email: 'a@b.example', apiToken: 'x'.repeat(20) },
        /site: must be/,
      ],
      ['servicenow', { instance: 'https://service-now.com' }, { token: 'x'.repeat(20) }, /instance: must be/],
      [
        'github',
        { api: 'https://api.github.com.evil.example', owner: 'a', repository: 'b' },
        { token: 'x'.repeat(20) },
        /api: must be/,
      ],
      ['pagerduty', { events: 'https://events.pagerduty.com:8443' }, { routingKey: 'a'.repeat(32) }, /events: must be/],
    ];
    for (const [id, settings, credential, problem] of wrong) {
      await expect(closedSystems.of(id).mustBeUsable(connectionOf(id, settings, credential))).rejects.toThrow(problem);
    }
  });

  it('and settings that are not known are refused by name', () => {
    const problems = (id: 'jira' | 'servicenow' | 'github' | 'pagerduty', settings: object) =>
      systems
        .of(id)
        .settings.safeParse(settings)
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
        .join('\n');
    expect(problems('jira', { site: 'https://acme.atlassian.net/jira', project: 'SEC' })).toMatch(
      /site: must have no path/,
    );
    expect(problems('jira', { site: 'https://acme.atlassian.net', project: 'SEC" OR 1=1' })).toMatch(/project/);
    expect(problems('jira', { site: 'https://acme.atlassian.net', project: 'SEC', fields: { summary: 'x' } })).toMatch(
      /fields/,
    );
    expect(problems('servicenow', { instance: 'https://acme.service-now.com', table: 'incident?x' })).toMatch(/table/);
    expect(problems('github', { owner: 'acme', repository: '..' })).toMatch(/repository/);
    expect(problems('github', { owner: 'acme', repository: 'cloud', token: 'x' })).toMatch(/token/);
    expect(problems('pagerduty', { severities: { low: 'none' } })).toMatch(/severities/);
  });
});
