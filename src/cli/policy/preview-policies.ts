import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { DomainError } from '../../errors';
import { EXIT, type ExitStatus } from '../exit-status';
import { printable, type Terminal } from '../terminal';
import { type DiffOptions, sent } from './diff-policy-files';
import { operations } from './operations';
import { readPolicies } from './policy-files';
import { type Server, serverOf } from './server';

const POLL_MS = 1_000;
/** Without an account more. */
const PATIENCE_MS = 300_000;

interface PreviewOptions extends DiffOptions {
  readonly asAgreed?: boolean;
}

const previewFields = z.object({
  id: z.string(),
  state: z.string(),
  accounts: z.int(),
  accountsDone: z.int(),
  opened: z.int(),
  resolved: z.int(),
  reopened: z.int(),
  exempted: z.int(),
  unchanged: z.int(),
  changes: z.object({
    totalCount: z.int(),
    nodes: z.array(
      z.object({
        change: z.string(),
        why: z.string(),
        policy: z.string().nullable(),
        check: z.object({ id: z.string() }),
        account: z.object({ awsAccountId: z.string(), name: z.string() }).nullable(),
        identity: z.object({ name: z.string(), arn: z.string() }).nullable(),
      }),
    ),
  }),
});

type Preview = z.output<typeof previewFields>;

/** Waits for the service to judge everything by the files; changes nothing. */
export async function previewPolicies(
  paths: readonly string[],
  options: PreviewOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const documents = await readPolicies(paths, terminal);
  const server = await serverOf(options, terminal);
  const asked = await server.api.ask(
    operations.preview,
    { ...sent(documents, options, server), asAgreed: options.asAgreed ?? false },
    z.object({ previewPolicies: previewFields }),
  );
  const preview = await finished(server, asked.previewPolicies, terminal);
  terminal.out(options.format === 'json' ? `${JSON.stringify(preview, null, 2)}\n` : textOf(preview));
  return EXIT.nothingFound;
}

async function finished({ api }: Server, preview: Preview, { signal }: Terminal): Promise<Preview> {
  let heardOf = performance.now();
  for (let seen = preview; ;) {
    if (seen.state === 'FINISHED') return seen;
    if (performance.now() - heardOf > PATIENCE_MS) throw stuck(seen);
    await sleep(POLL_MS, undefined, { signal });
    const { policyPreview } = await api.ask(
      operations.previewed,
      { id: preview.id },
      z.object({ policyPreview: previewFields }),
    );
    if (policyPreview.accountsDone !== seen.accountsDone) heardOf = performance.now();
    seen = policyPreview;
  }
}

const stuck = ({ accountsDone, accounts, id }: Preview): DomainError =>
  new DomainError('TIMEOUT', `The preview stands at ${accountsDone} of ${accounts} accounts.`, {
    remedy: `Look at it later by policyPreview(id: "${id}"), and see that a worker of the service runs.`,
  });

function textOf({ opened, resolved, reopened, exempted, unchanged, changes }: Preview): string {
  const lines = changes.nodes.map(({ change, check, account, identity, policy, why }) => {
    const where = account ? `${account.awsAccountId} ` : '';
    const by = policy === null ? '' : ` [${policy}]`;
    return printable(`${change.toLowerCase()}: ${check.id} ${where}${identity?.arn ?? ''}${by}: ${why}`);
  });
  const more = changes.totalCount - changes.nodes.length;
  return [
    ...lines,
    ...(more > 0 ? [`… and ${more} more`] : []),
    `Findings: ${opened} opened, ${reopened} reopened, ${exempted} exempted, ${resolved} resolved, ${unchanged} as they are.`,
    '',
  ].join('\n');
}
