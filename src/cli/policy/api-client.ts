import { createHash } from 'node:crypto';
import { z } from 'zod';
import { badInput, DomainError } from '../../errors';
import { printable } from '../terminal';
import type { ApiAddress } from './api-address';

const TIMEOUT_MS = 60_000;

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }))
    .optional(),
});

/** Asks one service over GraphQL. Every failure is a `DomainError` that says what to do. */
export class ApiClient {
  constructor(
    private readonly address: ApiAddress,
    private readonly signal: AbortSignal,
  ) {}

  get url(): URL {
    return this.address.url;
  }

  /** A query; ends when the command is interrupted. `result`: what the answer's `data` must be. */
  async ask<T>(query: string, variables: object, result: z.ZodType<T>): Promise<T> {
    return this.run(query, variables, { result, signal: this.signal });
  }

  /** A mutation: once sent, its answer is waited for, so that nobody is told "interrupted" of what was done. */
  async act<T>(query: string, variables: object, result: z.ZodType<T>): Promise<T> {
    this.signal.throwIfAborted();
    return this.run(query, variables, { result, signal: new AbortController().signal });
  }

  private async run<T>(
    query: string,
    variables: object,
    { result, signal }: { result: z.ZodType<T>; signal: AbortSignal },
  ): Promise<T> {
    let { data, errors = [] } = await this.send({ query, variables }, signal);
    if (errors[0]?.extensions?.code === 'UNTRUSTED_DOCUMENT') {
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      ({ data, errors = [] } = await this.send({ variables, extensions }, signal));
    }
    const [first] = errors;
    if (first) throw this.refused(first.extensions?.code, errors.map(({ message }) => printable(message)).join(' '));
    const read = result.safeParse(data);
    if (read.success) return read.data;
    throw new DomainError(
      'UNEXPECTED',
      `The service at ${this.address.url.origin} answered in another form than this command knows. Use the mothball command of the same release.`,
    );
  }

  private async send(message: object, signal: AbortSignal): Promise<z.output<typeof answerSchema>> {
    const { status, body } = await this.post(JSON.stringify(message), signal);
    const answer = answerSchema.safeParse(parsed(body));
    if (answer.success) return answer.data;
    throw this.noApi(status);
  }

  private async post(body: string, interrupted: AbortSignal): Promise<{ status: number; body: string }> {
    const { url, token } = this.address;
    try {
      const response = await fetch(url, {
        method: 'POST',
        // A redirect would carry the token elsewhere.
        redirect: 'error',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
        },
        body,
        signal: AbortSignal.any([interrupted, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return { status: response.status, body: await response.text() };
    } catch (error) {
      if (interrupted.aborted) throw error;
      throw new DomainError('UNREACHABLE', `The service at ${url.origin} cannot be reached (${reason(error)}).`, {
        remedy: 'Check --api or MOTHBALL_API_URL, and that the service runs.',
      });
    }
  }

  private noApi(status: number): DomainError {
    if (status === 401 || status === 403) return this.refused('UNAUTHENTICATED', '');
    if (status === 429) return this.refused('RATE_LIMITED', 'The service is asked too often.');
    return badInput(
      `--api: ${this.address.url.href} answered with status ${status} and no GraphQL. Give the address of Mothball’s API.`,
    );
  }

  private refused(code: string | undefined, message: string): DomainError {
    if (code === 'UNAUTHENTICATED') {
      return new DomainError(code, `The service at ${this.address.url.origin} refused the token. ${message}`.trim(), {
        remedy: 'Check MOTHBALL_API_TOKEN: it may have been revoked, have expired, or belong to another service.',
      });
    }
    return new DomainError(code ?? 'REFUSED', message);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `ECONNREFUSED`, `ENOTFOUND`: fetch hides it in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} seconds`;
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reason(cause.errors[0]);
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return printable(cause instanceof Error ? cause.message : error.message);
}
