import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { YogaDriverServerInstance } from '@graphql-yoga/nestjs';
import type { GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Server as Protocol, type SubscribePayload } from 'graphql-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { RefusedRequest } from '../refusals/refusals.service';
import type { Initial } from '../request-context';
import { type Connected, operations } from './operations';

/** As much as an HTTP request may carry. */
const LARGEST_MESSAGE = 1024 * 1024;
/** Whoever connects says who it is within this time, or is disconnected (4408). */
const INIT_PATIENCE_MS = 3_000;
/** A peer that does not answer a ping until the next one is gone. */
const PING_EVERY_MS = 12_000;
const GOING_AWAY = 1001;

export interface SocketRules {
  readonly path: string;
  /**
   * Lets somebody in who has said who it is; what it returns is called when the connection ends. Null: not let in (4403).
   * `close` is called when who it is holds no more.
   * What it throws goes to the caller, masked.
   */
  admit(initial: Initial, close: () => void): Promise<(() => void) | null>;
  /** The query that a message asks for. Throws what the caller is told. */
  queryOf(message: SubscribePayload): string;
  /** What a caller may see of an error. */
  masked(error: unknown): GraphQLError;
  /** Told of each refused operation. */
  refused(errors: readonly GraphQLError[], request: RefusedRequest): void;
}

/**
 * GraphQL over WebSocket (the protocol graphql-transport-ws). A wrong operation is answered with an error and ends nothing
 * else; a wrong message ends its connection.
 */
export class SocketServer {
  private readonly logger = new Logger(SocketServer.name);
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols });
  private readonly pings: NodeJS.Timeout;
  private readonly silent = new WeakSet<WebSocket>();

  constructor(
    server: Server,
    yoga: YogaDriverServerInstance<'express'>,
    private readonly rules: SocketRules,
  ) {
    const protocol = makeServer<Record<string, unknown>, Connected>({
      connectionInitWaitTimeout: INIT_PATIENCE_MS,
      ...operations(yoga, rules),
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url?.split('?')[0] !== rules.path) {
        // Nobody else listens: the connection would stay open and idle for good.
        socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (open) => this.serve(open, request, protocol));
    });
    this.pings = setInterval(() => this.ping(), PING_EVERY_MS).unref();
  }

  /** Ends all connections. */
  async stop(): Promise<void> {
    clearInterval(this.pings);
    for (const socket of this.sockets.clients) socket.close(GOING_AWAY, 'Going away');
    await new Promise<void>((resolve) => this.sockets.close(() => resolve()));
  }

  private serve(socket: WebSocket, request: IncomingMessage, protocol: Protocol<Connected>): void {
    socket.on('error', (error) => this.logger.log({ reason: error.message }, 'A WebSocket peer broke the protocol.'));
    socket.on('pong', () => this.silent.delete(socket));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) return resolve();
            socket.send(text, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => socket.on('message', (data) => void this.handle(socket, data, take)),
      },
      { socket, request },
    );
    socket.once('close', (code, reason) => {
      closed(code, reason.toString()).catch((error: unknown) =>
        this.logger.error({ err: error }, 'A WebSocket ended badly.'),
      );
    });
  }

  private async handle(socket: WebSocket, data: RawData, take: (text: string) => Promise<void>): Promise<void> {
    try {
      await take((data as Buffer).toString());
    } catch (error) {
      // Logs whatever is our own fault.
      const { message } = this.rules.masked(error);
      this.logger.log({ reason: message }, 'A message on a WebSocket was refused.');
      socket.close(CloseCode.InternalServerError, message.slice(0, 120));
    }
  }

  private ping(): void {
    for (const socket of this.sockets.clients) {
      if (this.silent.has(socket)) socket.terminate();
      else {
        this.silent.add(socket);
        socket.ping();
      }
    }
  }
}
