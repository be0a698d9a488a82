import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the receiver does with one request; `after`: it takes its time first, in milliseconds. */
export type Mood = { readonly after?: number } & (
  | { readonly does: 'accept'; readonly status?: 200 | 201 | 202 | 204 }
  /** Says that it was accepted, and keeps nothing. */
  | { readonly does: 'forget' }
  | { readonly does: 'refuse'; readonly status: number; readonly retryAfter?: string }
  /** Elsewhere, where nobody may ever ask. */
  | { readonly does: 'redirect'; readonly status: 301 | 302 | 303 | 307 | 308 }
  /** Resets the connection, and has nothing of it. */
  | { readonly does: 'drop' }
  /** Takes it, then resets the connection. */
  | { readonly does: 'take-and-reset' }
  /** Takes it, begins with a 200, and resets in the middle of its answer. */
  | { readonly does: 'cut' }
  /** Takes it, and answers what is not HTTP. */
  | { readonly does: 'babble' }
  /** Accepts it with more words than anybody reads. */
  | { readonly does: 'flood'; readonly bytes: number }
  /** Takes it, and answers with one byte now and then, for ever. */
  | { readonly does: 'drip' }
  /** Takes it, and never answers. */
  | { readonly does: 'hang' }
);

export interface Received {
  /** Of this receiver, from 0. */
  readonly number: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As the receiver's `webhook-id`; empty: there was none. */
  readonly id: string;
  readonly body: string;
  readonly at: Date;
  readonly mood: Mood;
  /** Whether the receiver has it now, whatever the sender was told. */
  readonly isTaken: boolean;
  /** The status that went out; null: none did. */
  answered: number | null;
  /** Moments in the order in which they came, of this receiver: when it arrived, and when the receiver was done with it. */
  readonly began: number;
  ended: number | null;
}

/** What is known of a request before the receiver makes up its mind. */
export type Arriving = Pick<Received, 'number' | 'path' | 'headers' | 'id' | 'body' | 'at'>;

export interface Receiver {
  /** Without a slash at its end; each path below it is an endpoint of its own. */
  readonly url: string;
  readonly log: readonly Received[];
  of(path: string): readonly Received[];
  /** From now on. `count` is the number of requests that this path had before. */
  behave(path: string, mood: (request: Arriving, count: number) => Mood): void;
  /** Runs between taking a request and answering it; it may never end. */
  interpose: (received: Received) => Promise<void> | void;
  /** At this moment. */
  readonly underWay: ReadonlyMap<string, number>;
  /** The most that were under way at once. */
  mostAtOnce(path: string): number;
  close(): Promise<void>;
}

const ELSEWHERE = '/elsewhere';

/** Whatever the sender is told. */
const TAKES = new Set<Mood['does']>(['accept', 'take-and-reset', 'cut', 'babble', 'flood', 'drip', 'hang']);

/** Whether somebody followed a redirect. */
export const wentElsewhere = (receiver: Receiver): boolean => receiver.of(ELSEWHERE).length > 0;

/** Somebody's web server, on loopback, with the manners that it is told to have; good ones unless told otherwise. */
export async function startReceiver(now: () => Date = () => new Date()): Promise<Receiver> {
  const receiver = new HostileReceiver(now);
  await receiver.listen();
  return receiver;
}

class HostileReceiver implements Receiver {
  url = '';
  readonly log: Received[] = [];
  readonly underWay = new Map<string, number>();
  interpose: Receiver['interpose'] = () => {};
  private readonly moods = new Map<string, Parameters<Receiver['behave']>[1]>();
  private readonly most = new Map<string, number>();
  private readonly byPath = new Map<string, Received[]>();
  private moments = 0;
  private readonly server = createServer((request, response) => {
    this.serve(request, response).catch(() => response.destroy());
  });

  constructor(private readonly now: () => Date) {}

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  of(path: string): readonly Received[] {
    return this.byPath.get(path) ?? [];
  }

  behave(...[path, mood]: Parameters<Receiver['behave']>): void {
    this.moods.set(path, mood);
  }

  mostAtOnce(path: string): number {
    return this.most.get(path) ?? 0;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const began = (this.moments += 1);
    this.count(path, 1);
    const own = this.byPath.get(path) ?? [];
    this.byPath.set(path, own);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const body = await textOf(request);
    const arriving = { number: this.log.length, path, headers, id: headers['webhook-id'] ?? '', body, at: this.now() };
    const mood = this.moods.get(path)?.(arriving, own.length) ?? { does: 'accept' };
    const received: Received = { ...arriving, mood, isTaken: TAKES.has(mood.does), answered: null, began, ended: null };
    this.log.push(received);
    own.push(received);
    // Also when the sender gives up, or is killed.
    response.once('close', () => this.end(received));
    await this.interpose(received);
    if (mood.after) await sleep(mood.after);
    // What the sender does once it knows comes after this.
    if (mood.does !== 'hang' && mood.does !== 'drip') this.end(received);
    await answer(request.socket, response, received);
  }

  private end(received: Received): void {
    if (received.ended !== null) return;
    received.ended = this.moments += 1;
    this.count(received.path, -1);
  }

  private count(path: string, change: 1 | -1): void {
    const now = (this.underWay.get(path) ?? 0) + change;
    this.underWay.set(path, now);
    this.most.set(path, Math.max(now, this.most.get(path) ?? 0));
  }
}

async function answer(socket: Socket, response: ServerResponse, received: Received): Promise<void> {
  const { mood } = received;
  const head = (status: number, headers: Record<string, string> = {}): ServerResponse => {
    received.answered = status;
    return response.writeHead(status, headers);
  };
  switch (mood.does) {
    case 'accept':
      return void head(mood.status ?? 200).end();
    case 'forget':
      return void head(200).end();
    case 'refuse': {
      const { status, retryAfter } = mood;
      return void head(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(`No: ${status}`);
    }
    case 'redirect':
      return void head(mood.status, { location: ELSEWHERE }).end();
    case 'flood':
      return void head(200).end('x'.repeat(mood.bytes));
    case 'drop':
    case 'take-and-reset':
      return void socket.resetAndDestroy();
    case 'cut':
      head(200, { 'content-length': '1000' }).write('half of an');
      await sleep(5);
      return void socket.resetAndDestroy();
    case 'babble':
      return void socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    case 'drip':
      head(200);
      while (!response.destroyed) {
        response.write('.');
        await sleep(500);
      }
      return;
    case 'hang':
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
