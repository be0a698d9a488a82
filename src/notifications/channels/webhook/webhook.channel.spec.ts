import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { Config, type ConfigValues } from '../../../config';
import { nodeNetwork } from '../../../outbound/network';
import { Outbound } from '../../../outbound/outbound.service';
import type { OpenEndpoint } from '../channel';
import { newSecret } from './signing-secrets';
import { WebhookChannel } from './webhook.channel';
import { type WebhookSettings, webhookSettings } from './webhook-settings';

const MESSAGE = {
  id: 'evt_ARcBkq-_x',
  type: 'finding.opened',
  body: '{"data":{"why":"ünbenutzt"},"type":"finding.opened"}',
  words: { title: 'A finding', text: '', facts: [], link: null },
};
const outbound = { ports: [443], allowed: [], proxy: null, loopback: true, certificates: null };
const channel = new WebhookChannel(
  new Outbound(new Config({ outbound } as unknown as ConfigValues), {
    ...nodeNetwork,
    resolve: async () => ['10.0.0.1'],
  }),
);

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a message', () => {
  it.each([Webhook, SvixWebhook])('is believed by %p as it arrives, byte for byte', async (Verifier) => {
    const { secret, shown } = channel.newSecret({ url: '', signing: 'hmac' });
    const { endpoint, seen } = await receiver((response) => response.writeHead(204).end(), secret);
    expect(await channel.send(endpoint, MESSAGE, new Date())).toEqual({ kind: 'accepted', status: 204, answer: '' });
    const [{ body, headers }] = seen as [Seen];
    expect(body).toBe(MESSAGE.body);
    expect(headers).toMatchObject({ 'webhook-id': MESSAGE.id, 'content-type': 'application/json' });
    expect(new Verifier(shown).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(MESSAGE.body));
  });

  it('is signed by both secrets while one takes the other’s place', async () => {
    const [next, previous] = [newSecret('hmac'), newSecret('hmac')];
    const { endpoint, seen } = await receiver((response) => response.end(), next.secret);
    await channel.send({ ...endpoint, previousSecret: previous.secret }, MESSAGE, new Date());
    const [{ body, headers }] = seen as [Seen];
    for (const { shown } of [next, previous]) new Webhook(shown).verify(body, headers as Record<string, string>);
  });
});

describe('an answer', () => {
  it.each<[number, Record<string, string>, Record<string, unknown>]>([
    [200, {}, { kind: 'accepted' }],
    [202, {}, { kind: 'accepted' }],
    [299, {}, { kind: 'accepted' }],
    [301, { location: 'http://169.254.169.254/' }, { kind: 'failed', why: expect.stringMatching(/not followed/) }],
    [308, { location: '/elsewhere' }, { kind: 'failed', why: expect.stringMatching(/not followed/) }],
    [401, {}, { kind: 'failed', why: expect.stringMatching(/Check its secret/) }],
    [404, {}, { kind: 'failed', why: expect.stringMatching(/It answered 404/) }],
    [410, {}, { kind: 'gone' }],
    [429, { 'retry-after': '120' }, { kind: 'failed', retryAfterMs: 120_000 }],
    [429, {}, { kind: 'failed', retryAfterMs: undefined }],
    [503, { 'retry-after': '120' }, { kind: 'failed', retryAfterMs: 120_000 }],
    [503, { 'retry-after': '99999999' }, { kind: 'failed', retryAfterMs: 86_400_000 }],
    [500, { 'retry-after': '120' }, { kind: 'failed', retryAfterMs: undefined }],
  ])('of %i with %j', async (status, headers, outcome) => {
    const { endpoint } = await receiver((response) =>
      response.writeHead(status, headers).end('the\u0000 \r\n start\u202e'),
    );
    const got = await channel.send(endpoint, MESSAGE, new Date());
    expect({ retryAfterMs: undefined, ...got }).toMatchObject({ ...outcome, status, answer: 'the start' });
  });

  it('is kept as far as a thousand characters', async () => {
    const { endpoint } = await receiver((response) => response.writeHead(400).end('€'.repeat(100_000)));
    const got = await channel.send(endpoint, MESSAGE, new Date());
    expect(got).toMatchObject({ kind: 'failed', answer: '€'.repeat(1_000) });
  });

  it('that never comes, or cannot, is an outcome and no error', async () => {
    const { endpoint } = await receiver((response) => response.destroy());
    expect(await channel.send(endpoint, MESSAGE, new Date())).toEqual({
      kind: 'failed',
      why: 'It broke the connection off.',
    });
    const inside = { ...endpoint, settings: { ...endpoint.settings, url: 'https://inside.example.com/' } };
    expect(await channel.send(inside, MESSAGE, new Date())).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/not public/) as string,
    });
  });
});

describe('settings', () => {
  it('are an address and how to sign, and nothing else', () => {
    expect(webhookSettings.parse({ url: 'https://hooks.example.com/' })).toEqual({
      url: 'https://hooks.example.com/',
      signing: 'hmac',
    });
    for (const wrong of [{}, { url: '' }, { url: 1 }, { url: 'x', signing: 'rsa' }, { url: 'x', headers: {} }]) {
      expect(webhookSettings.safeParse(wrong).success).toBe(false);
    }
  });

  it('are refused where they lead inside', async () => {
    const settings = { url: 'https://inside.example.com/', signing: 'hmac' } as const;
    await expect(channel.mustBeUsable('t', settings)).rejects.toThrow(/^url: The name resolves to an address/);
  });
});

interface Seen {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function receiver(answer: (response: ServerResponse) => unknown, secret = newSecret('hmac').secret) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      seen.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      answer(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const endpoint: OpenEndpoint<WebhookSettings> = {
    tenantId: 't',
    id: 'e',
    settings: { url, signing: 'hmac' },
    secret,
    previousSecret: null,
  };
  return { endpoint, seen };
}
