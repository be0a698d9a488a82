import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, visit, type ValueNode } from 'graphql';

/** A JSON value as it is: settings and details whose names are documented elsewhere. */
export const Json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  // Compiled queries know no variables inside of a literal, and would leave them out.
  parseLiteral: (node) => valueFromASTUntyped(withoutVariables(node)),
});

function withoutVariables(node: ValueNode): ValueNode {
  visit(node, {
    [Kind.VARIABLE]: () => {
      throw new GraphQLError('A JSON value is written out whole, or is one variable: no variables inside of it.', {
        extensions: { code: 'BAD_INPUT' },
      });
    },
  });
  return node;
}
