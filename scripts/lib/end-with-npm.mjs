import { describeProcess, processIdentity, stillRuns } from './processes.mjs';

/**
 * `npm run` passes signals on to its script, but cannot when it is killed with SIGKILL itself; the script would run on
 * with nobody knowing. So it looks whether its npm is still there, and ends as on SIGTERM when it is not.
 */
export function endWithNpm() {
  const npm = findNpm();
  if (npm === null) return;
  const watch = setInterval(
    () => {
      if (stillRuns(npm)) return;
      clearInterval(watch);
      process.kill(process.pid, 'SIGTERM');
    },
    process.platform === 'linux' ? 300 : 3_000,
  );
  watch.unref();
}

/** This process's parent, or, as most shells stay between the two, the shell's. */
function findNpm() {
  const parent = describeProcess(process.ppid);
  if (parent === null) return null;
  if (isNpm(parent.commandLine)) return processIdentity(process.ppid);
  const grandparent = describeProcess(parent.parent);
  return grandparent && isNpm(grandparent.commandLine) ? processIdentity(parent.parent) : null;
}

const isNpm = (/** @type {string} */ commandLine) => /^npm\b|\bnpm(-cli\.js)?(\s|$)/.test(commandLine);
