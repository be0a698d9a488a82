import { type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Metrics } from '../../observability/metrics.service';

/** Counts operations and how long they take. Names of operations are callers' own, so they make no label. */
export function measured(metrics: Metrics): Plugin {
  return {
    onExecute: ({ args }) => {
      const { document, operationName } = args as ExecutionArgs;
      const type = getOperationAST(document, operationName)?.operation ?? 'query';
      const end = metrics.graphqlSeconds.startTimer({ type });
      return {
        onExecuteDone: ({ result }) => {
          const failed = 'errors' in result && (result.errors?.length ?? 0) > 0;
          end({ outcome: failed ? 'error' : 'ok' });
        },
      };
    },
  };
}
