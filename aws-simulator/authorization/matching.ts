import wildcardMatch from 'wildcard-match';

type Matcher = (text: string) => boolean;

const matchers = new Map<string, Matcher>();
const CACHE_SIZE = 10_000;

/** IAM's wildcards: `*` any run of characters, `/` and `:` included; `?` exactly one. Case matters. */
export function wildcard(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.includes('*') && !pattern.includes('?')) return pattern === text;
  let matcher = matchers.get(pattern);
  if (!matcher) {
    // Everything else that wildcard-match gives a meaning to is a plain character for IAM.
    const escaped = pattern.replace(/[\\[\]{}()!+@|]/g, '\\$&');
    const matches = wildcardMatch(escaped, { separator: false });
    matcher = (candidate) => matches(candidate);
    if (matchers.size >= CACHE_SIZE) matchers.clear();
    matchers.set(pattern, matcher);
  }
  return matcher(text);
}

/** Actions are compared without regard to case. */
export const actionMatches = (pattern: string, action: string): boolean =>
  wildcard(pattern.toLowerCase(), action.toLowerCase());

/** ARN conditions compare the six parts one by one, so that a `*` does not run over a colon. */
export function arnMatches(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const given = arnParts(arn);
  return wanted.length === given.length && wanted.every((part, index) => wildcard(part, given[index] ?? ''));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
