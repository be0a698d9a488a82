import { summarize } from './test-summary.mjs';

const had = { redis: false, soak: false };
const results = (over: object) => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
  ...over,
});

describe('the last line of a test run', () => {
  it('counts what passed and what failed', () => {
    expect(summarize(results({ numPassedTests: 7 }), had)).toEqual({ text: '7 passed, 0 failed', ok: true });
    expect(summarize(results({ numPassedTests: 7, numFailedTests: 2 }), had).text).toBe('7 passed, 2 failed');
  });

  it('counts a file that could not run as a failure', () => {
    const summary = summarize(results({ numPassedTests: 7, numRuntimeErrorTestSuites: 1 }), had);
    expect(summary).toEqual({ text: '7 passed, 1 failed', ok: false });
  });

  it('is no success when nothing ran', () => {
    expect(summarize(results({}), had)).toEqual({ text: 'No test ran.\n0 passed, 0 failed', ok: false });
  });

  it('follows the name and the reason of each skipped test', () => {
    const file = { name: '/x/a.test.ts', assertionResults: [{ status: 'pending', fullName: 'on Redis, it works' }] };
    const { text } = summarize(results({ numPassedTests: 1, testResults: [file] }), had);
    expect(text).toMatch(
      /^skipped: .*a\.test\.ts: on Redis, it works \(no redis-server on this machine\)\n1 passed, 0 failed, 1 skipped$/,
    );
  });
});
