import { ExternalIds, type WithExternalId } from '../../src/accounts/external-ids.service';
import { encodeId } from '../../src/api-id';
import { AwsService } from '../../src/aws/aws.service';
import { newId } from '../../src/ids';
import type { MailSettings } from '../../src/mail-settings';
import type { OpenEndpoint } from '../../src/notifications/channels/channel';
import { EmailChannel } from '../../src/notifications/channels/email/email.channel';
import { Mailer } from '../../src/notifications/channels/email/mailer.service';
import { Senders } from '../../src/notifications/channels/email/senders.service';
import type { Message } from '../../src/notifications/channels/message';
import { SlackChannel } from '../../src/notifications/channels/slack/slack.channel';
import { SnsChannel } from '../../src/notifications/channels/sns/sns.channel';
import { TopicDoor } from '../../src/notifications/channels/sns/topic-door.service';
import { nodeNetwork } from '../../src/outbound/network';
import { Outbound } from '../../src/outbound/outbound.service';
import { accountTemplate } from '../../src/roles/templates/cloudformation';
import { evaluateTemplate, roleOf } from '../deploy/evaluate-template';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { startFakeSlack, type FakeSlack, type SlackManners } from './fakes/slack';
import { startFakeSmtp, type FakeSmtp, type SmtpManners } from './fakes/smtp';

/** Each channel against a strict local stand-in for what it speaks to, or, for SNS, against the simulator. */
let pipeline: Pipeline;
let tenantId: string;
let endpointId: string;

const AT = new Date('2026-11-22T12:00:00Z');
const message: Message = {
  id: 'evt_AAAA-bbbb_1',
  type: 'finding.opened',
  body: '{"type":"finding.opened"}',
  words: {
    title: 'New finding: unused-access-key, user «ünïcode» <b>',
    text: 'Last used 312 days ago & counting.\nOwner: <!channel>',
    facts: [{ name: 'Owner', value: 'team-a\r\nBcc: everybody@example.com' }],
    link: 'https://mothball.example.com/?a=b&c=d',
  },
  about: { objectKey: 'finding 1', severity: 'high', account: 'acc-1' },
};

beforeAll(async () => {
  pipeline = await startPipeline({
    aws: { pacing: unpaced, maxAttempts: 1 },
    simulator: { seed: 11, accounts: 3, usersPerAccount: 2, rolesPerAccount: 2 },
  });
  tenantId = await pipeline.createTenant();
  endpointId = newId();
  await pipeline.rows(
    `INSERT INTO endpoints (tenant_id, id, name, channel, state, state_changed_at, payload_version, sends, filter, settings,
       per_minute, concurrency, after_seq, made_by, created_at, changed_at)
     VALUES ($1, $2, 'On call <team>', 'email', 'active', now(), 1, 'single', '{}', '{}', 60, 1, 0, 'test', now(), now())`,
    [tenantId, endpointId],
  );
});
afterAll(() => pipeline.stop());

const open = <S>(settings: S, secret: string | null = null): OpenEndpoint<S> => ({
  ...{ tenantId, id: endpointId, settings, secret },
  previousSecret: null,
});

describe('e-mail', () => {
  let smtp: FakeSmtp;

  beforeAll(async () => {
    smtp = await startFakeSmtp();
  });
  afterAll(() => smtp.close());
  beforeEach(() => {
    smtp.manners = {};
    smtp.received.length = 0;
  });

  const channel = (changes: Partial<MailSettings> | null = {}): EmailChannel => {
    const mail: MailSettings = {
      ...{ host: '127.0.0.1', port: smtp.port, tls: false, loopback: true, login: null, domains: [] },
      from: { name: 'Mothball', address: 'mothball@example.com' },
      ...changes,
    };
    const config = pipeline.database.config({ mail: changes === null ? null : mail });
    return new EmailChannel(new Mailer(config), new Senders(pipeline.tenants));
  };
  const recipients = ['a@example.com', 'b@example.com'];
  const send = (changes?: Partial<MailSettings>) => channel(changes).send(open({ recipients }), message);

  it('is one mail to all recipients, the same in each attempt', async () => {
    expect(await send()).toEqual({ kind: 'accepted', status: 250, answer: '250 2.0.0 kept' });
    await send();
    const [first, second] = smtp.received;
    expect(first).toMatchObject({ from: 'mothball@example.com', to: recipients });
    const header = (name: string) => first?.headers.get(name);
    expect(header('message-id')).toBe(`<${message.id}.${encodeId('Endpoint', tenantId, endpointId)}@example.com>`);
    expect(second?.headers.get('message-id')).toBe(header('message-id'));
    expect(header('auto-submitted')).toBe('auto-generated');
    expect([header('bcc'), header('cc')]).toEqual([undefined, undefined]);
    expect(header('to')).toBe('a@example.com, b@example.com');
  });

  it('says the words as text and as HTML, and whom to ask to stop it', async () => {
    await send();
    const [{ text, html } = { text: '', html: '' }] = smtp.received;
    expect(text.split('\r\n')).toEqual(
      expect.arrayContaining([
        'New finding: unused-access-key, user «ünïcode» <b>',
        'Owner: team-a Bcc: everybody@example.com',
        'More: https://mothball.example.com/?a=b&c=d',
      ]),
    );
    expect(text).toMatch(/the endpoint "On call <team>" of the tenant "tenant [^"]+" in Mothball has your address/);
    expect(html).toContain('&lt;!channel&gt;');
    expect(html).toContain('<a href="https://mothball.example.com/?a=b&amp;c=d">');
    expect(html).toContain('&quot;On call &lt;team&gt;&quot;');
    expect(html).not.toContain('<b>');
  });

  it.each<[string, SmtpManners, object]>([
    [
      'some got it',
      { refuseRecipient: { 'a@example.com': { code: 550, text: '5.1.1 no' } } },
      { kind: 'accepted', answer: expect.stringContaining('Not for a@example.com: 550 5.1.1 no') as string },
    ],
    [
      'no address is one',
      { refuseRecipient: Object.fromEntries(recipients.map((one) => [one, { code: 550, text: '5.1.1 no' }])) },
      { kind: 'gone', status: 550 },
    ],
    [
      'greylisting',
      { refuseRecipient: Object.fromEntries(recipients.map((one) => [one, { code: 451, text: '4.7.1 later' }])) },
      { kind: 'failed', status: 451 },
    ],
    ['the sender is refused', { refuseSender: { code: 553, text: '5.7.1 not you' } }, { kind: 'failed', status: 553 }],
    [
      'taken for spam',
      { refuseData: { code: 554, text: '5.7.1 spam' } },
      { kind: 'failed', status: 554, answer: '554 5.7.1 spam' },
    ],
    ['full', { refuseData: { code: 452, text: '4.3.1 full' } }, { kind: 'failed', status: 452 }],
    [
      'cut off',
      { cut: 'before-accepting' },
      { kind: 'failed', why: expect.stringContaining('could not be reached') as string },
    ],
    ['cut off after it was kept', { cut: 'after-accepting' }, { kind: 'failed' }],
  ])('tells what the server said: %s', async (_what, manners, outcome) => {
    smtp.manners = manners;
    expect(await send()).toMatchObject(outcome);
  });

  it('logs in, and tells nobody the login', async () => {
    const login = { user: 'operator', password: 'right' };
    expect((await send({ login })).kind).toBe('accepted');
    expect(smtp.received[0]?.login).toBe('operator');
    const refused = await send({ login: { user: 'operator', password: 'wrong' } });
    expect(refused).toMatchObject({ kind: 'failed', why: expect.stringContaining('MOTHBALL_SMTP_URL') as string });
    expect(JSON.stringify(refused)).not.toMatch(/operator'|wrong/);
  });

  it('does not send where TLS is a must and the server has none', async () => {
    // As it would be anywhere but on this machine.
    expect(await send({ loopback: false })).toMatchObject({
      ...{ kind: 'failed', why: expect.stringContaining('with TLS, which is a must') as string },
    });
    expect(smtp.received).toEqual([]);
  });

  it('needs a mail server, and writes to the operator’s domains only', async () => {
    await expect(channel(null).mustBeUsable(tenantId, { recipients })).rejects.toThrow(
      /^recipients: this installation sends no e-mail.*MOTHBALL_SMTP_URL/,
    );
    const limited = channel({ domains: ['example.org'] });
    await expect(limited.mustBeUsable(tenantId, { recipients: ['a@example.org', ...recipients] })).rejects.toThrow(
      /recipients: a@example.com, b@example.com is in a domain/,
    );
    expect(await limited.send(open({ recipients: ['a@example.org', ...recipients] }), message)).toMatchObject({
      kind: 'accepted',
    });
    expect(smtp.received.map(({ to }) => to)).toEqual([['a@example.org']]);
  });
});

describe('Slack', () => {
  let slack: FakeSlack;
  let channel: SlackChannel;

  beforeAll(async () => {
    slack = await startFakeSlack();
    const config = pipeline.database.config();
    channel = new SlackChannel(new Outbound(config, nodeNetwork), config);
  });
  afterAll(() => slack.close());
  beforeEach(() => {
    slack.manners = {};
    slack.received.length = 0;
  });
  const send = () => channel.send(open({}, slack.webhook), message, AT);

  it('is a message in blocks, in which names are names', async () => {
    expect(await send()).toEqual({ kind: 'accepted', status: 200, answer: 'ok' });
    const [{ text, blocks } = { text: '', blocks: [] }] = slack.received;
    expect(text).toBe('New finding: unused-access-key, user «ünïcode» &lt;b&gt;');
    expect(blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section', 'section', 'section', 'context']);
    expect(blocks[2]?.text).toEqual({ type: 'plain_text', text: 'Owner: &lt;!channel&gt;', emoji: false });
    expect(blocks[4]?.text?.text).toBe('<https://mothball.example.com/?a=b&amp;c=d|Look at it in Mothball>');
  });

  it.each<[string, SlackManners, object]>([
    ['archived', { answer: { status: 410, error: 'channel_is_archived' } }, { kind: 'gone', status: 410 }],
    ['removed', { answer: { status: 404, error: 'no_service' } }, { kind: 'gone', status: 404 }],
    [
      'prohibited',
      { answer: { status: 403, error: 'action_prohibited' } },
      { kind: 'failed', why: expect.stringContaining('admins') as string },
    ],
    ['an error of its own', { answer: { status: 500, error: 'rollup_error' } }, { kind: 'failed', status: 500 }],
    [
      'a redirect',
      { answer: { status: 200, error: 'ok' }, redirect: 'https://evil.example/' },
      { kind: 'failed', status: 302 },
    ],
    [
      'a captive page',
      { answer: { status: 200, error: '<html>please sign in</html>' } },
      { kind: 'failed', status: 200 },
    ],
    ['cut off', { cut: 'before-accepting' }, { kind: 'failed' }],
    ['cut off after it was kept', { cut: 'after-accepting' }, { kind: 'failed' }],
  ])('tells what Slack said: %s', async (_what, manners, outcome) => {
    slack.manners = manners;
    expect(await send()).toMatchObject(outcome);
  });

  it('leaves it alone for as long as it asks for', async () => {
    slack.manners = { limited: true, retryAfterSeconds: 30 };
    expect((await send()).kind).toBe('accepted');
    expect(await send()).toMatchObject({ kind: 'failed', status: 429, retryAfterMs: 30_000 });
  });

  it('keeps the address out of everything that it says', async () => {
    slack.manners = { cut: 'before-accepting' };
    const outcomes = [
      await send(),
      await channel.send(open({}, 'https://evil.example/services/T1/B1/s3cret'), message, AT),
    ];
    expect(JSON.stringify(outcomes)).not.toMatch(/abcdefghijkl|s3cret/);
    await expect(channel.mustBeUsable(tenantId, {}, 'https://evil.example/x')).rejects.toThrow(/^url: /);
    await channel.mustBeUsable(tenantId, {}, slack.webhook);
  });
});

describe('Amazon SNS', () => {
  let channel: SnsChannel;
  let mine: string;
  let other: string;
  const region = 'eu-central-1';

  beforeAll(async () => {
    await pipeline.connectOrganization();
    const { organization } = pipeline.simulator.world;
    [mine = '', other = ''] = [...organization.accounts.keys()].filter((id) => id !== organization.managementAccountId);
    await pipeline.assign(tenantId, [mine]);
    await deployRole(mine);
    for (const name of ['plain', 'ordered.fifo']) {
      pipeline.simulator.control.topics.add({ accountId: mine, region, name });
    }
    pipeline.simulator.control.topics.add({ accountId: other, region, name: 'plain' });
    channel = new SnsChannel(new TopicDoor(pipeline.tenants, pipeline.get(AwsService), pipeline.get(ExternalIds)));
    // What the service does of an account that is new assumes roles, too.
    await pipeline.settle();
  });
  beforeEach(() => pipeline.simulator.control.clearFaults());

  /** The very role that the template makes. */
  async function deployRole(awsAccountId: string, name = 'mothball-notifications'): Promise<void> {
    const [row] = await pipeline.rows<WithExternalId>('SELECT * FROM accounts WHERE aws_account_id = $1', [
      awsAccountId,
    ]);
    if (!row) throw new Error('no account');
    const externalId = await pipeline.get(ExternalIds).of(row);
    const made = evaluateTemplate(accountTemplate(), {
      accountId: awsAccountId,
      parameters: {
        ExternalIdPrefix: externalId.slice(0, -`-${awsAccountId}`.length),
        MothballPrincipals: pipeline.simulator.credentials.userArn,
        CreateNotificationsRole: 'yes',
        NotificationsRoleName: name,
      },
    });
    const role = roleOf(made, 'NotificationsRole');
    pipeline.simulator.control.createRole(awsAccountId, {
      name: role.RoleName,
      trustPolicy: JSON.stringify(role.AssumeRolePolicyDocument),
      inlinePolicies: Object.fromEntries(
        role.Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, JSON.stringify(PolicyDocument)]),
      ),
    });
  }

  const topicArn = (name = 'plain', accountId = mine): string => `arn:aws:sns:${region}:${accountId}:${name}`;
  const send = (settings: { topicArn?: string; roleName?: string } = {}, said = message) =>
    channel.send(open({ topicArn: topicArn(), roleName: 'mothball-notifications', ...settings }), said);

  it('publishes the webhook’s JSON, with what subscriptions filter by', async () => {
    expect(await send()).toMatchObject({
      kind: 'accepted',
      status: 200,
      answer: expect.stringMatching(/^MessageId /) as string,
    });
    const [published] = pipeline.simulator.control.topics.publishedTo(topicArn());
    expect(published).toMatchObject({
      message: message.body,
      subject: 'Mothball: New finding: unused-access-key, user ?unicode? <b>',
      attributes: {
        type: { type: 'String', value: 'finding.opened' },
        severity: { type: 'String', value: 'high' },
        account: { type: 'String', value: 'acc-1' },
      },
    });
    expect(published?.principalArn).toContain(
      `assumed-role/mothball-notifications/mothball-${encodeId('Endpoint', tenantId, endpointId)}`,
    );
  });

  it('gives a FIFO topic each message once, although an answer was lost', async () => {
    const fifo = { topicArn: topicArn('ordered.fifo') };
    pipeline.simulator.control.addFault({ service: 'sns', kind: 'effect-then-lost-response' });
    expect((await send(fifo)).kind).toBe('failed');
    expect((await send(fifo)).kind).toBe('accepted');
    expect((await send(fifo, { ...message, id: 'evt_2' })).kind).toBe('accepted');
    const published = pipeline.simulator.control.topics.publishedTo(fifo.topicArn);
    expect(published.map(({ messageDeduplicationId }) => messageDeduplicationId)).toEqual([message.id, 'evt_2']);
    expect(new Set(published.map(({ messageGroupId }) => messageGroupId)).size).toBe(1);
  });

  it('keeps a session for several messages', async () => {
    const before = pipeline.simulator.control.counters().byAction['sts:AssumeRole']?.calls;
    await send({ topicArn: topicArn('ordered.fifo') }, { ...message, id: 'evt_3' });
    await send({ topicArn: topicArn('ordered.fifo') }, { ...message, id: 'evt_4' });
    expect(pipeline.simulator.control.counters().byAction['sts:AssumeRole']?.calls).toBe(before);
  });

  it('publishes in accounts of this tenant only', async () => {
    const settings = { topicArn: topicArn('plain', other), roleName: 'mothball-notifications' };
    await expect(channel.mustBeUsable(tenantId, settings)).rejects.toThrow(
      /^topicArn: The topic is in the account \d{12}, which is none of your/,
    );
    expect(await send(settings)).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('none of your') as string,
    });
    await channel.mustBeUsable(tenantId, { ...settings, topicArn: topicArn() });
    const stranger = await pipeline.createTenant();
    await expect(channel.mustBeUsable(stranger, { ...settings, topicArn: topicArn() })).rejects.toThrow(/none of your/);
  });

  it('may do nothing in its session but publish to that topic', async () => {
    const access = await new TopicDoor(pipeline.tenants, pipeline.get(AwsService), pipeline.get(ExternalIds)).open(
      tenantId,
      endpointId,
      { topicArn: topicArn(), roleName: 'mothball-notifications' },
    );
    const { PublishCommand } = await import('@aws-sdk/client-sns');
    const elsewhere = access.sns(region).send(
      new PublishCommand({
        TopicArn: topicArn('ordered.fifo'),
        Message: 'x',
        MessageGroupId: 'x',
        MessageDeduplicationId: 'x',
      }),
    );
    await expect(elsewhere).rejects.toThrow(/no session policy allows the SNS:Publish action/);
  });

  it('says what is missing', async () => {
    expect(await send({ topicArn: topicArn('gone') })).toMatchObject({
      kind: 'failed',
      status: 404,
      why: expect.stringMatching(/^There is no topic arn:aws:sns:/) as string,
    });
    expect(await send({ roleName: 'none' })).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('cannot be assumed') as string,
    });
    pipeline.simulator.control.topics.add({
      ...{ accountId: mine, region, name: 'closed' },
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: '*' }],
      }),
    });
    expect(await send({ topicArn: topicArn('closed') })).toMatchObject({
      kind: 'failed',
      status: 403,
      why: expect.stringContaining('denied') as string,
    });
    pipeline.simulator.control.addFault({ service: 'sns', kind: 'error-before-effect', code: 'Throttled' });
    expect(await send()).toMatchObject({ kind: 'failed', status: 429 });
  });
});
