import { z } from 'zod';
import type { Config } from '../../../../config';
import { badInput } from '../../../../errors';
import type { OutboundSettings } from '../../../../outbound-settings';
import { readTarget } from '../../../../outbound/judging/target';
import { OutboundFailure } from '../../../../outbound/outbound-failure';
import type { Outbound } from '../../../../outbound/outbound.service';

/** `https://acme.example.com`, without a path; what is kept is the origin. */
export const originSetting = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https://' })
  .max(500)
  .refine((url) => isBare(url) && new URL(url).pathname === '/', 'must have no path, user name or query')
  .transform((url) => new URL(url).origin);

/** `https://acme.example.com/api`; a slash at its end is dropped. */
export const baseSetting = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https://' })
  .max(500)
  .refine(isBare, 'must have no user name, query or fragment')
  .transform((url) => new URL(url).href.replace(/\/+$/, ''));

function isBare(text: string): boolean {
  const url = new URL(text);
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/**
 * Credentials are sent to the vendor's own hosts, or to what the operator has allowed, so that a slip of the pen
 * sends them to nobody else. Throws BAD_INPUT naming the field.
 */
export async function mustBeTheirs(places: Places, url: string, field: string, theirs: Theirs): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const own = protocol === 'https:' && port === '' && theirs.hosts.test(hostname);
  if (!own && !isListed(places.config.outbound, url)) {
    throw badInput(`${field}: must be ${theirs.example}, or an address that the operator has allowed.`);
  }
  await places.outbound.mustBeAllowed(url, field);
}

export interface Theirs {
  readonly hosts: RegExp;
  /** In words: `https://<site>.atlassian.net`. */
  readonly example: string;
}

/** Where we may send to. */
export interface Places {
  readonly outbound: Outbound;
  readonly config: Config;
}

/** Whether the operator named this very host (or lets us go to this machine, in tests and the demo). */
function isListed(settings: OutboundSettings, url: string): boolean {
  try {
    const { host, port, loopback } = readTarget(url, settings);
    return loopback || settings.allowed.some((place) => 'host' in place && place.host === host && place.port === port);
  } catch (error) {
    if (error instanceof OutboundFailure) return false;
    throw error;
  }
}
