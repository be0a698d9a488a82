import { Call, fromCloudFormation, GetAtt, Ref, Sub } from '../../src/roles/templates/cloudformation-yaml';

export interface Deployment {
  readonly accountId: string;
  readonly partition?: string;
  readonly region?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RoleProperties {
  readonly RoleName: string;
  readonly Path: string;
  readonly Description: string;
  readonly MaxSessionDuration: number;
  readonly PermissionsBoundary?: string;
  readonly AssumeRolePolicyDocument: object;
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: PolicyDocument }[];
}

export interface PolicyDocument {
  Version: string;
  Statement: {
    Sid: string;
    Effect: string;
    Action: string | string[];
    Resource: string | string[];
    Condition?: object;
  }[];
}

export interface Resource {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Parameter {
  readonly Type: string;
  readonly Default?: string;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly string[];
}

interface Template {
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<
    Record<string, { Type: string; Condition?: string; Properties: Record<string, unknown> }>
  >;
}

const NOTHING = Symbol('AWS::NoValue');

/** The resources that CloudFormation would make of the template, by logical name. Throws for anything unresolved. */
export function evaluateTemplate(text: string, deployment: Deployment): Map<string, Resource> {
  const template = fromCloudFormation(text) as unknown as Template;
  const values = new Map<string, unknown>([
    ['AWS::AccountId', deployment.accountId],
    ['AWS::Partition', deployment.partition ?? 'aws'],
    ['AWS::Region', deployment.region ?? 'us-east-1'],
    ['AWS::NoValue', NOTHING],
    ...parameterValues(template.Parameters, deployment.parameters),
  ]);
  const lookUp = (name: string): unknown => {
    if (!values.has(name)) throw new Error(`The template refers to ${name}, which is nothing.`);
    return values.get(name);
  };
  const condition = (name: string): boolean => {
    if (!(name in template.Conditions))
      throw new Error(`The template names the condition ${name}, which there is not.`);
    return evaluate(template.Conditions[name]) === true;
  };
  const call = ({ name, args }: Call): unknown => {
    switch (name) {
      case 'If':
        return evaluate(condition(String(args[0])) ? args[1] : args[2]);
      case 'Equals':
        return evaluate(args[0]) === evaluate(args[1]);
      case 'Not':
        return evaluate(args[0]) !== true;
      case 'Join':
        return (evaluate(args[1]) as string[]).join(String(args[0]));
    }
  };
  const evaluate = (value: unknown): unknown => {
    if (value instanceof Ref) return lookUp(value.name);
    if (value instanceof GetAtt) throw new Error('Only outputs ask for attributes.');
    if (value instanceof Sub) return value.text.replace(/\$\{([\w:]+)\}/g, (_, name: string) => String(lookUp(name)));
    if (value instanceof Call) return call(value);
    if (Array.isArray(value)) return value.map(evaluate).filter((inner) => inner !== NOTHING);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, evaluate(inner)] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== NOTHING));
  };
  const made = Object.entries(template.Resources).filter(([, one]) => !one.Condition || condition(one.Condition));
  return new Map(
    made.map(([name, { Type, Properties }]) => [
      name,
      { type: Type, properties: evaluate(Properties) as Record<string, unknown> },
    ]),
  );
}

/** As CloudFormation takes them: every one has a value, which its pattern and its list allow. */
function parameterValues(
  parameters: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, string>>,
): [string, unknown][] {
  const unknown = Object.keys(given).filter((name) => !(name in parameters));
  if (unknown.length > 0) throw new Error(`The template has no parameter ${unknown.join(', ')}.`);
  return Object.entries(parameters).map(([name, { Type, Default, AllowedPattern, AllowedValues }]) => {
    const value = given[name] ?? Default;
    if (value === undefined) throw new Error(`The parameter ${name} has no value.`);
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
      throw new Error(`The parameter ${name} may not be "${value}".`);
    }
    if (AllowedValues && !AllowedValues.includes(value))
      throw new Error(`The parameter ${name} may not be "${value}".`);
    return [name, Type === 'CommaDelimitedList' ? value.split(',') : value];
  });
}

export const roleOf = (resources: ReadonlyMap<string, Resource>, name: string): RoleProperties => {
  const found = resources.get(name);
  if (found?.type !== 'AWS::IAM::Role') throw new Error(`The template makes no role ${name}.`);
  return found.properties as unknown as RoleProperties;
};
