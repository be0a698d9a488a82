import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { Target } from './judging/target';
import { OutboundFailure, refused } from './outbound-failure';
import type { OutboundAnswer, OutboundRequest } from './outbound-request';

export const MOST_ANSWER_BYTES = 1_048_576;
const MOST_HEADER_BYTES = 16_384;
const USER_AGENT = 'Mothball';

/** What the connection is about; a caller's would be a second meaning of the same request (RFC 9112, section 11.2). */
const NOT_THE_CALLERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @throws OutboundFailure `refused` for what would be a header of its own, or none */
export function headersOf(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(lower) || NOT_THE_CALLERS.has(lower)) {
      throw refused(`The header "${printable(name)}" cannot be sent: choose another name.`);
    }
    if (!/^[\x20-\x7e]*$/.test(value)) {
      throw refused(`The header "${lower}" must have plain letters, digits and signs only, without line ends.`);
    }
    headers[lower] = value;
  }
  if (Object.entries(headers).join('').length > MOST_HEADER_BYTES)
    throw refused('The headers are too long to be sent.');
  return headers;
}

/** One request over one connection, which ends with it: nothing is left for another tenant's request to meet. */
export async function exchange(
  socket: Socket,
  target: Target,
  request: OutboundRequest,
  signal: AbortSignal,
): Promise<Omit<OutboundAnswer, 'latencyMs'>> {
  let given = false;
  const client = new Client(target.origin, {
    // Never a second one: what was judged is this connection.
    connect: (_options, callback) => {
      const over = given ? new Error('The connection is over.') : null;
      given = true;
      // Not at once: undici is in the middle of asking.
      queueMicrotask(() => (over === null ? callback(null, socket) : callback(over, null)));
    },
    pipelining: 0,
    maxHeaderSize: MOST_HEADER_BYTES,
    // The signal is the deadline of everything.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      method: request.method,
      path: target.path,
      headers: headersOf(request.headers),
      body: request.body ?? null,
      signal,
    });
    return { status: statusCode, headers: joined(headers), ...(await read(body, request)) };
  } finally {
    await client.destroy().catch(() => undefined);
    socket.destroy();
  }
}

async function read(
  body: Dispatcher.ResponseData['body'],
  { maxAnswerBytes = MOST_ANSWER_BYTES, longAnswer = 'refuse' }: OutboundRequest,
): Promise<{ body: Buffer; cut: boolean }> {
  const most = Math.min(maxAnswerBytes, MOST_ANSWER_BYTES);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size <= most) continue;
      if (longAnswer === 'refuse') {
        throw new OutboundFailure('too-large', `The answer was larger than ${most} bytes, and was not read.`, true);
      }
      return { body: Buffer.concat(parts).subarray(0, most), cut: true };
    }
  } catch (error) {
    if (longAnswer === 'refuse') throw error;
    return { body: Buffer.concat(parts), cut: true };
  }
  return { body: Buffer.concat(parts), cut: false };
}

function joined(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
