import { lookup, Resolver } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import type { Resolve } from './judging/route';

/** The two things by which a process reaches out; a test puts its own in. */
export interface OutboundNetwork {
  readonly resolve: Resolve;
  /** Begins to connect. `address` is an IP address, or the operator's proxy. */
  dial(address: string, port: number): Socket;
}

export const OUTBOUND_NETWORK = Symbol('OUTBOUND_NETWORK');

/**
 * Tenants' names are asked of DNS itself, not of the system: getaddrinfo has four threads in a process, which a slow name
 * server would hold (https://nodejs.org/docs/latest-v20.x/api/dns.html#implementation-considerations), and it would try
 * the search domains of the inside. Names that the operator listed may be in /etc/hosts.
 */
const resolve: Resolve = async (name, { listed, signal }) => {
  if (listed) return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);
  const resolver = new Resolver({ timeout: 2_500, tries: 2 });
  const stop = () => resolver.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

export const nodeNetwork: OutboundNetwork = {
  resolve,
  dial: (address, port) => connect({ host: address, port, noDelay: true }),
};
