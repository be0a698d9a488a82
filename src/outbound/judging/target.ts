import { isIP } from 'node:net';
import type { OutboundSettings } from '../../outbound-settings';
import { refused, type OutboundFailure } from '../outbound-failure';
import { isLoopback } from './judge-address';

/** Where a URL leads, by its text alone. */
export interface Target {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly secure: boolean;
  /** A name in lower case or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The host is an address. */
  readonly literal: boolean;
  /** On this machine, where the operator lets tests and the demo go. */
  readonly loopback: boolean;
}

const LONGEST = 2_000;

/**
 * Names that mean "here" or "this network" (RFC 6761, 6762, 8375, and ICANN's .internal): whatever a resolver says.
 * An operator's list opens them by name.
 */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)+$/;

/**
 * Reads an address strictly: what one parser reads as one host, another reads as another, so there is one spelling only,
 * the one that WHATWG's parser writes (https://url.spec.whatwg.org/#host-parsing). Looks nothing up.
 * @throws OutboundFailure `refused`, its sentence names the remedy
 */
export function readTarget(text: string, config: OutboundSettings): Target {
  const url = plainUrl(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const literal = isIP(host) !== 0;
  const loopback = config.loopback && isLoopback(host);
  if (!secure && !loopback) throw refused('The address must begin with https://.');
  if (!literal) mustBeName(host, port, config);
  if (!loopback) mustBeOpenPort(host, port, config);
  return { origin: url.origin, path: url.pathname + url.search, secure, host, port, literal, loopback };
}

function plainUrl(text: string): URL {
  if (text.length > LONGEST) throw refused(`The address must have ${LONGEST} characters or fewer.`);
  // WHATWG's parser takes tabs and line ends away and reads "\" as "/".
  if (/[\p{Cc}\p{Cf}\s\\]/u.test(text)) {
    throw refused('The address must have no space, line end, backslash or invisible character in it.');
  }
  const [, scheme, authority] = /^(https?):\/\/([^/?#]+)/i.exec(text) ?? [];
  if (scheme === undefined || authority === undefined)
    throw refused('The address must begin with https:// and a host.');
  if (authority.includes('@')) throw refused('The address must have no user name or password in it.');
  if (text.includes('#')) throw refused('The address must have no "#" in it: what follows it is never sent.');
  if (!URL.canParse(text)) throw refused('The address is not a valid URL: check its host and port.');
  const url = new URL(text);
  const written = authority.toLowerCase();
  const standard = `${url.hostname}:${url.protocol === 'https:' ? '443' : '80'}`;
  if (written !== url.host && written !== standard) {
    throw refused(`The host must be written plainly, as "${url.host}".`);
  }
  return url;
}

function mustBeName(host: string, port: number, config: OutboundSettings): void {
  if (config.allowed.some((place) => 'host' in place && place.host === host && place.port === port)) return;
  if (LOCAL_NAME.test(host) || !HOST_NAME.test(host)) {
    throw refused(
      'The host must be a full public name, as "hooks.example.com": not one of a local network, and without a dot at its end.',
    );
  }
}

function mustBeOpenPort(host: string, port: number, config: OutboundSettings): void {
  const maybe = config.allowed.some((place) => place.port === port && ('host' in place ? place.host === host : true));
  if (config.ports.includes(port) || maybe) return;
  throw closedPort(port, config);
}

export const closedPort = (port: number, { ports }: OutboundSettings): OutboundFailure =>
  refused(`Port ${port} is not open for messages: use ${ports.join(' or ')}, or ask whoever runs this service.`);
