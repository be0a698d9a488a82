import {
  type ASTVisitor,
  type DefinitionNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { LIMITS } from './limits';

/** A query that is refused for its size, whoever sends it. */
export const tooLarge = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'QUERY_TOO_LARGE', http: { status: 400, spec: true } } });

/** What every object in JavaScript has: as a name it would reach something that is not the caller's. */
const TAKEN = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/**
 * A rule of validation that looks at a document before all others do, since some of them take time that grows with the
 * square of what is repeated. Throws, so that none of them runs.
 */
export function queryShape(_context: ValidationContext): ASTVisitor {
  return { Document: { enter: (document) => mustBeInShape(document) } };
}

function mustBeInShape({ definitions }: DocumentNode): undefined {
  if (definitions.length > LIMITS.definitions) {
    throw tooLarge(
      `The request has ${definitions.length} operations and fragments; the limit is ${LIMITS.definitions}.`,
    );
  }
  for (const definition of definitions) {
    namesOf(definition).forEach(mustBeFree);
    if ('selectionSet' in definition) lookInto(definition.selectionSet);
    if ('directives' in definition) countDirectives(definition.directives ?? []);
  }
  return undefined;
}

function lookInto({ selections }: SelectionSetNode): void {
  const seen = new Map<string, number>();
  for (const selection of selections) {
    countDirectives(selection.directives ?? []);
    const key = keyOf(selection);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count > LIMITS.repeats) {
      throw tooLarge(
        `"${key}" is asked for again and again in one place; the limit is ${LIMITS.repeats} times. Ask for it once.`,
      );
    }
    if (selection.kind === Kind.FIELD) mustBeFree(selection.alias?.value ?? '');
    if ('selectionSet' in selection && selection.selectionSet) lookInto(selection.selectionSet);
  }
}

function keyOf(node: SelectionNode): string {
  if (node.kind === Kind.FIELD) return node.alias?.value ?? node.name.value;
  return node.kind === Kind.FRAGMENT_SPREAD
    ? `...${node.name.value}`
    : `... on ${node.typeCondition?.name.value ?? ''}`;
}

function countDirectives(directives: readonly unknown[]): void {
  if (directives.length > LIMITS.directivesInOnePlace) {
    throw tooLarge(
      `There are ${directives.length} directives in one place; the limit is ${LIMITS.directivesInOnePlace}.`,
    );
  }
}

function namesOf(definition: DefinitionNode): string[] {
  if (definition.kind === Kind.FRAGMENT_DEFINITION) return [definition.name.value];
  if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
  const variables = definition.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  return definition.name ? [definition.name.value, ...variables] : variables;
}

function mustBeFree(name: string): void {
  if (!TAKEN.has(name)) return;
  throw new GraphQLError(`"${name}" cannot be the name of a variable, an operation, a fragment or an alias here.`, {
    extensions: { code: 'BAD_INPUT', http: { status: 400, spec: true } },
  });
}
