import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Config, type ConfigValues } from '../config';
import type { OutboundSettings } from '../outbound-settings';
import { nodeNetwork } from './network';
import { Outbound } from './outbound.service';

const NAME = 'hooks.example.com';
const ADDRESS = '93.184.216.34';
const CLOSED: OutboundSettings = { ports: [443], allowed: [], proxy: null, loopback: false, certificates: null };

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a secure connection', () => {
  it('goes to the very address that was judged, with the name in it and its certificate looked at', async () => {
    const { to, pem } = await secureReceiver(certificate({ names: [NAME] }));
    const { outbound, dialled } = outboundTo(to, { certificates: pem });
    const answer = await outbound.send({ method: 'POST', url: `https://${NAME}/x`, body: '{}' });
    expect(JSON.parse(answer.body.toString())).toEqual({ host: NAME, sni: NAME, path: '/x' });
    expect(dialled).toEqual([`${ADDRESS}:443`]);
  });

  // Just outside of what is refused: nothing but the connection's other end is not the real one.
  it.each(['9.255.255.255', '172.32.0.0', '192.169.0.0', '100.128.0.0', '128.0.0.0', '169.255.0.0', '223.255.255.255'])(
    'is made to %s, which is public',
    async (address) => {
      const { to, pem } = await secureReceiver(certificate({ addresses: [address] }));
      const { outbound, dialled } = outboundTo(to, { certificates: pem });
      const answer = await outbound.send({ method: 'POST', url: `https://${address}/` });
      expect(JSON.parse(answer.body.toString())).toMatchObject({ host: address, sni: false });
      expect(dialled).toEqual([`${address}:443`]);
    },
  );

  it.each([
    ['for another name', { names: ['other.example.com'] }, /it is for another name/],
    ['for a name beside it', { names: ['*.hooks.example.com'] }, /it is for another name/],
    ['that has expired', { names: [NAME], until: new Date('2020-01-02T00:00:00Z') }, /it has expired/],
  ])('is not made to a certificate %s', async (_, subject, why) => {
    const { to, pem, seen } = await secureReceiver(certificate(subject));
    const { outbound } = outboundTo(to, { certificates: pem });
    await expect(outbound.send({ method: 'POST', url: `https://${NAME}/` })).rejects.toMatchObject({
      kind: 'no-answer',
      sent: false,
      sentence: expect.stringMatching(why) as string,
    });
    expect(seen).toEqual([]);
  });

  it('is not made to a certificate that nobody vouches for', async () => {
    const { to, seen } = await secureReceiver(certificate({ names: [NAME] }));
    await expect(outboundTo(to).outbound.send({ method: 'POST', url: `https://${NAME}/` })).rejects.toMatchObject({
      sentence: 'Its certificate is not trusted: it is signed by itself.',
      sent: false,
    });
    expect(seen).toEqual([]);
  });

  it('is not made where no TLS is spoken', async () => {
    const { to } = await listening(createHttpServer((_, response) => response.end()));
    await expect(outboundTo(to).outbound.send({ method: 'POST', url: `https://${NAME}/` })).rejects.toMatchObject({
      sentence: expect.stringMatching(/TLS/) as string,
      sent: false,
    });
  });

  it('goes to the next of the judged addresses where one refuses it', async () => {
    const { to, pem } = await secureReceiver(certificate({ names: [NAME] }));
    const dialled: string[] = [];
    const outbound = new Outbound(configOf({ ...CLOSED, certificates: pem }), {
      resolve: async () => ['1.1.1.1', ADDRESS],
      dial: (address) => {
        dialled.push(address);
        // Port 1 of this machine: nobody is there.
        return connect({ host: '127.0.0.1', port: address === ADDRESS ? to : 1 });
      },
    });
    expect(await outbound.send({ method: 'GET', url: `https://${NAME}/` })).toMatchObject({ status: 200 });
    expect(dialled).toEqual(['1.1.1.1', ADDRESS]);
  });

  it('tries four addresses and no more', async () => {
    const dialled: string[] = [];
    const outbound = new Outbound(configOf(CLOSED), {
      resolve: async () => Array.from({ length: 250 }, (_, index) => `93.184.216.${index + 1}`),
      dial: (address) => {
        dialled.push(address);
        return connect({ host: '127.0.0.1', port: 1 });
      },
    });
    await expect(outbound.send({ method: 'GET', url: `https://${NAME}/` })).rejects.toMatchObject({
      kind: 'no-answer',
    });
    expect(dialled).toHaveLength(4);
  });
});

describe('the operator’s proxy', () => {
  it('is asked for the address that we judged, with its password, and secures nothing itself', async () => {
    const { to, pem } = await secureReceiver(certificate({ names: [NAME] }));
    const { proxy, asked } = await proxyTo(to);
    const outbound = outboundBy({ certificates: pem, proxy }, async () => [ADDRESS]);
    const answer = await outbound.send({ method: 'POST', url: `https://${NAME}/x` });
    expect(JSON.parse(answer.body.toString())).toEqual({ host: NAME, sni: NAME, path: '/x' });
    expect(asked).toEqual([`CONNECT ${ADDRESS}:443 Basic dTpw`]);
  });

  it('is not asked for what is refused', async () => {
    const { proxy, asked } = await proxyTo(1);
    for (const resolves of [false, true]) {
      const outbound = outboundBy({ proxy: { ...proxy, resolves } }, async () => ['10.0.0.1']);
      for (const url of ['https://169.254.169.254/', 'https://[::1]/', 'https://localhost/', `https://${NAME}:22/`]) {
        await expect(outbound.send({ method: 'POST', url })).rejects.toMatchObject({ kind: 'refused' });
      }
      if (!resolves) await expect(outbound.send({ method: 'POST', url: `https://${NAME}/` })).rejects.toThrow('public');
    }
    expect(asked).toEqual([]);
  });

  it('is asked for the name where the operator says that it looks names up', async () => {
    const { to, pem } = await secureReceiver(certificate({ names: [NAME] }));
    const { proxy, asked } = await proxyTo(to);
    const outbound = outboundBy({ certificates: pem, proxy: { ...proxy, resolves: true } }, async () => {
      throw new Error('nobody asks');
    });
    expect(await outbound.send({ method: 'POST', url: `https://${NAME}/x` })).toMatchObject({ status: 200 });
    expect(asked).toEqual([`CONNECT ${NAME}:443 Basic dTpw`]);
  });

  it('that says no is told of without its own words', async () => {
    const { proxy } = await proxyTo(null);
    const outbound = outboundBy({ proxy }, async () => [ADDRESS]);
    await expect(outbound.send({ method: 'POST', url: `https://${NAME}/` })).rejects.toMatchObject({
      kind: 'no-answer',
      sent: false,
      sentence: 'The proxy of this service did not let the request out (status 403).',
    });
  });

  it('that says nothing, or leaves, is not waited for', async () => {
    for (const [behaviour, kind] of [
      [() => undefined, 'timeout'],
      [(socket: Socket) => socket.end(), 'no-answer'],
    ] as const) {
      const { to } = await listening(
        createServer((socket) => {
          socket.on('error', () => undefined).once('data', () => behaviour(socket));
        }),
      );
      const proxy = { host: '127.0.0.1', port: to, authorization: null, resolves: false };
      const outbound = outboundBy({ proxy }, async () => [ADDRESS]);
      await expect(outbound.send({ method: 'POST', url: `https://${NAME}/`, timeoutMs: 100 })).rejects.toMatchObject({
        kind,
        sent: false,
      });
    }
  });

  it('is passed by for what the operator listed', async () => {
    const { proxy, asked } = await proxyTo(1);
    const allowed = [{ host: 'jira.corp', port: 443 }];
    const dialled: string[] = [];
    const outbound = new Outbound(configOf({ ...CLOSED, proxy, allowed }), {
      resolve: async () => ['10.0.0.9'],
      dial: (address, port) => {
        dialled.push(`${address}:${port}`);
        throw new Error('written down');
      },
    });
    await expect(outbound.send({ method: 'GET', url: 'https://jira.corp/' })).rejects.toThrow();
    expect({ asked, dialled }).toEqual({ asked: [], dialled: ['10.0.0.9:443'] });
  });
});

const configOf = (outbound: OutboundSettings) => new Config({ outbound } as unknown as ConfigValues);

/** The connection to whatever address is one to this machine: what it would have been to is written down. */
function outboundTo(port: number, settings: Partial<OutboundSettings> = {}) {
  const dialled: string[] = [];
  const outbound = new Outbound(configOf({ ...CLOSED, ...settings }), {
    resolve: async () => [ADDRESS],
    dial: (address, wanted) => {
      dialled.push(`${address}:${wanted}`);
      return connect({ host: '127.0.0.1', port });
    },
  });
  return { outbound, dialled };
}

function outboundBy(settings: Partial<OutboundSettings>, resolve: () => Promise<string[]>) {
  return new Outbound(configOf({ ...CLOSED, ...settings }), {
    resolve,
    dial: (address, port) => {
      if (address !== '127.0.0.1') throw new Error(`Nothing leaves a test, and not to ${address}.`);
      return nodeNetwork.dial(address, port);
    },
  });
}

async function listening(server: Server) {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { to: (server.address() as AddressInfo).port };
}

async function secureReceiver({ key, cert }: { key: string; cert: string }) {
  const seen: string[] = [];
  const server = createHttpsServer({ key, cert }, (request, response) => {
    seen.push(request.url ?? '');
    const { servername } = request.socket as { servername?: string | false };
    response.end(JSON.stringify({ host: request.headers.host, sni: servername, path: request.url }));
  });
  return { ...(await listening(server)), pem: cert, seen };
}

/** A proxy that leads everything to one port of this machine; null: it says no. */
async function proxyTo(port: number | null) {
  const asked: string[] = [];
  const server = createHttpServer();
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
    if (port === null) return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\n<html>');
    const onward = connect({ host: '127.0.0.1', port }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const { to } = await listening(server);
  return { proxy: { host: '127.0.0.1', port: to, authorization: 'Basic dTpw', resolves: false }, asked };
}

/** A certificate that signs itself (RFC 5280), since nothing in Node makes one. */
function certificate({ names = [], addresses = [], until = new Date('2049-01-01T00:00:00Z') }: Subject) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
  const commonName = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('test')))));
  const time = (at: Date) => der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
  const alternatives = der(
    0x30,
    ...names.map((name) => der(0x82, Buffer.from(name))),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  );
  const extension = (oid: string, value: Buffer) => der(0x30, Buffer.from(oid, 'hex'), der(0x04, value));
  const signed = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    commonName,
    der(0x30, time(new Date('2020-01-01T00:00:00Z')), time(until)),
    commonName,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(
      0xa3,
      der(
        0x30,
        extension('0603551d11', alternatives),
        extension('0603551d13', der(0x30, der(0x01, Buffer.from([255])))),
      ),
    ),
  );
  const bits = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', signed, privateKey)]));
  return { key: pemOf(privateKey), cert: pem('CERTIFICATE', der(0x30, signed, ecdsaWithSha256, bits)) };
}

interface Subject {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly until?: Date;
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;
