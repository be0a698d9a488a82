import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DomainError } from '../../errors';
import type { ChainHead } from './chain';

export interface TenantHead extends ChainHead {
  readonly tenant: string;
}

const head = z.object({ tenant: z.uuid(), seq: z.number().int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) });
type Anchor = { form: string; at: string; heads: readonly TenantHead[] };
const anchor = z.object({ form: z.literal('mothball-audit-anchor-1'), at: z.string(), heads: z.array(head) });

/** One line: heads of several chains at one moment. */
export const anchorLine = (at: Date, heads: readonly TenantHead[]): string =>
  `${JSON.stringify({ form: 'mothball-audit-anchor-1', at: at.toISOString(), heads } satisfies Anchor)}\n`;

/** Adds to the file and has it written to the disk before it returns. */
export async function appendAnchor(path: string, line: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(line);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Throws a retryable ANCHOR_FAILED when it was not taken. */
export async function postAnchor(url: string, line: string, signal: AbortSignal): Promise<void> {
  const refused = (why: string, cause?: unknown): DomainError =>
    new DomainError('ANCHOR_FAILED', `The audit log's heads could not be sent to ${new URL(url).host}: ${why}.`, {
      retryable: true,
      cause,
    });
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: line,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error);
  }
  await response.body?.cancel();
  if (!response.ok) throw refused(`it answered ${response.status}`);
}

/** All heads in an anchor file, by tenant. Throws BAD_INPUT naming the line; a last line that was cut off is left out. */
export async function readAnchors(path: string): Promise<Map<string, ChainHead[]>> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const whole = lines.slice(0, -1);
  const heads = new Map<string, ChainHead[]>();
  for (const [index, line] of whole.entries()) {
    if (line.trim() === '') continue;
    for (const { tenant, seq, hash } of parse(line, `${path}, line ${index + 1}`)) {
      heads.set(tenant, [...(heads.get(tenant) ?? []), { seq, hash }]);
    }
  }
  return heads;
}

function parse(line: string, place: string): readonly TenantHead[] {
  try {
    return anchor.parse(JSON.parse(line)).heads;
  } catch (error) {
    throw new DomainError('BAD_INPUT', `${place}: this is no anchor of an audit log.`, { cause: error });
  }
}
