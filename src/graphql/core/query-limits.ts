import { EnvelopArmor } from '@escape.tech/graphql-armor';
import { type GraphQLError, validate } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { LIMITS } from './limits';
import { queryShape } from './query-shape';

/** A plugin that refuses whatever is beyond `LIMITS` before it is validated further; costs come after (`entry.ts`). */
export function queryLimits(): Plugin[] {
  const onReject = [(_context: unknown, error: GraphQLError) => markTooLarge(error)];
  const armor = new EnvelopArmor<YogaInitialContext>({
    maxDepth: { n: LIMITS.depth, onReject },
    maxAliases: { n: LIMITS.aliases, allowList: [], onReject },
    maxDirectives: { n: LIMITS.directives, onReject },
    maxTokens: { n: LIMITS.tokens, onReject },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  }).protect().plugins;
  const shape: Plugin = {
    onValidate: ({ addValidationRule, setValidationFn }) => {
      addValidationRule(queryShape);
      setValidationFn(((schema, document, rules) =>
        validate(schema, document, rules, { maxErrors: LIMITS.errors })) satisfies typeof validate);
    },
  };
  return [shape, ...armor];
}

/** The library tells its limits as syntax errors. */
function markTooLarge(error: GraphQLError): void {
  error.message = error.message.replace(/^Syntax Error: /, '');
  Object.assign(error.extensions, { code: 'QUERY_TOO_LARGE', http: { status: 400, spec: true } });
}
