import { relative } from 'node:path';
import { root } from './paths.mjs';

/**
 * What Jest's JSON says, in lines: each skipped test with the reason, then `N passed, N failed`. A file that could not
 * even run counts as one failed.
 * @param {any} results
 * @param {{ redis: boolean, chromium: boolean, soak: boolean }} had
 * @returns {{ text: string, ok: boolean }}
 */
export function summarize(results, had) {
  const skipped = results.testResults.flatMap((/** @type {any} */ file) =>
    file.assertionResults
      .filter((/** @type {any} */ test) => ['pending', 'todo', 'skipped', 'disabled'].includes(test.status))
      .map(
        (/** @type {any} */ test) => `skipped: ${relative(root, file.name)}: ${test.fullName} (${reasonOf(test, had)})`,
      ),
  );
  const passed = results.numPassedTests;
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const last = `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
  const nothing = passed + failed === 0 ? ['No test ran.'] : [];
  return { text: [...skipped, ...nothing, last].join('\n'), ok: failed === 0 && passed > 0 };
}

/**
 * @param {any} test
 * @param {{ redis: boolean, chromium: boolean, soak: boolean }} had
 */
function reasonOf(test, had) {
  if (/redis/i.test(test.fullName) && !had.redis) return 'no redis-server on this machine';
  if (/chromium/i.test(test.fullName) && !had.chromium) return 'no Chromium on this machine';
  if (/soak/i.test(test.fullName) && !had.soak) return 'runs with npm run test:soak';
  return test.status === 'todo' ? 'not written yet' : 'left out by its file or by the arguments of this run';
}
