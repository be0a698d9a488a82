import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { operationOfField } from './core/allow';
import { isAllowed, type Operation, OPERATIONS } from './core/permissions';

const ROLES = [
  ['platform', 'admin'],
  ['platform', 'viewer'],
  ['tenant', 'admin'],
  ['tenant', 'approver'],
  ['tenant', 'viewer'],
  ['tenant', 'auditor'],
] as const;

/** docs/permissions.md: the table that the guards work by, and what each of its lines opens. */
export function permissionsPage(schema: GraphQLSchema): string {
  const operations = Object.keys(OPERATIONS) as Operation[];
  const fields = fieldsByOperation(schema);
  const sections = operations.map((operation) => section(operation, fields.get(operation) ?? []));
  return `${[INTRODUCTION, table(operations), ...sections].join('\n\n')}\n`;
}

const INTRODUCTION = [
  '# Permissions',
  '',
  '<!-- Made by `npm run schema` from src/graphql/core/permissions.ts and the schema; a spec compares the two. -->',
  '',
  'Each field of the API that does something asks for one operation of this table. A request is looked at as a whole before',
  'it runs: where one of its fields is not for whoever asks, nothing of it runs, and the error (`FORBIDDEN`) names the field.',
  'What is not listed below is part of the thing that it belongs to.',
  '',
  'A tenant’s people act in their tenant only, whose name comes from their credential; whatever is not theirs answers as if',
  'it did not exist. Platform people read across tenants; where they change something, they name the tenant, and it is',
  'written into that tenant’s audit log.',
].join('\n');

function table(operations: readonly Operation[]): string {
  return [
    `| Operation | ${ROLES.map(([scope, role]) => `${scope} ${role.toUpperCase()}`).join(' | ')} |`,
    `| --- | ${ROLES.map(() => ':-:').join(' | ')} |`,
    ...operations.map((operation) => {
      const cells = ROLES.map(([scope, role]) => (isAllowed(operation, scope, role) ? 'yes' : ''));
      return `| [\`${operation}\`](#${operation}) | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

function section(operation: Operation, fields: readonly string[]): string {
  const of = (type: string): string[] => fields.filter((field) => field.startsWith(`${type}.`));
  const roots = ['Query', 'Mutation', 'Subscription'];
  const rest = fields.filter((field) => !roots.some((root) => field.startsWith(`${root}.`)));
  const lists = [
    ['Queries', of('Query')],
    ['Mutations', of('Mutation')],
    ['Subscriptions', of('Subscription')],
    ['Fields', rest],
  ] as const;
  const lines = lists.flatMap(([title, names]) => (names.length === 0 ? [] : [`- ${title}: ${listed(title, names)}`]));
  return [`## ${operation}`, '', OPERATIONS[operation].what, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}

const listed = (title: string, names: readonly string[]): string =>
  names.map((name) => `\`${title === 'Fields' ? name : name.slice(name.indexOf('.') + 1)}\``).join(', ');

/** The fields that ask for each operation, "Type.field", sorted. */
function fieldsByOperation(schema: GraphQLSchema): ReadonlyMap<Operation, readonly string[]> {
  const found = new Map<Operation, string[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const operation = operationOfField(field);
      if (operation) found.set(operation, [...(found.get(operation) ?? []), `${type.name}.${field.name}`]);
    }
  }
  return new Map([...found].map(([operation, fields]) => [operation, fields.sort()]));
}
