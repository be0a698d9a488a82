import type { OutboundSettings } from '../../outbound-settings';
import { OutboundFailure, refused } from '../outbound-failure';
import { isListed, judgeAddress } from './judge-address';
import { closedPort, type Target } from './target';

/** How the connection is to be made: to one of these very addresses, or by a proxy that looks the name up itself. */
export type Route =
  { readonly by: 'direct' | 'proxy'; readonly addresses: readonly string[] } | { readonly by: 'resolving-proxy' };

/** The addresses of a name; throws whatever it likes when there are none. `listed`: the operator named it. */
export type Resolve = (name: string, options: { listed: boolean; signal: AbortSignal }) => Promise<readonly string[]>;

/**
 * Looks the name up, once, and judges every address that it has: one that is not public refuses them all, since it is
 * not ours to choose.
 * @throws OutboundFailure `refused`, or `no-answer` where the name has no address just now; what it resolves to is not told
 */
export async function routeTo(
  target: Target,
  config: OutboundSettings,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<Route> {
  if (target.loopback) return { by: 'direct', addresses: [target.host] };
  const { host, port } = target;
  const listed = config.allowed.some((place) => 'host' in place && place.host === host && place.port === port);
  if (config.proxy?.resolves && !target.literal && !listed) {
    if (!config.ports.includes(port)) throw closedPort(port, config);
    return { by: 'resolving-proxy' };
  }
  const addresses = target.literal ? [host] : await look(host, listed, resolve, signal);
  const internal = addresses.map((address) => mustBeAllowed(address, target, config));
  // What the operator listed is near; the proxy is for the world outside.
  return { by: config.proxy !== null && !internal.includes(true) ? 'proxy' : 'direct', addresses };
}

/** Whether the address is one that the operator's list opens. */
function mustBeAllowed(address: string, { host, port, literal }: Target, config: OutboundSettings): boolean {
  const forbidden = judgeAddress(address);
  if (!forbidden?.never && isListed(config.allowed, host, address, port)) return true;
  if (forbidden !== null) {
    throw refused(
      literal
        ? `The address is not public (${forbidden.what}). ${REMEDY}`
        : `The name resolves to an address that is not public. ${REMEDY}`,
    );
  }
  if (!config.ports.includes(port)) throw closedPort(port, config);
  return false;
}

const REMEDY = 'Use a public one; whoever runs this service can open internal systems by MOTHBALL_OUTBOUND_ALLOWED.';

async function look(host: string, listed: boolean, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  let addresses: readonly string[] = [];
  try {
    addresses = await beforeAbort(resolve(host, { listed, signal }), signal);
  } catch (error) {
    // The deadline is told as such.
    if (signal.aborted) throw error;
  }
  if (addresses.length === 0)
    throw new OutboundFailure(
      'no-answer',
      'The host name could not be resolved: check how it is written, and its DNS.',
    );
  return addresses;
}

/** A resolver that hangs is not waited for. */
async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
