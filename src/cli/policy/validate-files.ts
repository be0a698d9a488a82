import { EXIT, type ExitStatus } from '../exit-status';
import type { Terminal } from '../terminal';
import { lineOf, readPolicyFiles } from './policy-files';

/** What is wrong goes to stderr, as compilers do it; `json` puts all of it on stdout. */
export async function validateFiles(paths: readonly string[], json: boolean, terminal: Terminal): Promise<ExitStatus> {
  const { policies, baseline, problems } = await readPolicyFiles(paths, terminal);
  const valid = problems.length === 0;
  if (json) {
    const report = { valid, policies: policies.map(({ name }) => name), baseline: baseline !== null, problems };
    terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    for (const problem of problems) terminal.err(`${lineOf(problem)}\n`);
    const found = [
      ...(policies.length === 0 ? [] : [`${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}`]),
      ...(baseline ? ['the baseline'] : []),
    ];
    if (valid) terminal.out(`Valid: ${found.join(' and ')}.\n`);
  }
  return valid ? EXIT.nothingFound : EXIT.error;
}
