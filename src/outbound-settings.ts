import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { DomainError } from './errors';

/** A host by its name, or the addresses of a network, on one port: may be reached although it is not public. */
export type AllowedPlace =
  { readonly host: string; readonly port: number } | { readonly network: string; readonly port: number };

export interface OutboundProxy {
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | null;
  /** The proxy looks names up, so the addresses behind them are not judged by us. */
  readonly resolves: boolean;
}

/** What may be reached when tenants say where to send something. */
export interface OutboundSettings {
  /** On public addresses. */
  readonly ports: readonly number[];
  readonly allowed: readonly AllowedPlace[];
  readonly proxy: OutboundProxy | null;
  /** For tests and the demo: http and https to 127.0.0.1 and [::1], on any port. */
  readonly loopback: boolean;
  /** Certificates (PEM) that are trusted besides the public ones. */
  readonly certificates: string | null;
}

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');
const port = (text: string): number | null =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;

const ports = z.string().transform((text, context) => {
  const found = listOf(text).map(port);
  if (found.length === 0 || found.includes(null)) context.addIssue('must be ports, as in "443, 8443"');
  return found.filter((one) => one !== null);
});

const places = z.string().transform((text, context) =>
  listOf(text).flatMap((entry) => {
    const place = placeOf(entry);
    if (place === null) {
      context.addIssue(`${entry}: write "jira.corp.example:8443", "10.1.0.0/16:443" or "[fd12::/16]:443"`);
    }
    return place ?? [];
  }),
);

const proxy = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' && url.hostname !== '' && url.pathname === '/' && url.search + url.hash === '')
    return url;
  context.addIssue('must be http://host:port or http://user:password@host:port');
  return z.NEVER;
});

/** The variables, for the schema of `config.ts`. */
export const outboundVariables = {
  MOTHBALL_OUTBOUND_PORTS: ports.default([443]),
  MOTHBALL_OUTBOUND_ALLOWED: places.default([]),
  MOTHBALL_OUTBOUND_PROXY: proxy.optional(),
  MOTHBALL_OUTBOUND_PROXY_RESOLVES: z.enum(['true', 'false']).default('false'),
  MOTHBALL_OUTBOUND_LOOPBACK: z.enum(['true', 'false']).default('false'),
  MOTHBALL_OUTBOUND_CA_FILE: z.string().min(1).optional(),
};

/** Throws CONFIG_INVALID for what does not go together, and for a file that cannot be read. */
export function outboundOf(
  value: z.infer<z.ZodObject<typeof outboundVariables>>,
  production: boolean,
): OutboundSettings {
  const url = value.MOTHBALL_OUTBOUND_PROXY;
  const resolves = value.MOTHBALL_OUTBOUND_PROXY_RESOLVES === 'true';
  const loopback = value.MOTHBALL_OUTBOUND_LOOPBACK === 'true';
  if (loopback && production) {
    throw invalid('MOTHBALL_OUTBOUND_LOOPBACK: it is for tests and the demo, never for production. Switch it off.');
  }
  if (resolves && url === undefined) {
    throw invalid('MOTHBALL_OUTBOUND_PROXY_RESOLVES: there is no proxy. Set MOTHBALL_OUTBOUND_PROXY, or take it away.');
  }
  return {
    ports: value.MOTHBALL_OUTBOUND_PORTS,
    allowed: value.MOTHBALL_OUTBOUND_ALLOWED,
    proxy: url === undefined ? null : proxyOf(url, resolves),
    loopback,
    certificates: certificatesOf(value.MOTHBALL_OUTBOUND_CA_FILE),
  };
}

function placeOf(entry: string): AllowedPlace | null {
  const [, bracketed, plain, digits = '443'] = /^(?:\[([0-9a-f:./]+)\]|([^:[\]]+))(?::(\d+))?$/i.exec(entry) ?? [];
  const at = port(digits);
  const name = (bracketed ?? plain ?? '').toLowerCase();
  if (at === null || name === '') return null;
  const [address = '', bits, ...rest] = name.split('/');
  const family = isIP(address);
  if (family === 0) return bracketed === undefined && HOST_NAME.test(name) ? { host: name, port: at } : null;
  if ((family === 6) !== (bracketed !== undefined) || rest.length > 0) return null;
  const longest = family === 4 ? 32 : 128;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= longest)) return null;
  return { network: `${address}/${bits ?? longest}`, port: at };
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/;

function proxyOf(url: URL, resolves: boolean): OutboundProxy {
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    authorization: login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`,
    resolves,
  };
}

function certificatesOf(file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    throw invalid(`MOTHBALL_OUTBOUND_CA_FILE: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw invalid('MOTHBALL_OUTBOUND_CA_FILE: there is no certificate in it. It must be certificates in PEM.');
}

const invalid = (message: string): DomainError => new DomainError('CONFIG_INVALID', message);
