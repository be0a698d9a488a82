import { malformedPolicy } from '../protocol/aws-error';

export type ConditionBlock = Record<string, Record<string, string[]>>;

export interface Statement {
  sid: string | undefined;
  effect: 'Allow' | 'Deny';
  actions: string[] | undefined;
  notActions: string[] | undefined;
  resources: string[] | undefined;
  notResources: string[] | undefined;
  principals: PrincipalBlock | undefined;
  notPrincipals: PrincipalBlock | undefined;
  conditions: ConditionBlock;
}

/** `{ AWS: [...], Service: [...], Federated: [...] }`; `"*"` becomes `{ AWS: ['*'] }`. */
export type PrincipalBlock = Record<string, string[]>;

const parsed = new Map<string, Statement[]>();
const CACHE_SIZE = 5_000;
const MEMBERS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);

/** Statements of a policy document. Throws `MalformedPolicyDocument`. */
export function parsePolicy(document: string): Statement[] {
  const known = parsed.get(document);
  if (known) return known;
  const statements = readStatements(document);
  if (parsed.size >= CACHE_SIZE) parsed.clear();
  parsed.set(document, statements);
  return statements;
}

/** Checks a trust policy: principals and actions, no resources. Throws `MalformedPolicyDocument`. */
export function checkTrustPolicy(document: string): void {
  for (const statement of parsePolicy(document)) {
    if (!statement.principals && !statement.notPrincipals) throw malformedPolicy('Missing required field Principal');
    if (statement.resources || statement.notResources) throw malformedPolicy('Has prohibited field Resource');
    for (const action of statement.actions ?? []) {
      if (!action.toLowerCase().startsWith('sts:') && action !== '*') {
        throw malformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
      }
    }
  }
}

/** Checks an identity policy: actions and resources, no principals. Throws `MalformedPolicyDocument`. */
export function checkIdentityPolicy(document: string): void {
  for (const statement of parsePolicy(document)) {
    if (statement.principals || statement.notPrincipals) {
      throw malformedPolicy('Policy document should not specify a principal.');
    }
    if (!statement.resources && !statement.notResources) {
      throw malformedPolicy('Policy statement must contain resources.');
    }
  }
}

function readStatements(document: string): Statement[] {
  let root: unknown;
  try {
    root = JSON.parse(document);
  } catch {
    throw malformedPolicy('This policy contains invalid Json');
  }
  if (!isRecord(root)) throw malformedPolicy('Syntax errors in policy.');
  if (root.Version !== undefined && root.Version !== '2012-10-17' && root.Version !== '2008-10-17') {
    throw malformedPolicy('The policy must contain a valid version string');
  }
  const list = Array.isArray(root.Statement) ? root.Statement : [root.Statement];
  if (root.Statement === undefined || list.length === 0) throw malformedPolicy('Syntax errors in policy.');
  return list.map(readStatement);
}

function readStatement(raw: unknown): Statement {
  if (!isRecord(raw)) throw malformedPolicy('Syntax errors in policy.');
  for (const member of Object.keys(raw)) {
    if (!MEMBERS.has(member)) throw malformedPolicy(`Syntax errors in policy: unknown field ${member}`);
  }
  if (raw.Effect !== 'Allow' && raw.Effect !== 'Deny') throw malformedPolicy('Syntax errors in policy: invalid Effect');
  const statement: Statement = {
    sid: typeof raw.Sid === 'string' ? raw.Sid : undefined,
    effect: raw.Effect,
    actions: strings(raw.Action),
    notActions: strings(raw.NotAction),
    resources: strings(raw.Resource),
    notResources: strings(raw.NotResource),
    principals: principals(raw.Principal),
    notPrincipals: principals(raw.NotPrincipal),
    conditions: conditions(raw.Condition),
  };
  if (!statement.actions === !statement.notActions) throw malformedPolicy('Policy statement must contain actions.');
  for (const action of [...(statement.actions ?? []), ...(statement.notActions ?? [])]) {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) {
      throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    }
  }
  return statement;
}

function strings(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== 'string') throw malformedPolicy('Syntax errors in policy.');
    return item;
  });
}

function principals(value: unknown): PrincipalBlock | undefined {
  if (value === undefined) return undefined;
  if (value === '*') return { AWS: ['*'] };
  if (!isRecord(value)) throw malformedPolicy('Syntax errors in policy: invalid Principal');
  return Object.fromEntries(Object.entries(value).map(([kind, list]) => [kind, strings(list) ?? []]));
}

function conditions(value: unknown): ConditionBlock {
  if (value === undefined) return {};
  if (!isRecord(value)) throw malformedPolicy('Syntax errors in policy: invalid Condition');
  const block: ConditionBlock = {};
  for (const [operator, keys] of Object.entries(value)) {
    if (!isRecord(keys)) throw malformedPolicy('Syntax errors in policy: invalid Condition');
    block[operator] = Object.fromEntries(
      Object.entries(keys).map(([key, raw]) => [
        key,
        (Array.isArray(raw) ? (raw as unknown[]) : [raw]).map((item) => String(item)),
      ]),
    );
  }
  return block;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
