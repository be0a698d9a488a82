import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

export interface RunningDemo {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves as soon as the text has been printed there; fails when the demo ends without. */
  said(stream: 'stdout' | 'stderr', text: string | RegExp): Promise<void>;
  /** Exit status, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** The command as people run it, with a developer's AWS settings in its environment that must not reach the demo. */
export function runDemo(...args: string[]): RunningDemo {
  const child = spawn(process.execPath, [join('scripts', 'demo.mjs'), ...args], {
    cwd: ROOT,
    env: {
      ...withoutTestSettings(process.env),
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_IAM: 'http://127.0.0.1:9',
      AWS_PROFILE: 'production',
      AWS_ACCESS_KEY_ID: 'AKIADEVELOPERSOWNKEY',
      AWS_SECRET_ACCESS_KEY: 'developers-own-secret',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => (text[name] += piece));
  }
  const said: RunningDemo['said'] = (name, wanted) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (typeof wanted === 'string' ? text[name].includes(wanted) : wanted.test(text[name])) resolve();
      };
      look();
      child[name].on('data', look);
      void ended.then((status) => {
        reject(
          new Error(`The demo ended (${status}) and had not said ${String(wanted)}:\n${text.stdout}\n${text.stderr}`),
        );
      });
    });
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, said, ended };
}

/** A process and all that it has started, directly or not. */
export function processTree(pid: number): number[] {
  const processes = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const parent of tree) {
    tree.push(...processes.filter(([, ppid]) => ppid === parent).map(([child]) => child ?? 0));
  }
  return tree;
}

/** Those of `pids` that still run after at most so long. */
export async function remaining(pids: readonly number[], timeoutMs: number): Promise<string[]> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const listed = spawnSync('ps', ['-o', 'stat=,pid=,command=', '-p', pids.join(',')], { encoding: 'utf8' }).stdout;
    const running = listed.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('Z'));
    if (running.length === 0 || Date.now() > end) return running;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function withoutTestSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^(MOTHBALL_|JEST_|npm_|NODE_ENV$)/.test(name));
  return Object.fromEntries(kept);
}
