import { endWithNpm } from './end-with-npm.mjs';

/** An error whose sentence is meant for the person at the terminal and says what to do; shown without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode] the exit status of the command, 1 unless told
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command's body; what it throws becomes a sentence on stderr and an exit status other than 0.
 * @param {() => Promise<number | void>} body answers with the exit status, 0 when it answers nothing
 */
export async function command(body) {
  if (process.env.npm_lifecycle_event) endWithNpm();
  try {
    process.exitCode = (await body()) || 0;
  } catch (error) {
    const known = error instanceof Failure;
    process.stderr.write(`${known ? error.message : (error && error.stack) || error}\n`);
    process.exitCode = known ? error.exitCode : 1;
  }
}
