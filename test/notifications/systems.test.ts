import fc from 'fast-check';
import type { Heard, InboundRequest } from '../../src/notifications/tickets/ticket-system';
import type { FakeAnswer, FakeRequest } from './fakes/fake-server';
import {
  clock,
  content,
  gitHubWorld,
  jiraWorld,
  KEY,
  pagerDutyWorld,
  serviceNowWorld,
  type Signed,
  stopFakes,
  templateWorld,
  type World,
} from './systems-world';

afterEach(stopFakes);

const WORLDS: readonly (readonly [string, () => Promise<World>])[] = [
  ['Jira', jiraWorld],
  ['ServiceNow', serviceNowWorld],
  ['GitHub', gitHubWorld],
  ['PagerDuty', pagerDutyWorld],
  ['a template', templateWorld],
];

const writes = ({ method, path }: FakeRequest): boolean => method !== 'GET' && !path.endsWith('/search/jql');
const reads = (request: FakeRequest): boolean => !writes(request);
const answer = (status: number, more: Partial<FakeAnswer> = {}) => ({
  kind: 'answer' as const,
  answer: { status, json: {}, ...more },
});
const other = (_: string, before: string, sign: string): string => `${before}${sign === 'a' ? 'b' : 'a'}`;
const heard = ({ headers, body }: Signed, at = clock.now()): InboundRequest => ({ headers, body, at });

describe.each(WORLDS)('%s: a ticket', (name, make) => {
  it('is created with what it has to say, and found again by its key', async () => {
    const { system, connection, see, all } = await make();
    await system.mustBeUsable(connection);
    await expect(system.examine(connection)).resolves.toEqual([]);
    await expect(system.find(connection, KEY)).resolves.toBeNull();
    const made = await system.create(connection, content());
    expect(made).toMatchObject({ state: 'open', closedAs: null });
    expect(all()).toEqual([made.id]);
    await expect(system.find(connection, KEY)).resolves.toMatchObject({ id: made.id, state: 'open' });
    await expect(system.find(connection, 'ab'.repeat(20))).resolves.toBeNull();
    const { title, text } = see(made.id);
    expect(title).toBe('Unused access keys of team payments');
    for (const part of ['deploy-bot', 'Last used 400 days ago', 'report-bot', 'Deactivate it'])
      expect(text).toContain(part);
    if (name !== 'PagerDuty') expect(text).toContain('https://mothball.example.com/tickets/1');
    await expect(system.read(connection, made.id)).resolves.toMatchObject({
      id: made.id,
      state: 'open',
      url: expect.stringMatching(/^https?:/) as string,
    });
  });

  it('is written anew, commented on, closed and opened again, each once', async () => {
    const { system, connection, see, fake, all } = await make();
    const { id } = await system.create(connection, content());
    await system.update(connection, id, content({ title: 'One unused access key', findings: [] }));
    expect(see(id)).toMatchObject({ title: 'One unused access key', comments: [] });
    expect(see(id).text).not.toContain('deploy-bot');
    await system.comment(connection, id, 'Still there.\nPlease look.');
    expect(see(id).comments.join()).toMatch(/Still there\.\s+Please look\./);
    const closed = await system.close(connection, id, 'The last key is gone.');
    expect(closed).toMatchObject({ id, state: 'closed', closedAs: 'done' });
    expect(see(id)).toMatchObject({ open: false });
    expect(see(id).comments.join()).toContain('The last key is gone.');
    const before = fake.log.filter(writes).length;
    await expect(system.close(connection, id, 'Again.')).resolves.toMatchObject({ state: 'closed' });
    expect(fake.log.filter(writes)).toHaveLength(before);
    await expect(system.reopen(connection, id, 'It is back.')).resolves.toMatchObject({
      id,
      state: 'open',
      closedAs: null,
    });
    expect(see(id).open).toBe(true);
    await expect(system.reopen(connection, id, 'It is back.')).resolves.toMatchObject({ state: 'open' });
    expect(fake.log.filter(writes).length - before).toBeLessThanOrEqual(2);
    expect(all()).toEqual([id]);
  });

  it('keeps what people wrote', async () => {
    const { system, connection, see, writeBelow, rewrite, rename } = await make();
    const { id } = await system.create(connection, content());
    rename?.(id, 'My own title');
    writeBelow?.(id, 'Carol looks after this.');
    if (name !== 'PagerDuty') {
      await system.update(connection, id, content({ title: 'A new title', text: ['Something new.'] }));
      expect(see(id)).toMatchObject({ title: 'My own title', comments: [] });
      expect(see(id).text).toContain('Something new.');
      if (writeBelow !== null) expect(see(id).text).toContain('Carol looks after this.');
    }
    rewrite?.(id);
    const { text } = see(id);
    await system.update(connection, id, content({ text: ['Something newer.'] }));
    if (rewrite === null) return;
    expect(see(id)).toMatchObject({ text, title: 'My own title' });
    expect(see(id).comments.join()).toContain('Something newer.');
    rename?.(id, 'My own title');
  });

  it('that people refused says so; one that is gone is gone', async () => {
    const { system, connection, refuse, remove } = await make();
    if (refuse === null || remove === null) return;
    const { id } = await system.create(connection, content());
    refuse(id);
    await expect(system.read(connection, id)).resolves.toMatchObject({ state: 'closed', closedAs: 'wont-do' });
    remove(id);
    await expect(system.read(connection, id)).resolves.toBeNull();
    for (const act of ['comment', 'close', 'reopen'] as const) {
      await expect(system[act](connection, id, 'Hello.')).rejects.toMatchObject({ kind: 'gone' });
    }
    await expect(system.update(connection, id, content())).rejects.toMatchObject({ kind: 'gone' });
    await expect(system.read(connection, '../../admin?x=')).resolves.toBeNull();
  });

  it('whose creation was not answered is unknown, and there, once', async () => {
    const { system, connection, fake, all } = await make();
    fake.next({ kind: 'answer-lost' }, writes);
    await expect(system.create(connection, content())).rejects.toMatchObject({ kind: 'unknown' });
    const found = await system.find(connection, KEY);
    expect(all()).toEqual([found?.id]);
    if (!system.createsOnce) return;
    await system.create(connection, content());
    expect(all()).toHaveLength(1);
  });

  it('meets failures that say what to do', async () => {
    const { system, connection, stranger, fake } = await make();
    const { id } = await system.create(connection, content());
    const again = content({ key: 'cd'.repeat(20) });
    const failing = async (fault: Parameters<typeof fake.next>[0]) => {
      fake.next(fault, writes);
      const error: unknown = await system.create(connection, again).catch((thrown: unknown) => thrown);
      return error as { kind: string; details: { retryAfterMs?: number; status?: number } };
    };
    expect(await failing({ kind: 'lost' })).toMatchObject({ kind: 'unknown' });
    for (const status of [500, 502, 504])
      expect(await failing(answer(status))).toMatchObject({ kind: 'unknown', details: { status } });
    for (const status of [408, 409, 412, 425, 429, 503])
      expect(await failing(answer(status))).toMatchObject({ kind: 'busy' });
    for (const status of [401, 403, 302]) expect(await failing(answer(status))).toMatchObject({ kind: 'refused' });
    for (const status of [400, 413, 422]) expect(await failing(answer(status))).toMatchObject({ kind: 'rejected' });
    const created =
      name === 'PagerDuty' ? 202 : name === 'Jira' || name === 'GitHub' || name === 'ServiceNow' ? 201 : 200;
    const page = answer(created, { json: undefined, text: '<html>Please sign in</html>' });
    expect(await failing(page)).toMatchObject({ kind: 'unknown' });
    const wait = await failing(answer(429, { headers: { 'retry-after': '120' } }));
    expect(wait).toMatchObject({ kind: 'busy', details: { retryAfterMs: 120_000 } });
    const date = new Date('2026-03-01T12:00:00Z');
    const until = new Date(date.getTime() + 300_000).toUTCString();
    const dated = await failing(answer(503, { headers: { date: date.toUTCString(), 'retry-after': until } }));
    expect(dated.details.retryAfterMs).toBe(300_000);

    for (const fault of [
      answer(500),
      answer(502),
      { kind: 'lost' } as const,
      answer(429),
      answer(200, { text: 'no', json: undefined }),
    ]) {
      fake.next(fault, reads);
      await expect(system.read(connection, id)).rejects.toMatchObject({ kind: 'busy' });
    }
    await expect(system.read(stranger, id)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('takes any text as text, and knows its own again', async () => {
    const { system, connection, see, fake, all } = await make();
    const markup = fc.constantFrom(
      ...[
        '@octocat',
        '#1',
        'GH-1',
        '<!-- mothball:x -->',
        '<!-- /mothball:',
        '[/mothball:',
        '[code]<b>x</b>[/code]',
        '{{title}}',
        '"}],"a":"',
      ],
      ...[
        '```',
        '`',
        '**b**',
        '[a](https://x.example)',
        '![i](x)',
        '<script>alert(1)</script>',
        '{code}',
        '\u202e',
        '\ud800',
        '\0',
        '\r\n- [ ] x',
      ],
      ...[
        'www.example.com',
        'https://evil.example/',
        '| a | b |',
        '^ORDERBY',
        '%0d%0a',
        '../..',
        '',
        '1. one',
        ':tada:',
        'a_b_c',
        '~~x~~',
        '&lt;',
      ],
    );
    const words = fc
      .array(fc.oneof(markup, fc.string({ unit: 'grapheme', maxLength: 12 })), { maxLength: 8 })
      .map((parts) => parts.join(' '));
    const finding = fc.record({
      title: words,
      why: words,
      link: fc.constantFrom(null, 'https://x.example/(a)?b=[c]', 'javascript:alert(1)'),
    });
    const hostile = fc.record({
      title: words,
      owner: fc.option(words),
      text: fc.array(words, { maxLength: 3 }),
      findings: fc.array(finding, { maxLength: 3 }),
      remediation: fc.array(words, { maxLength: 3 }),
    });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(hostile, hostile, words, async (first, second, comment) => {
        const key = (number++).toString(16).padStart(40, '0');
        const { id } = await system.create(connection, content({ ...first, key }));
        await system.update(connection, id, content({ ...second, key }));
        expect(see(id).comments).toEqual([]);
        expect(see(id).text).not.toMatch(/javascript:alert\(1\)|\u202e|\0/);
        await system.comment(connection, id, `Said: ${comment}`);
        expect(see(id).comments).toHaveLength(1);
        await expect(system.find(connection, key)).resolves.toMatchObject({ id });
      }),
      { numRuns: process.env.MOTHBALL_TEST_SOAK === '1' ? 300 : 10 },
    );
    expect(new Set(all()).size).toBe(number);
    expect(fake.log.filter(({ ended }) => ended === 'cut' || ended >= 400)).toEqual([]);
  });

  it('of fifty findings with long names fits', async () => {
    const { system, connection, see } = await make();
    const findings = Array.from({ length: 50 }, (_, index) => ({
      title: `${index} ${'é@'.repeat(400)}`,
      why: '#1 '.repeat(300),
      link: null,
    }));
    const long = content({
      findings,
      more: 900,
      text: ['a '.repeat(5_000)],
      remediation: Array<string>(20).fill('b '.repeat(900)),
    });
    const { id } = await system.create(connection, long);
    expect(see(id).text).toContain('950');
    await system.update(connection, id, { ...long, more: 901 });
    expect(see(id)).toMatchObject({ comments: [] });
    expect(see(id).text).toContain('951');
  });

  it('is heard of by signed messages only', async () => {
    const { system, connection, secret, message } = await make();
    const { id } = await system.create(connection, content());
    const signed = message(id);
    const hear = (request: Signed, at?: Date, by = secret) => system.hear(heard(request, at), by, connection.settings);
    const first = hear(signed) as Heard;
    expect(first).toMatchObject({ remoteId: id });
    // Played again it is the same message; another one is another.
    expect(first.messageId).not.toBeNull();
    expect(hear(signed)).toEqual(first);
    expect((hear(message(id)) as Heard).messageId).not.toBe(first.messageId);

    expect(hear(signed, undefined, 'another secret')).toBeNull();
    expect(hear({ ...signed, headers: {} })).toBeNull();
    expect(hear({ ...signed, body: Buffer.concat([signed.body, Buffer.from(' ')]) })).toBeNull();
    for (const [header, value] of Object.entries(signed.headers)) {
      const forged = { ...signed, headers: { ...signed.headers, [header]: value?.replace(/([=,])(.)/g, other) } };
      if (/signature/.test(header)) expect(hear(forged)).toBeNull();
    }
    // GitHub signs no time.
    if (name !== 'GitHub') expect(hear(signed, new Date(clock.now().getTime() + 3 * 86_400_000))).toBeNull();
  });
});

describe('what a failure says', () => {
  it('has no secret in it, even where the system answers it back', async () => {
    for (const [, make] of WORLDS) {
      const { system, connection, fake } = await make();
      const secrets: string[] = JSON.stringify(connection.credential).match(/[\w-]{16,}/g) ?? [];
      expect(secrets.length).toBeGreaterThan(0);
      await system.create(connection, content({ key: 'cd'.repeat(20) }));
      // As it went out: with a name in base64, for example.
      secrets.push(...fake.log.flatMap(({ headers }) => headers.authorization?.split(' ').at(-1) ?? []));
      fake.next(
        answer(400, {
          json: { message: secrets.join(' '), errorMessages: secrets, error: { message: secrets.join() } },
        }),
        writes,
      );
      const error: unknown = await system.create(connection, content()).catch((thrown: unknown) => thrown);
      const { message, details } = error as { message: string; details: { answer: string } };
      for (const secret of secrets) expect(`${message} ${details.answer}`).not.toContain(secret);
    }
  });
});
