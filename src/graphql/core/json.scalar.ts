import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';

/** A JSON value as it is: settings and details whose names are documented elsewhere. */
export const Json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});
