import { Injectable } from '@nestjs/common';
import { Config } from '../../config';
import type { Presented } from '../../tenancy/credential-check.service';
import { readIdOf } from '../../api-id';
import type { Arrived } from './request-origin';

/** What Yoga gives to its context function: an HTTP request's, or a WebSocket's. */
export interface Initial {
  readonly req?: Arrived;
  readonly connectionParams?: Readonly<Record<string, unknown>> | null | undefined;
}

type Headers = Arrived['headers'];

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
/** Headers that a page elsewhere cannot send without being asked for leave first, which it does not get. */
const CUSTOM_HEADERS = ['x-requested-with', 'x-graphql-yoga-csrf', 'apollo-require-preflight', 'mothball-tenant'];

/** Which requests come from our own pages: a browser's session counts for no others. */
@Injectable()
export class OwnPages {
  private readonly publicUrl: string | null;

  constructor({ publicUrl }: Config) {
    this.publicUrl = publicUrl;
  }

  /** Where a browser has reached us; null: not where people are meant to, or nobody has said where that is. */
  originOf({ host }: Headers): string | null {
    if (this.publicUrl !== null) return this.publicUrl;
    return typeof host === 'string' && LOOPBACK.test(host) ? `http://${host}` : null;
  }

  /** `__Host-`: only over TLS, only for this host and by it (RFC 6265bis, section 4.1.3.2). Loopback has no TLS. */
  cookieName(origin: string): string {
    return origin.startsWith('https:') ? '__Host-mothball' : 'mothball';
  }

  /** The session's secret in the request's cookie; undefined: none. Says nothing of who made the browser send it. */
  sessionIn(headers: Headers): string | undefined {
    const origin = this.originOf(headers);
    return origin === null ? undefined : cookieIn(headers, this.cookieName(origin));
  }

  /** Whether the request was sent by one of our pages, not by another site's through the same browser. */
  isOwn(headers: Headers): boolean {
    const own = this.originOf(headers);
    if (own === null) return false;
    const site = textOf(headers, 'sec-fetch-site');
    // Written by the browser itself: no page can (Fetch Metadata Request Headers, section 2.3).
    if (site !== undefined) return site === 'same-origin';
    const origin = textOf(headers, 'origin');
    if (origin !== undefined) return origin === own;
    return CUSTOM_HEADERS.some((name) => headers[name] !== undefined);
  }

  presentedBy({ req, connectionParams }: Initial): Omit<Presented, 'sourceAddress'> {
    const headers = req?.headers ?? {};
    const params = new Map(Object.entries(connectionParams ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    const given = (name: string): string | undefined => {
      const value = params.get(name) ?? headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const tenant = given('mothball-tenant');
    return {
      authorization: given('authorization'),
      session: this.isOwn(headers) ? this.sessionIn(headers) : undefined,
      tenant: tenant === undefined || tenant.trim() === '' ? null : tenantIn(tenant.trim()),
    };
  }
}

/** A tenant's id in this API, or its name. */
function tenantIn(text: string): string {
  try {
    return readIdOf('Tenant', text, 'Mothball-Tenant').id;
  } catch {
    return text;
  }
}

export function cookieIn(headers: Headers, name: string): string | undefined {
  const all = textOf(headers, 'cookie')?.split(';') ?? [];
  const found = all.map((one) => one.trim()).find((one) => one.startsWith(`${name}=`));
  const value = found?.slice(name.length + 1);
  return value !== undefined && /^[A-Za-z0-9_-]{1,4000}$/.test(value) ? value : undefined;
}

function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
