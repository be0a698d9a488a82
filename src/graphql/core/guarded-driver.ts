import type { Server } from 'node:http';
import { YogaDriver, type YogaDriverConfig } from '@graphql-yoga/nestjs';
import { Injectable } from '@nestjs/common';

/** As much as an HTTP request may carry. */
const LARGEST_MESSAGE = 1024 * 1024;

/** Of a process that is to end, with requests that are under way. */
const PATIENCE_MS = 5_000;

/** Yoga's driver, whose WebSockets would take messages of 100 MB from anybody, even before a token was seen. */
@Injectable()
export class GuardedDriver extends YogaDriver {
  override async start(options: YogaDriverConfig): Promise<void> {
    await super.start(options);
    socketOptionsOf(this).maxPayload = LARGEST_MESSAGE;
    // Nobody else listens: a connection that is upgraded at another path would stay open and idle for good.
    this.server.on('upgrade', (request, socket) => {
      if (options.path === undefined || request.url?.startsWith(options.path)) return;
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    });
  }

  /** Requests under way may end, but one that is sent byte by byte must not keep the process from ending. */
  override async stop(): Promise<void> {
    const { server } = this;
    setTimeout(() => server.closeAllConnections(), PATIENCE_MS).unref();
    await super.stop();
  }

  private get server(): Server {
    return this.httpAdapterHost.httpAdapter.getHttpServer() as Server;
  }
}

interface SocketOptions {
  maxPayload: number;
}

/** The driver makes its WebSocket server out of sight and has no setting for it. Throws where it is found no more. */
function socketOptionsOf(driver: YogaDriver): SocketOptions {
  let found: unknown = driver;
  for (const name of ['subscriptionService', 'wss', 'options']) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  }
  if (typeof found !== 'object' || found === null || !('maxPayload' in found)) {
    throw new Error('The WebSocket server of the GraphQL driver is not where it was: its messages cannot be limited.');
  }
  return found as SocketOptions;
}
