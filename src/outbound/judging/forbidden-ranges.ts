import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';

/** Why an address is not public. `never`: no operator's list opens it. */
export interface ForbiddenRange {
  readonly network: string;
  readonly what: string;
  readonly never: boolean;
}

const range = (what: string, ...networks: string[]): ForbiddenRange[] =>
  networks.map((network) => ({ network, what, never: false }));
const never = (what: string, ...networks: string[]): ForbiddenRange[] =>
  networks.map((network) => ({ network, what, never: true }));

/**
 * What is not the public internet: the IANA registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry),
 * and where clouds answer with credentials. The first one that fits says what it is.
 */
const FORBIDDEN_IPV4: readonly ForbiddenRange[] = [
  ...never('unspecified', '0.0.0.0/8'),
  ...never('loopback', '127.0.0.0/8'),
  // AWS, GCP, Azure: 169.254.169.254; ECS 169.254.170.2, EKS 169.254.170.23.
  ...never('link-local and metadata', '169.254.0.0/16'),
  // Alibaba Cloud's metadata; Azure's WireServer (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
  ...never('metadata', '100.100.100.200/32', '168.63.129.16/32'),
  // Oracle Cloud's metadata of old, 192.0.0.192, is among these (RFC 6890).
  ...never('IETF protocol assignments', '192.0.0.0/24'),
  ...never('multicast', '224.0.0.0/4'),
  ...never('broadcast', '255.255.255.255/32'),
  // The relay of RFC 3068, taken back by RFC 7526.
  ...never('6to4 relay', '192.88.99.0/24'),
  ...range('private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'),
  ...range('shared by carriers (CGNAT)', '100.64.0.0/10'),
  ...range('benchmarking', '198.18.0.0/15'),
  ...range('documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'),
  ...range('reserved', '240.0.0.0/4'),
];

const FORBIDDEN_IPV6: readonly ForbiddenRange[] = [
  ...never('unspecified', '::/128'),
  ...never('loopback', '::1/128'),
  // An IPv4 address inside: what it means is decided by whoever translates it.
  ...never('IPv4-mapped', '::ffff:0:0/96'),
  ...never('IPv4-translated', '::ffff:0:0:0/96'),
  ...never('IPv4-compatible', '::/96'),
  ...never('NAT64', '64:ff9b::/96', '64:ff9b:1::/48'),
  ...never('6to4', '2002::/16'),
  ...never('Teredo', '2001::/32'),
  // AWS (IMDS fd00:ec2::254, EKS fd00:ec2::23), GCP.
  ...never('metadata', 'fd00:ec2::/32', 'fd20:ce::254/128'),
  ...never('link-local', 'fe80::/10'),
  ...never('multicast', 'ff00::/8'),
  ...never('discard', '100::/64', '100:0:0:1::/64'),
  ...range('unique local', 'fc00::/7'),
  ...range('site-local', 'fec0::/10'),
  ...range('documentation', '2001:db8::/32', '3fff::/20'),
  ...range('benchmarking', '2001:2::/48'),
  ...never('ORCHID', '2001:10::/28', '2001:20::/28'),
  ...never('IETF protocol assignments', '2001::/23'),
  ...range('segment routing', '5f00::/16'),
];

/** All that IANA has given out for unicast so far (https://www.iana.org/assignments/ipv6-address-space). */
const GLOBAL_IPV6 = '2000::/3';

const NOT_GIVEN_OUT: ForbiddenRange = { network: '::/0', what: 'not given out', never: true };

interface Parsed<A> {
  readonly network: readonly [A, number];
  readonly range: ForbiddenRange;
}

const parsed = <A>(ranges: readonly ForbiddenRange[], parse: (network: string) => [A, number]): Parsed<A>[] =>
  ranges.map((one) => ({ network: parse(one.network), range: one }));

const ipv4 = parsed<IPv4>(FORBIDDEN_IPV4, (network) => ipaddr.IPv4.parseCIDR(network));
const ipv6 = parsed<IPv6>(FORBIDDEN_IPV6, (network) => ipaddr.IPv6.parseCIDR(network));
const globalIpv6 = ipaddr.IPv6.parseCIDR(GLOBAL_IPV6);

/** Null: the address is a public one. */
export function forbiddenRangeOf(address: IPv4 | IPv6): ForbiddenRange | null {
  if (address instanceof ipaddr.IPv4) {
    return ipv4.find(({ network }) => address.match(network as [IPv4, number]))?.range ?? null;
  }
  const found = ipv6.find(({ network }) => address.match(network as [IPv6, number]));
  if (found !== undefined) return found.range;
  return address.match(globalIpv6) ? null : NOT_GIVEN_OUT;
}
