import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  getNullableType,
  getOperationAST,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { DEFAULT_PAGE } from '../../paging';
import { operationOfField } from './allow';
import type { Operation } from './permissions';

/** A field that not everybody may use, where it is first asked for. */
export interface Need {
  readonly operation: Operation;
  /** In the schema: "Account.setup". */
  readonly field: string;
  /** In the answer. */
  readonly path: readonly string[];
}

/** What an operation asks for, before it runs. */
export interface Survey {
  /** One for each operation of the table of permissions, in the order of the query. */
  readonly needs: readonly Need[];
  /** About how many values the answer may hold. */
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** Lists that have no pages are short: tags, keys, history. */
const SHORT_LIST = 10;
/** Larger pages are refused anyway, with a better reason. */
const LARGEST_COUNTED = 1_000;

const known = new WeakMap<DocumentNode, Map<string, Survey>>();

/**
 * Looks through the operation that is to run, fragments included, and remembers what it saw for as long as the document
 * lives, unless values of variables make a difference. The document must be valid. Undefined: there is no such operation.
 */
export function survey(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables | null | undefined,
): Survey | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const name = operation.name?.value ?? '';
  const remembered = known.get(document)?.get(name);
  if (remembered) return remembered;
  const surveyor = new Surveyor(schema, document, operation, variables ?? {});
  const seen = surveyor.look();
  if (!surveyor.readsVariables) {
    const ofDocument = known.get(document) ?? new Map<string, Survey>();
    known.set(document, ofDocument.set(name, seen));
  }
  return seen;
}

interface Place {
  readonly parent: GraphQLNamedType;
  readonly path: readonly string[];
  /** How many rows the page has whose connection this is; undefined: it is none. */
  readonly rows: number | undefined;
}

class Surveyor {
  readsVariables = false;
  private readonly needs = new Map<Operation, Need>();
  private readonly fragments;
  private readonly costOfFragment = new Map<string, number>();
  private readonly defaults;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    private readonly variables: Variables,
  ) {
    this.fragments = new Map(
      document.definitions.flatMap((one) =>
        one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
      ),
    );
    this.defaults = new Map(
      operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
    );
  }

  look(): Survey {
    const root = this.schema.getRootType(this.operation.operation);
    const cost = root ? this.selections(this.operation.selectionSet, { parent: root, path: [], rows: undefined }) : 0;
    return { needs: [...this.needs.values()], cost };
  }

  private selections({ selections }: SelectionSetNode, place: Place): number {
    let cost = 0;
    for (const selection of selections) if (this.isIncluded(selection)) cost += this.selection(selection, place);
    return cost;
  }

  private selection(node: SelectionNode, place: Place): number {
    if (node.kind === Kind.FIELD) return this.field(node, place);
    if (node.kind === Kind.INLINE_FRAGMENT) {
      return this.selections(node.selectionSet, this.narrowed(place, node.typeCondition?.name.value));
    }
    const name = node.name.value;
    // Once for each size of page: fragments that spread each other would otherwise be walked any number of times.
    const key = `${name} ${place.rows ?? ''}`;
    const before = this.costOfFragment.get(key);
    if (before !== undefined) return before;
    const fragment = this.fragments.get(name);
    const cost = fragment
      ? this.selections(fragment.selectionSet, this.narrowed(place, fragment.typeCondition.name.value))
      : 0;
    this.costOfFragment.set(key, cost);
    return cost;
  }

  private narrowed(place: Place, typeName: string | undefined): Place {
    const parent = typeName === undefined ? undefined : this.schema.getType(typeName);
    return parent ? { ...place, parent } : place;
  }

  private field(node: FieldNode, { parent, path, rows }: Place): number {
    const field = fieldOf(parent, node.name.value);
    // Introspection: graphql-js bounds it by itself, and production has none.
    if (!field) return 1;
    const here = [...path, node.alias?.value ?? node.name.value];
    this.noteNeeds(parent, field, here);
    const type = getNamedType(field.type);
    if (!node.selectionSet || !isCompositeType(type)) return 1;
    const page = field.args.some(({ name }) => name === 'first') ? this.pageSize(node) : undefined;
    const times = isListType(getNullableType(field.type)) ? (page ?? rows ?? SHORT_LIST) : 1;
    return 1 + times * this.selections(node.selectionSet, { parent: type, path: here, rows: page });
  }

  /** Of an interface's field, what any type behind it asks for, counts, too. */
  private noteNeeds(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>, path: readonly string[]): void {
    const types = isAbstractType(parent) ? [parent, ...this.schema.getPossibleTypes(parent)] : [parent];
    for (const type of types) {
      const definition = fieldOf(type, field.name);
      const operation = definition && operationOfField(definition);
      if (operation && !this.needs.has(operation)) {
        this.needs.set(operation, { operation, field: `${type.name}.${field.name}`, path });
      }
    }
  }

  private pageSize({ arguments: args = [] }: FieldNode): number {
    const sizes = args.flatMap(({ name, value }) =>
      name.value === 'first' || name.value === 'last' ? [Number(this.valueOf(value) ?? Number.NaN)] : [],
    );
    const [size = DEFAULT_PAGE] = sizes.filter((one) => Number.isFinite(one));
    return Math.min(Math.max(size, 1), LARGEST_COUNTED);
  }

  private isIncluded({ directives = [] }: SelectionNode): boolean {
    return directives.every(({ name, arguments: [condition] = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return true;
      return !condition || this.valueOf(condition.value) === (name.value === 'include');
    });
  }

  /** Of numbers and booleans, written out or in a variable. */
  private valueOf(node: ValueNode): unknown {
    if (node.kind === Kind.VARIABLE) {
      this.readsVariables = true;
      const name = node.name.value;
      if (Object.hasOwn(this.variables, name)) return this.variables[name];
      const fallback = this.defaults.get(name);
      return fallback && this.valueOf(fallback);
    }
    if (node.kind === Kind.INT) return Number(node.value);
    return node.kind === Kind.BOOLEAN ? node.value : undefined;
  }
}

function fieldOf(type: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
  return 'getFields' in type ? (type.getFields()[name] as GraphQLField<unknown, unknown> | undefined) : undefined;
}
