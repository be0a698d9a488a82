import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Client, escapeIdentifier } from 'pg';
import { Config } from '../config';

type Handler = (payload: string) => void;

const RETRY_MS = 1_000;

/**
 * The process's one LISTEN connection. Notifications carry ids only and may be missed while it reconnects, so whoever
 * relies on one also looks by timer; `onReconnect` says that some may have been missed.
 */
@Injectable()
export class Listener implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Listener.name);
  private readonly handlers = new Map<string, Set<Handler>>();
  private client: Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly config: Config) {}

  async onModuleInit(): Promise<void> {
    await this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.client?.end();
  }

  /** Calls `handler` with each payload sent to `channel` until the returned function is called. */
  async listen(channel: string, handler: Handler): Promise<() => void> {
    let handlers = this.handlers.get(channel);
    if (!handlers) {
      handlers = new Set();
      this.handlers.set(channel, handlers);
      await this.client?.query(`LISTEN ${escapeIdentifier(channel)}`);
    }
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  /**
   * Reads something that belongs to no tenant on this very connection: an answer shows that it is alive, and that what
   * was notified before has arrived. Throws while there is none.
   */
  async ask<Row extends object>(statement: string): Promise<Row[]> {
    if (!this.client) throw new Error('The notification connection is lost.');
    return (await this.client.query<Row>(statement)).rows;
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.config.appDatabaseUrl,
      application_name: 'mothball-listener',
      keepAlive: true,
    });
    client.on('notification', ({ channel, payload }) => {
      for (const handler of this.handlers.get(channel) ?? []) handler(payload ?? '');
    });
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client));
    await client.connect();
    if (this.stopped) return client.end();
    this.client = client;
    for (const channel of this.handlers.keys()) await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    // Whatever was sent while nobody listened is lost: let everyone look again.
    for (const handlers of this.handlers.values()) for (const handler of handlers) handler('');
  }

  private lost(client: Client, error?: Error): void {
    if (this.stopped || (this.client !== client && this.client !== undefined)) return;
    this.client = undefined;
    this.logger.warn(`The notification connection was lost${error ? `: ${error.message}` : ''}; connecting again.`);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.connect().catch((failure: unknown) => {
        this.lost(client, failure instanceof Error ? failure : new Error(String(failure)));
      });
    }, RETRY_MS);
  }
}
