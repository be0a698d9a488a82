import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { DomainError } from '../../errors';
import { maskError } from './mask-error';
import type { RequestContext } from './request-context';
import { holderOf } from './sockets/connections';
import { Held } from './sockets/held';

/** Each looks into the database whenever something happens in its tenant. */
export const MOST_SUBSCRIPTIONS = 20;

/** Bounds how many subscriptions a principal has open in this process, over WebSockets and over HTTP together. */
export function subscriptionLimit(): Plugin {
  const held = new Held(MOST_SUBSCRIPTIONS);
  return {
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const { mothball } = (args as ExecutionArgs).contextValue as { readonly mothball: RequestContext };
      const release = held.take(holderOf(mothball.principal));
      if (!release) {
        const refusal = new DomainError(
          'TOO_MANY_SUBSCRIPTIONS',
          `You have ${MOST_SUBSCRIPTIONS} subscriptions open. End one before you begin another.`,
        );
        setResultAndStopExecution({ errors: [maskError(refusal)] });
        return undefined;
      }
      return {
        onSubscribeResult: ({ result }) => {
          if (Symbol.asyncIterator in result) return { onEnd: release };
          release();
          return undefined;
        },
      };
    },
  };
}
