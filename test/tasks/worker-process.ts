import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigValues } from '../../src/config';
import { startEngine } from './engine';

/** A worker as a process of its own, so that a test can kill it. Ends with its parent. */
process.once('message', (settings: ConfigValues) => {
  startEngine(settings).then(
    (engine) => {
      engine.probe.behave = async ({ payload, attempt }) => {
        process.send?.({ began: payload.label, attempt });
        if (payload.label === 'poison') process.kill(process.pid, 'SIGKILL');
        if (payload.label === 'long') await sleep(60_000);
      };
      process.send?.({ ready: true });
    },
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(1));
