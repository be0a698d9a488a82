import type { Plugin } from 'graphql-yoga';
import type { Initial, RequestContext } from '../request-context';
import type { RefusedRequest, Refusals } from './refusals.service';

/** Tells `refusals` of whatever HTTP requests are answered with. */
export function refusedRequests(refusals: Refusals): Plugin {
  return {
    onResultProcess: ({ result, serverContext }) => {
      if (!('errors' in result) || !result.errors) return;
      const context = serverContext as Partial<Context>;
      const { mothball: ask, params = {} } = context;
      refusals.note(result.errors, { initial: context.req ? { req: context.req } : {}, ask, params });
    },
  };
}

interface Context {
  readonly req: NonNullable<Initial['req']>;
  readonly mothball: RequestContext;
  readonly params: RefusedRequest['params'];
}
