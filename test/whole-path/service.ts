import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunningSimulator } from '../../aws-simulator/server';
import { startTestApp } from '../harness/app';
import { SIGN_IN } from '../harness/database';
import { unpaced } from '../harness/pipeline';
import { Visitor } from './visitor';

export interface Service {
  readonly url: string;
  /** Every request to the API so far. */
  readonly sent: readonly string[];
  /** A browser whose person has signed in at the local issuer, by choosing who to be. */
  signIn(name: string): Promise<Visitor>;
  withToken(token: string): Visitor;
  stop(): Promise<void>;
}

interface Issuer {
  /** What the service is told about it. */
  readonly settings: unknown;
  stop(): Promise<void>;
}

/** The service as one process, with the local issuer that the demo has, and the simulator for AWS. */
export async function startService(simulator: RunningSimulator): Promise<Service> {
  const issuer = await startIssuer();
  const environment = { ...process.env };
  process.env['AWS_ACCESS_KEY_ID'] = simulator.credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = simulator.credentials.secretAccessKey;
  const app = await startTestApp({
    config: { role: 'all', signIn: { ...SIGN_IN, oidc: JSON.stringify(issuer.settings) } },
    aws: { endpoint: simulator.url, pacing: unpaced, firstLookMs: 20 },
  });
  const sent: string[] = [];
  return {
    url: app.url,
    sent,
    signIn: async (name) => {
      const visitor = new Visitor(app.url, sent);
      const { url, html } = await visitor.visit(`${app.url}/auth/sign-in`);
      const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
      if (action === undefined) throw new Error(`There is no form at ${url}: ${html}`);
      const back = await visitor.visit(new URL(action, url).href, { person: name });
      if (new URL(back.url).origin !== app.url) throw new Error(`Signing in ended at ${back.url}: ${back.html}`);
      return visitor;
    },
    withToken: (token) => new Visitor(app.url, sent, token),
    stop: async () => {
      await app.stop();
      await issuer.stop();
      process.env = environment;
    },
  };
}

async function startIssuer(): Promise<Issuer> {
  const script = join(__dirname, '..', '..', 'scripts', 'issuer.mjs');
  const child = spawn(process.execPath, [script, '--port', '0', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => (complaints += String(text)));
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = (async () => {
    for await (const line of lines) if (line.startsWith('{')) return line;
    throw new Error(`The issuer ended: ${complaints}`);
  })();
  const { settings } = JSON.parse(await first) as { settings: unknown };
  return {
    settings,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
