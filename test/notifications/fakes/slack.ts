import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlackText {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
}

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: SlackText;
    readonly fields?: readonly SlackText[];
    readonly elements?: readonly SlackText[];
  }[];
}

/** What the webhook is like at the moment. */
export interface SlackManners {
  /** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors */
  answer?: { readonly status: number; readonly error: string };
  retryAfterSeconds?: number;
  /** The connection is cut: before the message is kept, or after it was. */
  cut?: 'before-accepting' | 'after-accepting';
  /** What a captive page would do. */
  redirect?: string;
  /** One message a second: https://docs.slack.dev/apis/web-api/rate-limits */
  limited?: boolean;
}

export interface FakeSlack {
  /** The address of the one webhook. */
  readonly webhook: string;
  readonly received: SlackMessage[];
  manners: SlackManners;
  close(): Promise<void>;
}

const PATH = '/services/T0000FAKE/B0000FAKE/abcdefghijklmnopqrstuvwx';

/** Incoming webhooks on loopback, as strict as Block Kit's reference. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const fake = { received: [] as SlackMessage[], manners: {} as SlackManners };
  let lastAt = Number.NEGATIVE_INFINITY;

  const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const { answer: wanted, cut, redirect, limited, retryAfterSeconds = 1 } = fake.manners;
    const say = (status: number, text: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(text);
    };
    if (redirect !== undefined) return say(302, '', { location: redirect });
    if (request.url !== PATH) return say(404, 'no_service');
    if (request.method !== 'POST') return say(400, 'invalid_payload');
    if (wanted) return say(wanted.status, wanted.error);
    if (limited && performance.now() - lastAt < 1_000) {
      return say(429, 'rate_limited', { 'retry-after': String(retryAfterSeconds) });
    }
    const read = readMessage(request.headers['content-type'] ?? '', body);
    if (typeof read === 'string') return say(400, read);
    if (cut === 'before-accepting') return void request.socket.resetAndDestroy();
    if (limited) lastAt = performance.now();
    fake.received.push(read);
    if (cut === 'after-accepting') return void request.socket.resetAndDestroy();
    say(200, 'ok');
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(fake, {
    webhook: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** The message, or Slack's word for what is wrong with it. */
function readMessage(contentType: string, body: string): SlackMessage | string {
  if (!contentType.startsWith('application/json')) return 'invalid_payload';
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    return 'invalid_payload';
  }
  if (!isRecord(read)) return 'invalid_payload';
  const { text, blocks, ...rest } = read;
  if (typeof text !== 'string' || text === '') return 'no_text';
  if (Object.keys(rest).length > 0 || !isEscaped(text) || text.length > 40_000) return 'invalid_payload';
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return 'invalid_blocks';
  return blocks.every(isBlock) ? { text, blocks: blocks as unknown as SlackMessage['blocks'] } : 'invalid_blocks';
}

/** https://docs.slack.dev/reference/block-kit/blocks */
function isBlock(block: unknown): boolean {
  if (!isRecord(block)) return false;
  const { type, text, fields, elements, ...rest } = block;
  if (Object.keys(rest).length > 0) return false;
  const only = [text, fields, elements].filter((part) => part !== undefined).length === 1;
  switch (type) {
    case 'header':
      return only && isText(text, 150, ['plain_text']);
    case 'section':
      if (!only) return false;
      if (fields === undefined) return isText(text, 3_000);
      return (
        Array.isArray(fields) && fields.length >= 1 && fields.length <= 10 && fields.every((one) => isText(one, 2_000))
      );
    case 'context':
      return (
        only &&
        Array.isArray(elements) &&
        elements.length >= 1 &&
        elements.length <= 10 &&
        elements.every((one) => isText(one, 3_000))
      );
    default:
      return false;
  }
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
function isText(value: unknown, most: number, types = ['plain_text', 'mrkdwn']): boolean {
  if (!isRecord(value)) return false;
  const { type, text, emoji, verbatim, ...rest } = value;
  if (Object.keys(rest).length > 0 || typeof type !== 'string' || !types.includes(type)) return false;
  if (type === 'plain_text' ? verbatim !== undefined : emoji !== undefined) return false;
  if (typeof text !== 'string' || text.length < 1 || text.length > most) return false;
  return type === 'mrkdwn' ? isEscaped(text.replace(/<https?:\/\/[^<>|\s]+\|[^<>|]+>/g, '')) : isEscaped(text);
}

/** No control characters but in entities. https://docs.slack.dev/messaging/formatting-message-text#escaping */
const isEscaped = (text: string): boolean => !/[<>]|&(?!(?:amp|lt|gt);)/.test(text);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
