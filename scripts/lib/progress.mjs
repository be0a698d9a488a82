/** Progress goes to stderr, so that what a command prints on stdout can be piped. */
export const say = (/** @type {string} */ text) => void process.stderr.write(`${text}\n`);

/**
 * Says what is being done, and how long it took when that was noticeable.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  say(`${what} …`);
  const startedAt = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  if (seconds >= 1) say(`  done in ${seconds.toFixed(1)} s`);
  return result;
}
