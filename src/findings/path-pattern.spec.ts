import fc from 'fast-check';
import wildcardMatch from 'wildcard-match';
import { matchesPathPattern } from './path-pattern';

test.each([
  ['/breakglass-role', '/breakglass-role', true],
  ['/breakglass-role', '/breakglass-role-2', false],
  ['/security-*', '/security-audit', true],
  ['/security-*', '/team/security-audit', false],
  ['/service-role/*', '/service-role/deep/er/name', true],
  ['*audit', '/team/audit', true],
  ['/a?c', '/abc', true],
  ['/a?c', '/ac', false],
  ['/a.c', '/abc', false],
  ['/Audit', '/audit', false],
  ['**', '/x', true],
])('%s on %s: %s', (pattern, text, matches) => {
  expect(matchesPathPattern(pattern, text)).toBe(matches);
});

test('agrees with wildcard-match without separators', () => {
  const letters = (alphabet: string, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 0, maxLength });
  fc.assert(
    fc.property(letters('ab/*?.', 7), letters('ab/.', 9), (pattern, text) => {
      expect(matchesPathPattern(pattern, text)).toBe(wildcardMatch(pattern, { separator: false })(text));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern that makes regular expressions backtrack for minutes is decided at once', () => {
  const started = performance.now();
  expect(matchesPathPattern(`${'*a'.repeat(60)}*b`, 'a'.repeat(576))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});
