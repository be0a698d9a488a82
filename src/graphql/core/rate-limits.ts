import { type ExecutionArgs, getOperationAST, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { SignInValues } from '../../config';
import { DomainError } from '../../errors';
import { maskError } from './mask-error';
import type { RequestContext } from './request-context';

/**
 * Bounds how much one principal asks in a minute, and changes in a minute. Counted in this process: with several of them
 * behind one address a principal has as many times as much.
 */
export function rateLimits({ requestsPerMinute, mutationsPerMinute }: SignInValues): Plugin {
  const requests = new RateLimiterMemory({ keyPrefix: 'requests', points: requestsPerMinute, duration: 60 });
  const mutations = new RateLimiterMemory({ keyPrefix: 'mutations', points: mutationsPerMinute, duration: 60 });
  const refusalOf = async ({ document, operationName, contextValue }: ExecutionArgs) => {
    const { mothball } = contextValue as { readonly mothball: RequestContext };
    const who = mothball.countedAs;
    // Whoever is nobody reads nothing, and nothing tells one from another.
    if (who === null) return undefined;
    const isMutation = getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION;
    let what = `${requestsPerMinute} requests`;
    try {
      await requests.consume(who);
      what = `${mutationsPerMinute} mutations`;
      if (isMutation) await mutations.consume(who);
      return undefined;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const seconds = Math.ceil(error.msBeforeNext / 1_000);
      const message = `That was more than ${what} in a minute. Try again in ${seconds} seconds.`;
      return maskError(new DomainError('RATE_LIMITED', message, { retryable: true, retryAfterSeconds: seconds }));
    }
  };
  return {
    onExecute: async ({ args, setResultAndStopExecution }) => {
      const refusal = await refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
    onSubscribe: async ({ args, setResultAndStopExecution }) => {
      const refusal = await refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
  };
}
