import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Config, type ConfigValues } from '../config';
import type { OutboundSettings } from '../outbound-settings';
import type { Resolve } from './judging/route';
import { nodeNetwork } from './network';
import { OutboundFailure } from './outbound-failure';
import { Outbound } from './outbound.service';

const CLOSED: OutboundSettings = { ports: [443], allowed: [], proxy: null, loopback: false, certificates: null };
const LOOPBACK: OutboundSettings = { ...CLOSED, loopback: true };

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a name', () => {
  it('is looked up once, and the connection goes to the address that was judged: rebinding meets nothing', async () => {
    // First a public address, then this machine: whoever asked twice would connect to the second.
    const answers = [['93.184.216.34'], ['127.0.0.1'], ['169.254.169.254']];
    const { outbound, asked, dialled } = outboundWith(async () => answers.shift() ?? []);
    await expect(outbound.send({ method: 'POST', url: 'https://hooks.example.com/x' })).rejects.toThrow();
    expect(asked).toEqual(['hooks.example.com']);
    expect(dialled).toEqual(['93.184.216.34:443']);
  });

  it('that was public when it was set up is judged anew when it is sent to', async () => {
    const answers = [['93.184.216.34'], ['10.0.0.1']];
    const { outbound, dialled } = outboundWith(async () => answers.shift() ?? []);
    await outbound.mustBeAllowed('https://hooks.example.com/', 'url');
    await expect(outbound.send({ method: 'GET', url: 'https://hooks.example.com/' })).rejects.toMatchObject({
      kind: 'refused',
    });
    expect(dialled).toEqual([]);
  });

  it.each([
    ['this machine', ['127.0.0.1']],
    ['a private address', ['10.20.30.40']],
    ['metadata', ['169.254.169.254']],
    ['metadata by IPv6', ['fd00:ec2::254']],
    ['an IPv4 address inside an IPv6 one', ['::ffff:93.184.216.34']],
    ['NAT64', ['64:ff9b::a9fe:a9fe']],
    ['a public address and a private one', ['93.184.216.34', '10.0.0.1']],
    ['a private address among a thousand public ones', [...publicAddresses(1_000), '192.168.0.1']],
    ['something that is no address', ['2130706433']],
    ['an address with a zone', ['fe80::1%eth0']],
  ])('that resolves to %s is refused, without saying to which', async (_, addresses) => {
    const { outbound, dialled } = outboundWith(async () => addresses);
    const failure = await failureOf(outbound.send({ method: 'POST', url: 'https://hooks.example.com/' }));
    expect(failure).toMatchObject({ kind: 'refused', sent: false });
    expect(failure.sentence).toContain('The name resolves to an address that is not public.');
    for (const address of addresses) expect(JSON.stringify(failure) + failure.message).not.toContain(address);
    await expect(outbound.mustBeAllowed('https://hooks.example.com/', 'url')).rejects.toThrow(
      /^url: The name resolves/,
    );
    expect(dialled).toEqual([]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('SERVFAIL from 10.0.0.2'))],
    ['throws', () => raise(new Error('10.0.0.2'))],
    ['answers nothing', async () => []],
  ] satisfies [string, Resolve][])('is refused when the resolver %s', async (_, resolve) => {
    const { outbound, dialled } = outboundWith(resolve);
    const failure = await failureOf(outbound.send({ method: 'POST', url: 'https://hooks.example.com/' }));
    expect(failure.sentence).toBe('The host name could not be resolved: check how it is written, and its DNS.');
    expect(failure).toMatchObject({ kind: 'no-answer', sent: false });
    await expect(outbound.mustBeAllowed('https://hooks.example.com/', 'url')).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    expect(dialled).toEqual([]);
  });

  it('is not waited for when the resolver hangs', async () => {
    let told: AbortSignal | undefined;
    const { outbound, dialled } = outboundWith((_, { signal }) => {
      told = signal;
      return new Promise(() => undefined);
    });
    const failure = await failureOf(
      outbound.send({ method: 'POST', url: 'https://hooks.example.com/', timeoutMs: 50 }),
    );
    expect(failure).toMatchObject({ kind: 'timeout', sent: false });
    expect(told?.aborted).toBe(true);
    expect(dialled).toEqual([]);
  });

  it('of the operator’s list may be private, on the port that the list has, but never metadata or this machine', async () => {
    const allowed = [
      { host: 'jira.corp', port: 8443 },
      { network: '10.7.0.0/16', port: 443 },
    ];
    const to = async (url: string, addresses: string[]) => {
      const { outbound, dialled } = outboundWith(async () => addresses, { ...CLOSED, allowed });
      const failure = await failureOf(outbound.send({ method: 'GET', url }));
      return failure.kind === 'refused' ? 'refused' : dialled.join();
    };
    expect(await to('https://jira.corp:8443/', ['10.0.0.9'])).toBe('10.0.0.9:8443');
    expect(await to('https://jira.corp:8443/', ['fd12::9'])).toBe('fd12::9:8443');
    expect(await to('https://anything.example.com/', ['10.7.1.1'])).toBe('10.7.1.1:443');
    expect(await to('https://10.7.1.1/', [])).toBe('10.7.1.1:443');
    expect(await to('https://jira.corp/', ['10.0.0.9'])).toBe('refused');
    expect(await to('https://anything.example.com/', ['10.8.1.1'])).toBe('refused');
    expect(await to('https://anything.example.com/', ['10.7.1.1', '10.8.1.1'])).toBe('refused');
    expect(await to('https://10.7.1.1:8443/', [])).toBe('refused');
    for (const never of [
      '169.254.169.254',
      '127.0.0.1',
      '::1',
      'fd00:ec2::254',
      '::ffff:10.7.1.1',
      'fe80::1',
      '0.0.0.0',
    ]) {
      expect(await to('https://jira.corp:8443/', [never])).toBe('refused');
    }
  });
});

describe('a request', () => {
  it('says what it is and nothing more', async () => {
    const { url, seen } = await receiver((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const answer = await local().send({
      method: 'POST',
      url,
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(JSON.parse(answer.body.toString())).toEqual([
      'host',
      new URL(url).host,
      'connection',
      'close',
      'user-agent',
      'Mothball',
      'accept-encoding',
      'identity',
      'content-type',
      'application/json',
      'content-length',
      '2',
    ]);
    expect(answer).toMatchObject({ status: 200, cut: false, latencyMs: expect.any(Number) as number });
    expect(seen).toEqual(['POST /hook']);
  });

  it.each([
    ['a line end', { authorization: 'x\r\nx-injected: 1' }],
    ['a line feed', { authorization: 'x\nx-injected: 1' }],
    ['a zero byte', { authorization: 'x\0' }],
    ['letters that are not ASCII', { authorization: 'pässword' }],
    ['a name with a line end', { 'x\r\nx-injected': '1' }],
    ['a name with a colon', { 'x-injected: 1': '1' }],
    ['no name', { '': '1' }],
    ['the host', { Host: '169.254.169.254' }],
    ['the length', { 'Content-Length': '0' }],
    ['a transfer encoding', { 'transfer-encoding': 'chunked' }],
    ['a connection', { connection: 'keep-alive' }],
    ['an upgrade', { upgrade: 'h2c' }],
    ['a cookie', { cookie: 'a=b' }],
    ['too much', { 'x-long': 'a'.repeat(20_000) }],
  ])('with %s in its headers is refused before anything is sent', async (_, headers) => {
    const { url, seen } = await receiver((_request, response) => response.end());
    await expect(local().send({ method: 'POST', url, headers })).rejects.toMatchObject({
      kind: 'refused',
      sent: false,
    });
    expect(seen).toEqual([]);
  });

  it('has a connection of its own: nothing of it is left for the next', async () => {
    const connections = new Set<Socket | null>();
    const { url } = await receiver((request, response) => {
      connections.add(request.socket);
      response.setHeader('connection', 'keep-alive').setHeader('set-cookie', 'a=b').end();
    });
    const outbound = local();
    await outbound.send({ method: 'GET', url });
    await outbound.send({ method: 'GET', url });
    expect(connections.size).toBe(2);
  });

  it('can be called off', async () => {
    const { url } = await receiver(() => undefined);
    const stop = new AbortController();
    const answer = failureOf(local().send({ method: 'GET', url, signal: stop.signal }));
    setTimeout(() => stop.abort(), 20);
    expect(await answer).toMatchObject({ kind: 'no-answer', sentence: 'The request was called off.' });
  });
});

describe('an answer', () => {
  it.each([301, 302, 303, 307, 308])('of %i is an answer: nobody follows it', async (status) => {
    const { url, seen } = await receiver((_, response) => {
      response.writeHead(status, { location: 'http://169.254.169.254/latest/meta-data/' }).end('moved');
    });
    const answer = await local().send({ method: 'POST', url });
    expect(answer).toMatchObject({ status, headers: { location: 'http://169.254.169.254/latest/meta-data/' } });
    expect(seen).toEqual(['POST /hook']);
  });

  it('that has no end is not read to its end', async () => {
    const { url, sent } = await endless();
    expect(await failureOf(local().send({ method: 'GET', url }))).toMatchObject({ kind: 'too-large', sent: true });
    const cut = await local().send({ method: 'GET', url, longAnswer: 'cut', maxAnswerBytes: 100 });
    expect(cut).toMatchObject({ status: 200, cut: true });
    expect(cut.body).toHaveLength(100);
    expect(sent()).toBeLessThan(20 * 1_048_576);
  });

  it('that drips has the same deadline as everything', async () => {
    const { url } = await dripping('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
    const request = { method: 'GET', url, timeoutMs: 150 } as const;
    expect(await failureOf(local().send(request))).toMatchObject({
      kind: 'timeout',
      sent: true,
      sentence: 'There was no complete answer within 0.15 s.',
    });
    // Where the start is enough, its status has come in time.
    expect(await local().send({ ...request, longAnswer: 'cut' })).toMatchObject({ status: 200, cut: true });
  });

  it.each([
    ['drips its headers', 'HTTP/1.1 200 OK\r\nx: '],
    ['hints for ever', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['says nothing', '', ''],
  ])('that %s comes too late', async (_, start, drop = 'a') => {
    const { url } = await dripping(start, drop);
    const request = { method: 'GET', url, timeoutMs: 150, longAnswer: 'cut' } as const;
    expect(await failureOf(local().send(request))).toMatchObject({ kind: 'timeout', sent: true });
  });

  it.each([
    ['breaks off at once', '', /broke the connection off/, 'no-answer'],
    ['breaks off in its headers', 'HTTP/1.1 200 OK\r\n', /broke the connection off/, 'no-answer'],
    ['is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', /not HTTP/, 'no-answer'],
    ['is HTTP 2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /not HTTP/, 'no-answer'],
    ['has a header that is too long', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`, /headers/, 'too-large'],
    ['has too many headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n`, /headers/, 'too-large'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', /not HTTP/, 'no-answer'],
    [
      'switches protocols',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      /broke/,
      'no-answer',
    ],
  ])('that %s is none', async (_, text, why, kind) => {
    const { url } = await raw((socket) => socket.end(text));
    const failure = await failureOf(local().send({ method: 'POST', url, body: '{}' }));
    expect(failure).toMatchObject({ kind, sent: true, sentence: expect.stringMatching(why) as string });
  });

  it('that was reset is none, or a start where that is enough', async () => {
    const { url } = await raw((socket) => {
      socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\nthanks', () => {
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    });
    expect(await failureOf(local().send({ method: 'POST', url }))).toMatchObject({ kind: 'no-answer', sent: true });
    const answer = await local().send({ method: 'POST', url, longAnswer: 'cut' });
    expect(answer).toMatchObject({ status: 202, cut: true });
    expect(answer.body.toString()).toBe('thanks');
  });

  it('that is compressed is left as it came: a small one cannot grow', async () => {
    const bomb = gzipSync(Buffer.alloc(5 * 1_048_576));
    const { url } = await receiver((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });
    expect((await local().send({ method: 'GET', url })).body).toEqual(bomb);
  });

  it('is none where nobody listens', async () => {
    const { url, server } = await receiver(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureOf(local().send({ method: 'GET', url }));
    expect(failure).toMatchObject({ kind: 'no-answer', sent: false });
    expect(failure.sentence).toBe('It refused the connection: nothing listens on that port.');
  });
});

describe('what is shown of a failure', () => {
  it('names no address that was found', async () => {
    const outbound = new Outbound(configOf(CLOSED), {
      resolve: async () => ['93.184.216.34'],
      dial: (_address, port) => {
        const socket = nodeNetwork.dial('127.0.0.1', port === 443 ? 1 : 2);
        return socket;
      },
    });
    const failure = await failureOf(outbound.send({ method: 'GET', url: 'https://hooks.example.com/' }));
    expect(failure.sentence + failure.message).not.toMatch(/\d+\.\d+\.\d+|ECONN/);
  });
});

const local = () => new Outbound(configOf(LOOPBACK), { ...nodeNetwork, resolve: async () => [] });

function outboundWith(resolve: Resolve, settings = CLOSED) {
  const asked: string[] = [];
  const dialled: string[] = [];
  const outbound = new Outbound(configOf(settings), {
    resolve: (name, options) => {
      asked.push(name);
      return resolve(name, options);
    },
    // Nothing leaves a test: what would be connected to is written down.
    dial: (address, port) => {
      dialled.push(`${address}:${port}`);
      throw new Error('written down');
    },
  });
  return { outbound, asked, dialled };
}

const configOf = (outbound: OutboundSettings) => new Config({ outbound } as unknown as ConfigValues);

function publicAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `93.184.${Math.floor(index / 250)}.${1 + (index % 250)}`);
}

async function failureOf(work: Promise<unknown>): Promise<OutboundFailure> {
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof OutboundFailure) return failure;
  throw new Error(`No OutboundFailure: ${String(failure)}`);
}

function raise(error: Error): never {
  throw error;
}

async function listening(server: Server) {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function receiver(answer: RequestListener) {
  const seen: string[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  return { ...(await listening(server)), seen };
}

/** Answers a connection's first bytes as it likes. */
function raw(answer: (socket: Socket) => void) {
  return listening(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    }),
  );
}

function dripping(start: string, drop = 'a') {
  return raw((socket) => {
    socket.write(start);
    const timer = setInterval(() => socket.write(drop), 20);
    socket.on('close', () => clearInterval(timer));
  });
}

async function endless() {
  let sent = 0;
  const chunk = Buffer.alloc(65_536, 'a');
  const { url } = await raw((socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
      sent += chunk.length;
    };
    socket.on('drain', more);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    more();
  });
  return { url, sent: () => sent };
}
