import { summarize } from './test-summary.mjs';

const had = { redis: false, chromium: false, soak: false };
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

  it.each([
    ['on Redis, it works', 'no redis-server on this machine'],
    ['in Chromium, it works', 'no Chromium on this machine'],
    ['a soak of it', 'runs with npm run test:soak'],
  ])('follows the name and the reason of each skipped test: %s', (fullName, reason) => {
    const file = { name: '/x/a.test.ts', assertionResults: [{ status: 'pending', fullName }] };
    const { text } = summarize(results({ numPassedTests: 1, testResults: [file] }), had);
    const [line, last] = text.split('\n');
    expect(line).toMatch(/^skipped: .*a\.test\.ts: /);
    expect(line?.endsWith(`a.test.ts: ${fullName} (${reason})`)).toBe(true);
    expect(last).toBe('1 passed, 0 failed, 1 skipped');
  });
});
