import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** What the server says instead of 250; the text begins with an enhanced code (RFC 3463). */
export interface SmtpRefusal {
  readonly code: number;
  readonly text: string;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Unfolded, by lower-case name; a header that is there twice is a failure of RFC 5322's table and was refused. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string;
  readonly raw: string;
  readonly login: string | null;
  readonly secure: boolean;
}

/** What happens next; everything may be changed between two mails. */
export interface SmtpManners {
  refuseSender?: SmtpRefusal;
  refuseRecipient?: Readonly<Record<string, SmtpRefusal>>;
  refuseData?: SmtpRefusal;
  /** The connection is cut when the whole mail is there: before it is kept, or after it was. */
  cut?: 'before-accepting' | 'after-accepting';
  /** It says nothing more once the whole mail is there. */
  silent?: boolean;
}

export interface FakeSmtp {
  readonly port: number;
  readonly received: ReceivedMail[];
  manners: SmtpManners;
  close(): Promise<void>;
}

/** Headers that may be there only once. https://datatracker.ietf.org/doc/html/rfc5322#section-3.6 */
const ONCE = ['date', 'from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'message-id', 'in-reply-to', 'subject'];
const LINE = 998;

/** A mail server on loopback: the protocol is `smtp-server`'s, what a mail must be is RFC 5322's and RFC 5321's limits. */
export async function startFakeSmtp(options: SMTPServerOptions = {}): Promise<FakeSmtp> {
  const received: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const fake = { received, manners: {} as SmtpManners };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.secure || options.key ? [] : ['STARTTLS'],
    size: 100_000,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(refusal({ code: 535, text: '5.7.8 no' })),
    onMailFrom: (_address, _session, done) => done(refusal(fake.manners.refuseSender)),
    onRcptTo: ({ address }, session, done) => {
      // https://datatracker.ietf.org/doc/html/rfc5321#section-4.5.3.1.8
      if (session.envelope.rcptTo.length >= 100) return done(refusal({ code: 452, text: '4.5.3 too many' }));
      done(refusal(fake.manners.refuseRecipient?.[address]));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { cut, silent, refuseData } = fake.manners;
        if (cut === 'before-accepting') return cutAll();
        if (silent) return;
        if (stream.sizeExceeded) return done(refusal({ code: 552, text: '5.3.4 too big' }));
        if (refuseData) return done(refusal(refuseData));
        try {
          received.push(readMail(Buffer.concat(chunks).toString('latin1'), session));
        } catch (error) {
          return done(refusal({ code: 554, text: `5.6.0 ${String(error)}` }));
        }
        if (cut === 'after-accepting') return cutAll();
        done(null, '2.0.0 kept');
      });
    },
    ...options,
  });
  const cutAll = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return Object.assign(fake, {
    port: (listening.address() as AddressInfo).port,
    close: () => {
      cutAll();
      return new Promise<void>((resolve) => server.close(resolve));
    },
  });
}

const refusal = (refused: SmtpRefusal | undefined): (Error & { responseCode: number }) | null =>
  refused === undefined ? null : Object.assign(new Error(refused.text), { responseCode: refused.code });

function readMail(raw: string, session: SMTPServerSession): ReceivedMail {
  if (/[^\r]\n|\r[^\n]/.test(raw)) throw new Error('a line does not end with CR LF');
  if (raw.split('\r\n').some((line) => line.length > LINE)) throw new Error('a line is too long');
  if (/[^\r\n\t\x20-\x7e]/.test(raw)) throw new Error('8 bits without being asked');
  const { headers, body } = readPart(raw);
  for (const name of ['date', 'from', 'to', 'message-id', 'subject']) {
    if (!headers.has(name)) throw new Error(`no ${name}`);
  }
  if (!/^<[\w.+-]+@[\w.-]+>$/.test(headers.get('message-id') ?? '')) throw new Error('the Message-ID is none');
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined) throw new Error('it is not in two forms');
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => readPart(part.replace(/^\r\n/, '').replace(/\r\n$/, '')));
  const of = (type: string): string =>
    contentOf(parts.find(({ headers: own }) => own.get('content-type')?.startsWith(type)));
  return {
    from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
    to: session.envelope.rcptTo.map(({ address }) => address),
    ...{ headers, raw, text: of('text/plain'), html: of('text/html') },
    login: typeof session.user === 'string' ? session.user : null,
    secure: session.secure,
  };
}

interface Part {
  readonly headers: Map<string, string>;
  readonly body: string;
}

function readPart(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n');
  const headers = new Map<string, string>();
  const unfolded = raw.slice(0, end).replace(/\r\n[ \t]/g, ' ');
  for (const line of unfolded.split('\r\n')) {
    const [, name = '', value = ''] = /^([!-9;-~]+): ?(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no header: ${line}`);
    const key = name.toLowerCase();
    if (headers.has(key) && ONCE.includes(key)) throw new Error(`${name} twice`);
    headers.set(key, value);
  }
  return { headers, body: raw.slice(end + 4) };
}

function contentOf(part: Part | undefined): string {
  if (!part) throw new Error('a form is missing');
  const encoding = part.headers.get('content-transfer-encoding') ?? '7bit';
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString('utf8');
  if (encoding === 'quoted-printable') return quotedPrintable(part.body);
  return part.body;
}

/** https://datatracker.ietf.org/doc/html/rfc2045#section-6.7 */
const quotedPrintable = (body: string): string =>
  Buffer.from(
    body
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_found, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
