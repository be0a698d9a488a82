import { createServer } from 'node:http';
import { obeyClock } from '../../issuer/clock.mjs';
import { Mailbox } from './mailbox.mjs';
import { Tracker } from './tracker.mjs';

/**
 * Somebody else's computer: it takes signed messages, and keeps tickets. A program of its own, whose clock goes ahead with
 * the demo's, since whoever verifies a message looks at its time, too.
 */
obeyClock();

const mailbox = new Mailbox();
const tracker = new Tracker();

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://listener');
  const asked = {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
  const { status, json } = pathname.startsWith('/tracker/') ? tracker.answer(asked) : mailbox.answer(asked);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
});

process.on('message', (/** @type {any} */ message) => {
  if (message?.type === 'expect') mailbox.expect(message.path, message.secret);
  else if (message?.type !== 'count') return;
  process.send?.({ ...message, ...mailbox.counts(), tracker: tracker.counts() });
});

server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${address.port}`, tracker: tracker.token })}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.once(signal, () => process.exit(0));
