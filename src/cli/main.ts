import { setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { runMothball } from './program';

/** A second Ctrl-C after this long is meant; before, it is the copy that a terminal or npm passes on. */
const INSIST_AFTER_MS = 500;

async function main(): Promise<void> {
  // The SDK's versions are pinned by the lock file; its note about later ones is nothing for this command's users.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const stop = new AbortController();
  // Each request in flight listens.
  setMaxListeners(0, stop.signal);
  let stoppedAt: number | undefined;
  const onSignal = (): void => {
    if (stoppedAt !== undefined && performance.now() - stoppedAt > INSIST_AFTER_MS) process.exit(130);
    stoppedAt ??= performance.now();
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // `head` has seen enough; the exit status is to be the audit's all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await runMothball(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    outIsTty: process.stdout.isTTY,
    errIsTty: process.stderr.isTTY,
    columns: process.stdout.columns,
    env: process.env,
    signal: stop.signal,
    stdin: process.stdin,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { confirm: (question) => confirm(question, stop.signal) } : {}),
  });
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C comes here, not as a signal, while a line is read.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
}

void main();
