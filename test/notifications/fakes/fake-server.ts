import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** Undefined: there is none, or it is no JSON. */
  readonly json: unknown;
}

export interface FakeAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What was asked and how it ended: a status, or that the connection was cut. */
export interface FakeCall extends FakeRequest {
  readonly ended: number | 'cut';
}

/**
 * What happens to a request instead of, or besides, being answered. `lost`: it is not taken, and the connection is cut.
 * `answer-lost`: it is taken, and the connection is cut then. `late`: it is taken, and answered after so long.
 */
export type Fault =
  | { readonly kind: 'answer'; readonly answer: FakeAnswer }
  | { readonly kind: 'lost' }
  | { readonly kind: 'answer-lost' }
  | { readonly kind: 'late'; readonly ms: number };

/** A system on loopback that answers as its documentation says, keeps a log, and does wrong when it is told to. */
export abstract class FakeServer {
  readonly log: FakeCall[] = [];
  private readonly faults: { readonly fault: Fault; readonly of: (request: FakeRequest) => boolean }[] = [];
  private readonly server: Server = createServer((request, response) => void this.take(request, response));

  /** `now`: the system's clock. */
  constructor(protected readonly now: () => Date = () => new Date()) {}

  /** Throws for what the system would never say: that is a mistake of the fake. */
  protected abstract handle(request: FakeRequest): FakeAnswer;

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What becomes of the next request (of those that are meant). */
  next(fault: Fault, of: (request: FakeRequest) => boolean = () => true): void {
    this.faults.push({ fault, of });
  }

  /** How many requests were taken, by method and path; `*` stands for any part. */
  count(method: string, path: string): number {
    const parts = path.split('/');
    return this.log.filter((call) => {
      const given = call.path.split('/');
      return (
        call.method === method &&
        given.length === parts.length &&
        parts.every((part, index) => part === '*' || part === given[index])
      );
    }).length;
  }

  private async take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const index = this.faults.findIndex(({ of }) => of(request));
    const [{ fault } = { fault: undefined }] = index === -1 ? [] : this.faults.splice(index, 1);
    if (fault?.kind === 'lost') return this.cut(request, response);
    const answer = fault?.kind === 'answer' ? fault.answer : this.answerTo(request);
    if (fault?.kind === 'answer-lost') return this.cut(request, response);
    if (fault?.kind === 'late') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    this.log.push({ ...request, ended: answer.status });
    response.writeHead(answer.status, {
      ...(answer.json === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      ...answer.headers,
    });
    response.end(answer.json === undefined ? answer.text : JSON.stringify(answer.json));
  }

  private answerTo(request: FakeRequest): FakeAnswer {
    try {
      return this.handle(request);
    } catch (error) {
      return { status: 599, text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }

  private cut(request: FakeRequest, response: ServerResponse): void {
    this.log.push({ ...request, ended: 'cut' });
    response.destroy();
  }
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const { headers, method = 'GET' } = incoming;
  const isJson = /^application\/json\b/.test(headers['content-type'] ?? '');
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    text,
    json: isJson ? parsed(text) : undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with a body, by field; empty: nothing. */
export function problemsOf(schema: z.ZodType, body: unknown): Record<string, string> {
  const read = schema.safeParse(body);
  if (read.success) return {};
  return Object.fromEntries(
    read.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => [[...issue.path, key].join('.'), 'is not known here'])
        : [[issue.path.join('.'), issue.message]],
    ),
  );
}
