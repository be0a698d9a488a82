import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LIMITS } from './limits';
import { maskError } from './mask-error';
import type { RequestContext } from './request-context';
import { survey } from './survey';

/**
 * Looks at an operation as a whole before any of it runs: whether its answer would be too large, and whether whoever asks
 * may use every field of it. So a refusal costs nothing, and no value has to be guarded by itself.
 */
export function entry(): Plugin {
  return {
    onExecute: ({ args, setResultAndStopExecution }) => {
      const refusal = refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const refusal = refusalOf(args);
      if (refusal) setResultAndStopExecution({ errors: [refusal] });
    },
  };
}

function refusalOf({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs) {
  const seen = survey(schema, document, operationName, variableValues);
  if (!seen) return undefined;
  const { mothball } = contextValue as { readonly mothball: RequestContext };
  for (const { operation, field, path } of seen.needs) {
    try {
      mothball.mustBeAllowed(operation);
    } catch (error) {
      const refusal = maskError(new GraphQLError('refused', { path, originalError: error as Error }));
      Object.assign(refusal.extensions, { field });
      return refusal;
    }
  }
  if (seen.cost <= LIMITS.cost) return undefined;
  return tooCostly(
    `The answer may hold about ${Math.round(seen.cost)} values; the limit is ${LIMITS.cost}. Ask for smaller pages (first), or for less of each thing.`,
  );
}

const tooCostly = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COSTLY', http: { status: 400, spec: true } } });
