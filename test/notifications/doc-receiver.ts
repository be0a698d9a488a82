import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the receiver of the documentation prints for each message that it believes. */
export interface Printed {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

export interface DocReceiver {
  readonly printed: readonly Printed[];
  stop(): Promise<void>;
}

/** Of this machine, that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs the code that a page shows, in a process of its own and as it stands there. */
export async function startDocReceiver(code: string, port: number, secret: string): Promise<DocReceiver> {
  const child = spawn(process.execPath, ['-e', code], {
    cwd: join(__dirname, '..', '..'),
    env: { PATH: process.env['PATH'], PORT: String(port), WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: Printed[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => printed.push(JSON.parse(line) as Printed));
  for (const end = Date.now() + 20_000; !(await listens(port)); await sleep(25)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error('The receiver of the page does not start.');
  }
  return {
    printed,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
