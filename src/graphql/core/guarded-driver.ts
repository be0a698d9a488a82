import type { Server } from 'node:http';
import { YogaDriver, type YogaDriverConfig } from '@graphql-yoga/nestjs';
import { Injectable } from '@nestjs/common';
import { type SocketRules, SocketServer } from './sockets/socket-server';

/** Of a process that is to end, with requests that are under way. */
const PATIENCE_MS = 5_000;

export type GuardedDriverConfig = YogaDriverConfig & { readonly sockets: SocketRules };

/**
 * Yoga's driver with a WebSocket server of our own: Yoga's would end a connection for an error in one operation, print to
 * the console, and take messages of 100 MB from anybody.
 */
@Injectable()
export class GuardedDriver extends YogaDriver {
  private socketServer: SocketServer | undefined;

  override async start(options: YogaDriverConfig): Promise<void> {
    await super.start(options);
    const { sockets } = options as GuardedDriverConfig;
    this.socketServer = new SocketServer(this.server, this.yoga, sockets);
  }

  /** Requests under way may end, but one that is sent byte by byte must not keep the process from ending. */
  override async stop(): Promise<void> {
    const { server } = this;
    setTimeout(() => server.closeAllConnections(), PATIENCE_MS).unref();
    await this.socketServer?.stop();
    await super.stop();
  }

  private get server(): Server {
    return this.httpAdapterHost.httpAdapter.getHttpServer() as Server;
  }
}
