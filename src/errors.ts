/**
 * What went wrong, in a form that both people and programs can use. `code` is stable and kebab-free upper case
 * (it becomes `extensions.code` in GraphQL); `message` is a sentence that names the field and the remedy.
 */
export class DomainError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** What a person should do, where that is a sentence of its own (shown as `remedy` on scans). */
  readonly remedy: string | undefined;
  /** When it may be tried again, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      retryable?: boolean;
      remedy?: string | undefined;
      retryAfterSeconds?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.remedy = options.remedy;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export const notFound = (what: string): DomainError =>
  new DomainError('NOT_FOUND', `${what} does not exist, or is not yours to see. Check the id.`);

export const badInput = (message: string): DomainError => new DomainError('BAD_INPUT', message);

/** For exhaustive switches: a new member of a union stops the compiler here. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
