import { DomainError } from '../../errors';
import { isSafe } from './oidc-settings';

const PATIENCE_MS = 5_000;
const LARGEST_ANSWER = 512 * 1024;

/**
 * Asks an issuer. Follows no redirection, waits five seconds, reads half a megabyte at most.
 * @throws DomainError UNAVAILABLE, which may be tried again
 */
export async function boundedFetch(address: string, init: RequestInit = {}): Promise<Response> {
  if (!isSafe(address)) throw unavailable(address, 'it names an address that is not https://');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const answer = await fetch(address, { ...init, redirect: 'manual', signal });
    const body = await readBounded(answer);
    const empty = [204, 205, 304].includes(answer.status);
    return new Response(empty ? null : body, { status: answer.status, headers: answer.headers });
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw unavailable(address, signal.aborted ? 'it did not answer in time' : 'it cannot be reached', error);
  }
}

/** The JSON object at an address. Throws UNAVAILABLE for anything else. */
export async function fetchJson(address: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await boundedFetch(address, { headers: { accept: 'application/json' } });
  if (answer.status !== 200) throw unavailable(address, `it answered with status ${answer.status}`);
  try {
    const value: unknown = JSON.parse(await answer.text());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw unavailable(address, 'its answer is not JSON', error);
  }
  throw unavailable(address, 'its answer is not a JSON object');
}

async function readBounded(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;

  for await (const part of (answer.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > LARGEST_ANSWER) throw unavailable(answer.url, 'its answer is too large');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

export function unavailable(address: string, reason: string, cause?: unknown): DomainError {
  const host = URL.canParse(address) ? new URL(address).host : 'the sign-in service';
  return new DomainError(
    'UNAVAILABLE',
    `Sign-in cannot be checked at the moment: of ${host}, ${reason}. Try again soon; API tokens work meanwhile.`,
    { retryable: true, cause },
  );
}
