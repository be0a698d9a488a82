import { Logger } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { DomainError } from '../../errors';
import { newId } from '../../ids';
import { currentOrigin } from './request-origin';

const logger = new Logger('GraphQL');

/** Postgres refuses a value that only crafted input can bring: a malformed number, date or text. */
const BAD_VALUE_CODES = new Set(['22P02', '22P05', '22003', '22007', '22008', '22021']);
const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  '53300',
  '57P01',
  '57P02',
  '57P03',
]);
const STATEMENT_TIMEOUT = '57014';

/** What callers may see of an error: a code and a sentence; never a stack, a query or a driver's words. */
export function maskError(error: unknown): GraphQLError {
  const shell = error instanceof Error ? (error as Partial<GraphQLError> & Error) : undefined;
  const cause = innermost(error);
  if (cause instanceof DomainError) return refusal(cause, shell);
  if (isOfTheQuery(error, cause)) {
    const extensions = { ...shell?.extensions, code: codeOf(shell) ?? 'BAD_QUERY' };
    // The JSON parser's error, which quotes the whole request. That there is one makes Yoga's status a 400.
    if ('originalError' in extensions) Object.assign(extensions, { originalError: { name: 'SyntaxError' } });
    return masked(shell?.message ?? 'The query is not valid.', extensions, shell);
  }
  if (cause instanceof RangeError && /call stack/.test(cause.message)) {
    logger.warn({ path: shell?.path?.join('.'), err: cause }, 'A request was nested too deeply.');
    return masked('The request is nested too deeply. Use fewer levels.', { code: 'BAD_INPUT' }, shell);
  }
  const code = codeIn(cause);
  if (code !== undefined && BAD_VALUE_CODES.has(code)) {
    return masked(
      'A value in the request is malformed. Check ids, cursors, dates and texts.',
      { code: 'BAD_INPUT' },
      shell,
    );
  }
  const requestId = currentOrigin()?.requestId ?? newId();
  logger.error({ requestId, path: shell?.path?.join('.'), err: cause }, 'A request failed.');
  if (code === STATEMENT_TIMEOUT) {
    return masked('The answer took too long. Narrow the filter.', { code: 'TIMEOUT', requestId }, shell);
  }
  if (code !== undefined && UNAVAILABLE_CODES.has(code)) {
    return masked(
      'The database cannot be reached at the moment. Try again soon.',
      { code: 'UNAVAILABLE', requestId },
      shell,
    );
  }
  const message = `Something went wrong on our side. Tell the operator the request id ${requestId}; it is in the log.`;
  return masked(message, { code: 'INTERNAL', requestId }, shell);
}

function refusal(cause: DomainError, shell: Partial<GraphQLError> | undefined): GraphQLError {
  const { code, message, remedy, retryable, retryAfterSeconds } = cause;
  const http = httpOf(cause);
  const extensions = {
    code,
    ...(remedy ? { remedy } : {}),
    ...(retryable ? { retryable } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(http ? { http } : {}),
  };
  return masked(message, extensions, shell);
}

/** What HTTP itself has words for. */
function httpOf({ code, retryAfterSeconds }: DomainError): { status: number; headers: Record<string, string> } | null {
  if (code === 'UNAUTHENTICATED') return { status: 401, headers: { 'www-authenticate': 'Bearer' } };
  if (code === 'RATE_LIMITED') return { status: 429, headers: { 'retry-after': `${retryAfterSeconds ?? 60}` } };
  return null;
}

function masked(
  message: string,
  extensions: Record<string, unknown>,
  shell: Partial<GraphQLError> | undefined,
): GraphQLError {
  const requestId = currentOrigin()?.requestId;
  const named = { ...extensions, ...(requestId === undefined ? {} : { requestId }) };
  const error = new GraphQLError(message, { extensions: named, path: shell?.path ?? null });
  return Object.assign(error, { locations: shell?.locations });
}

function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && 'originalError' in inner && inner.originalError instanceof Error)
    inner = inner.originalError;
  return inner;
}

/**
 * Made by GraphQL itself: a syntax, validation or coercion error, whose words are for callers. What has a path went
 * wrong while resolvers ran ("Cannot return null for …").
 */
const isOfTheQuery = (error: unknown, cause: unknown): boolean =>
  cause instanceof GraphQLError && !(error instanceof GraphQLError && error.path);

const codeOf = (error: Partial<GraphQLError> | undefined): unknown => error?.extensions?.['code'];

function codeIn(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeIn(error.errors[0]);
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
