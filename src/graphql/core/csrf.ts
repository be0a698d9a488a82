import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Headers that a page elsewhere cannot send without being asked for leave first. */
const HEADERS = ['x-requested-with', 'apollo-require-preflight', 'x-graphql-yoga-csrf'];

/** Refuses what a page of another site could make a browser send: forms, and addresses that are only opened. */
export function csrfPrevention(): Plugin {
  const plugin = useCSRFPrevention({ requestHeaders: HEADERS }) as Required<Pick<Plugin, 'onRequestParse'>>;
  return {
    onRequestParse: (payload) => {
      try {
        return plugin.onRequestParse(payload);
      } catch {
        throw new GraphQLError(
          `Send the request by POST with the content type application/json, or with the header ${HEADERS[0]}.`,
          { extensions: { code: 'CSRF_REFUSED', http: { status: 403 } } },
        );
      }
    },
  };
}
