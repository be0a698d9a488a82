import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Control } from './control/control';
import { CONTROL_PATH, controlHttp } from './control/control-http';
import { unlimitedPacing } from './limits/token-buckets';
import type { Pacing } from './limits/token-buckets';
import { handleRequest } from './requests/handle-request';
import { addServiceAccount } from './service-account';
import type { ServiceCredentials } from './service-account';
import { Simulation } from './simulation';
import type { Switches } from './switches';
import type { WorldOptions } from './world/options';
import { World } from './world/world';

export interface SimulatorOptions extends Partial<WorldOptions> {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Switches of the services; those of the data are `switches`. */
  serviceSwitches?: Partial<Switches>;
  /** Default: Organizations' and STS's published limits, IAM at 15/s for each action. */
  pacing?: Partial<Pacing> | 'unlimited';
  /** Each answer takes at least so long. */
  latencyMs?: number;
}

export interface RunningSimulator {
  /** All services answer here; what `AWS_ENDPOINT_URL` takes. */
  readonly url: string;
  readonly world: World;
  /** The same methods that `/_control` offers over HTTP. */
  readonly control: Control;
  /** A user outside the organization who may assume roles, and nothing else. */
  readonly credentials: ServiceCredentials;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1_048_576;

/** Starts an AWS to practise on. Rejects when the port is taken; throws `RangeError` for impossible sizes. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { port = 0, host = '127.0.0.1', serviceSwitches, pacing, latencyMs, seed = 1, ...worldOptions } = options;
  const world = new World({ seed, ...worldOptions });
  const credentials = addServiceAccount(world);
  const simulation = new Simulation(world, {
    ...(serviceSwitches ? { switches: serviceSwitches } : {}),
    ...(pacing ? { pacing: pacing === 'unlimited' ? unlimitedPacing : pacing } : {}),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  });
  const control = new Control(simulation);
  const answerControl = controlHttp(control, world);

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    if (url.pathname === CONTROL_PATH || url.pathname.startsWith(`${CONTROL_PATH}/`)) {
      const answer = answerControl(method, url, body ?? '');
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
      return;
    }
    if (body === undefined) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const signed = { method, path: url.pathname, query: url.searchParams, headers: request.headers, body };
    const { answer, requestId } = await handleRequest(simulation, signed, url);
    if (answer === 'connection-lost') {
      request.socket.resetAndDestroy();
      return;
    }
    response
      .writeHead(answer.status, { 'content-type': answer.contentType, 'x-amzn-requestid': requestId })
      .end(answer.body);
  };

  // Longer than SDK agents keep idle sockets, so that no request meets a socket that is just closing.
  server.keepAliveTimeout = 60_000;
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    world,
    control,
    credentials,
    close: () => close(server),
  };
}

/** `undefined`: longer than AWS takes. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
