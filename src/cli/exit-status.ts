import type { Audit } from './audit-account';

/** What scripts go by; `--help` and docs/audit.md say the same. */
export const EXIT = { nothingFound: 0, findings: 1, error: 2, notAllRead: 3, interrupted: 130 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export const exitStatusHelp = `
Exit status, the first that applies:
  130  interrupted; nothing was changed, since nothing is ever written to AWS
  2    wrong options, no usable credentials, AWS out of reach, or nothing could be read
  3    something was not read or is not known: findings may be missing, whether or not there are any
  1    everything was read, and there are findings
  0    everything was read, and nothing was found`;

/**
 * "Not all read" goes before "findings", so that a script which takes 1 for a complete list is never given half a one;
 * how many findings there are stands in the report.
 */
export function exitStatusOf({ outcome, judgements }: Pick<Audit, 'outcome' | 'judgements'>): ExitStatus {
  if (outcome === 'failed') return EXIT.error;
  const any = (state: string): boolean => judgements.some(({ verdict }) => verdict.state === state);
  if (outcome === 'partial' || any('unknown')) return EXIT.notAllRead;
  return any('non-compliant') ? EXIT.findings : EXIT.nothingFound;
}
