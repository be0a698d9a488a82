import { isIP } from 'node:net';
import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';
import type { AllowedPlace } from '../../outbound-settings';
import { forbiddenRangeOf, type ForbiddenRange } from './forbidden-ranges';

const NO_ADDRESS: ForbiddenRange = { network: '', what: 'no address', never: true };

/**
 * What the address is if it is not a public one; null: it is public. Only the plain spelling is an address here
 * (`127.0.0.1`, not `127.1` or `0x7f000001`; no zone): everything else is forbidden.
 */
export function judgeAddress(address: string): ForbiddenRange | null {
  const parsed = parse(address);
  return parsed === null ? NO_ADDRESS : forbiddenRangeOf(parsed);
}

export const isLoopback = (address: string): boolean => address === '127.0.0.1' || address === '::1';

/** Whether the operator's list has it: by the name that was asked for, or by the address that it has. */
export function isListed(places: readonly AllowedPlace[], name: string, address: string, port: number): boolean {
  return places.some((place) => {
    if (place.port !== port) return false;
    return 'host' in place ? place.host === name : isWithin(address, place.network);
  });
}

function isWithin(address: string, network: string): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  const parsed = parse(address);
  if (parsed === null || parsed.kind() !== base.kind()) return false;
  return parsed.match(base, bits);
}

function parse(address: string): IPv4 | IPv6 | null {
  if (isIP(address) === 0 || address.includes('%')) return null;
  return ipaddr.parse(address);
}
