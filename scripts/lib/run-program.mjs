import { join } from 'node:path';
import { build } from './build.mjs';
import { ensurePackages } from './ensure.mjs';
import { command } from './failure.mjs';
import { dist } from './paths.mjs';
import { startChild, superviseAll } from './supervisor.mjs';

/**
 * Makes sure that everything is installed and compiled, then runs a program of `dist/` in this terminal, with the
 * arguments and the exit status of this command.
 * @param {string[]} path
 */
export function runProgram(...path) {
  return command(async () => {
    await ensurePackages();
    await build();
    const child = startChild(join(dist, ...path), { args: process.argv.slice(2), leashed: true, cwd: process.cwd() });
    const status = await superviseAll([child]);
    // Stopped by a signal, it says itself what that means: for an audit, 0 would be "nothing found".
    return child.exitCode ?? status;
  });
}
