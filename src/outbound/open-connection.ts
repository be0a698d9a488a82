import { once } from 'node:events';
import { request } from 'node:http';
import { isIP, isIPv6, type Socket } from 'node:net';
import { connect as startTls, type SecureContext } from 'node:tls';
import type { OutboundProxy } from '../outbound-settings';
import type { Route } from './judging/route';
import type { Target } from './judging/target';
import type { OutboundNetwork } from './network';
import { OutboundFailure } from './outbound-failure';

/** One that does not answer leaves time for the next. */
const PATIENCE_MS = 4_000;
const MOST_ADDRESSES = 4;

export interface Connecting {
  readonly network: OutboundNetwork;
  readonly proxy: OutboundProxy | null;
  readonly secureContext: SecureContext;
  readonly signal: AbortSignal;
}

/**
 * A connection to one of the addresses that were judged, secured for the name that was asked for. Nothing is looked up
 * here. Throws what sockets throw, and OutboundFailure for a proxy's refusal.
 */
export async function openConnection(target: Target, route: Route, by: Connecting): Promise<Socket> {
  const socket =
    route.by === 'direct'
      ? await firstOf(route.addresses, (address, signal) => dial(address, target.port, by, signal), by.signal)
      : await throughProxy(target, route, by);
  if (!target.secure) return socket;
  return secured(socket, target.host, by);
}

async function firstOf(
  addresses: readonly string[],
  open: (address: string, signal: AbortSignal) => Promise<Socket>,
  signal: AbortSignal,
): Promise<Socket> {
  const some = addresses.slice(0, MOST_ADDRESSES);
  for (const address of some.slice(0, -1)) {
    try {
      return await open(address, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
    } catch (error) {
      if (signal.aborted || error instanceof OutboundFailure) throw error;
    }
  }
  return open(some.at(-1) ?? '', signal);
}

async function dial(address: string, port: number, { network }: Connecting, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = network.dial(address, port);
  return ready(socket, 'connect', signal);
}

async function ready<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  // What goes wrong while nobody listens must not end the process; who waits hears of it as well.
  socket.on('error', () => undefined);
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function secured(socket: Socket, host: string, { secureContext, signal }: Connecting): Promise<Socket> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  // The environment's NODE_TLS_REJECT_UNAUTHORIZED does not count here.
  const tls = startTls({ socket, host, ...name, secureContext, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true });
  return ready(tls, 'secureConnect', signal).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** By CONNECT (RFC 9110, section 9.3.6): to the address that we judged, or to the name where the proxy looks names up. */
async function throughProxy(target: Target, route: Route, by: Connecting): Promise<Socket> {
  const places = route.by === 'resolving-proxy' ? [target.host] : route.addresses;
  return firstOf(places, (place, signal) => tunnel(place, target.port, by, signal), by.signal);
}

async function tunnel(place: string, port: number, by: Connecting, signal: AbortSignal): Promise<Socket> {
  const { proxy } = by;
  if (proxy === null) throw new Error('There is no proxy to go through.');
  const path = `${isIPv6(place) ? `[${place}]` : place}:${port}`;
  const connection = await dial(proxy.host, proxy.port, by, signal);
  const asked = request({
    method: 'CONNECT',
    path,
    headers: { host: path, ...(proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization }) },
    createConnection: () => connection,
  });
  asked.on('error', () => undefined);
  asked.end();
  try {
    const status = await Promise.race([
      once(asked, 'connect', { signal }).then(([answer]) => (answer as { statusCode?: number }).statusCode ?? 0),
      // An answer of any other kind is the proxy's refusal.
      once(asked, 'response', { signal }).then(([answer]) => (answer as { statusCode?: number }).statusCode ?? 0),
    ]);
    if (status >= 200 && status < 300) return connection;
    throw new OutboundFailure('no-answer', `The proxy of this service did not let the request out (status ${status}).`);
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
