import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config';
import { newId } from '../../ids';

/** Where a request comes from, and what it is called in the log, in answers and in the audit log. */
export interface Origin {
  readonly requestId: string;
  /** The network address of the caller; null when the connection is gone already. */
  readonly sourceAddress: string | null;
}

/** As much of a request as tells where it comes from. */
export interface Arrived {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined;
}

const known = new WeakMap<object, Origin>();
const current = new AsyncLocalStorage<Origin>();

/** Of the HTTP request that is being answered; undefined on WebSockets and outside of requests. */
export const currentOrigin = (): Origin | undefined => current.getStore();

/** Names each HTTP request: to the code that answers it, to the log (`id`), and to the caller (`x-request-id`). */
export function originsOfRequests(config: Config) {
  const origins = new Origins(config);
  return (request: IncomingMessage & { id?: unknown }, response: ServerResponse, next: () => void): void => {
    const origin = origins.of(request);
    known.set(request, origin);
    request.id = origin.requestId;
    response.setHeader('x-request-id', origin.requestId);
    current.run(origin, next);
  };
}

@Injectable()
export class Origins {
  private readonly trusted = new BlockList();

  constructor(config: Config) {
    for (const network of config.trustedProxies) {
      const [address = '', bits] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.trusted.addAddress(address, family);
      else this.trusted.addSubnet(address, Number(bits), family);
    }
  }

  /** An HTTP request has one origin; each operation on a WebSocket, whose request only opened it, has an id of its own. */
  of(request: Arrived | undefined): Origin {
    const origin = request && known.get(request);
    return origin ?? { requestId: newId(), sourceAddress: request ? this.addressOf(request) : null };
  }

  /**
   * The nearest address that is not a trusted proxy's. Each proxy appends to `X-Forwarded-For` whom it heard from, so the
   * list is believed from its end, for as long as those who wrote it are trusted: callers can put anything in front.
   */
  private addressOf({ headers, socket }: Arrived): string | null {
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    let nearest = plain(socket?.remoteAddress);
    for (const address of forwarded.reverse().map((text) => plain(text.trim()))) {
      if (nearest === null || address === null || !this.isTrusted(nearest)) break;
      nearest = address;
    }
    return nearest;
  }

  private isTrusted(address: string): boolean {
    return this.trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Without the prefix that IPv4 callers have on a socket for both; null for what is no address. */
function plain(address: string | undefined): string | null {
  const text = address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  return isIP(text) === 0 ? null : text;
}
