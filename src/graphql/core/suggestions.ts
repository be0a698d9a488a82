import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** As graphql-js writes them: fields, arguments, types, values of enums. */
const SUGGESTION = /\s*Did you mean [^?]*\?/g;

/** Who may not read the schema should not be led to it by mistakes either. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  if (!SUGGESTION.test(error.message)) return error;
  const { nodes, source, positions, path, extensions } = error;
  return new GraphQLError(error.message.replace(SUGGESTION, ''), {
    nodes,
    source,
    positions,
    path,
    extensions,
  } as object);
}

/** The same for everything that validation says. */
export function noSuggestions(): Plugin {
  return {
    onValidate:
      () =>
      ({ valid, result, setResult }) => {
        if (!valid) setResult((result as readonly GraphQLError[]).map(withoutSuggestion));
      },
  };
}
