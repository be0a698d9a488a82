import { existsSync } from 'node:fs';
import { say } from './progress.mjs';

const graceMs = 15_000;

/**
 * Jest stays for ever when a test left a timer or a connection behind. Once its results are written it is given a
 * little time, then ended, and the leak is named as what it is.
 * @param {import('node:child_process').ChildProcess} jest
 * @param {string} results the file that it writes last
 * @returns {() => boolean} whether it had to be ended
 */
export function endWhenDone(jest, results) {
  let ended = false;
  const watch = setInterval(() => {
    if (!existsSync(results)) return;
    clearInterval(watch);
    const timer = setTimeout(() => {
      ended = true;
      say(
        'The tests are through, but something they started still runs: find it with `npm test -- --detectOpenHandles`.',
      );
      jest.kill('SIGKILL');
    }, graceMs);
    jest.once('exit', () => clearTimeout(timer));
  }, 500);
  jest.once('exit', () => clearInterval(watch));
  return () => ended;
}
