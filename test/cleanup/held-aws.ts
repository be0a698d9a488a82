import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountIdOfKey } from '../../aws-simulator/world/ids';

/** Before AWS has heard of it, or when it has been done and the answer is on its way. */
export type Moment = 'before' | 'after';

export interface HeldAws {
  readonly url: string;
  /** Requests so far for an account, as `GetUser`; assuming a role in it is one of them. */
  requests(awsAccountId: string): readonly string[];
  /** How many requests have arrived in all. */
  readonly arrived: number;
  /** Lets the request with this number (from 0) get no farther; everything before it passes. */
  hold(awsAccountId: string, number: number, moment: Moment): void;
  /** Whether a request of the account is being held. */
  isHeld(awsAccountId: string): boolean;
  close(): Promise<void>;
}

/** A road to the simulator on which single requests can be stopped for good: a moment to kill or stop a worker at. */
export async function startHeldAws(simulatorUrl: string): Promise<HeldAws> {
  const target = new URL(simulatorUrl);
  const seen = new Map<string, string[]>();
  const holds = new Map<string, { number: number; moment: Moment }>();
  const held = new Set<string>();
  let arrived = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    arrived += 1;
    const account = accountOf(request, body) ?? 'none';
    const requests = seen.get(account) ?? [];
    seen.set(account, requests);
    const number = requests.push(new URLSearchParams(body.toString()).get('Action') ?? '?') - 1;
    const hold = holds.get(account);
    const stops = (moment: Moment): boolean => hold?.number === number && hold.moment === moment;
    if (stops('before')) return void held.add(account);
    const passed = forward(
      { host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          if (stops('after')) return void held.add(account);
          response.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(parts));
        });
        answer.on('error', () => response.destroy());
      },
    );
    passed.on('error', () => response.destroy());
    passed.end(body);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: (awsAccountId) => seen.get(awsAccountId) ?? [],
    get arrived() {
      return arrived;
    },
    hold: (awsAccountId, number, moment) => void holds.set(awsAccountId, { number, moment }),
    isHeld: (awsAccountId) => held.has(awsAccountId),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Ids of access keys hold their account's number, those of sessions too. */
function accountOf({ headers }: IncomingMessage, body: Buffer): string | undefined {
  const role = new URLSearchParams(body.toString()).get('RoleArn');
  if (role !== null) return role.split(':')[4];
  const key = /Credential=([A-Z0-9]+)\//.exec(headers.authorization ?? '')?.[1];
  return key === undefined ? undefined : accountIdOfKey(key);
}
