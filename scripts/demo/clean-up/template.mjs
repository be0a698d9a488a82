import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../../deploy/cloudformation/account.yaml', import.meta.url));

/**
 * @typedef {object} TemplateRole
 * @property {string} RoleName
 * @property {string} Path
 * @property {number} MaxSessionDuration
 * @property {object} AssumeRolePolicyDocument
 * @property {{ PolicyDocument: object }[]} Policies
 */

/**
 * The roles that CloudFormation would make of the template that tenants are given, by their logical names.
 * @param {string} accountId
 * @param {Record<string, string>} parameters
 * @returns {Record<string, TemplateRole>}
 */
export function rolesOfTemplate(accountId, parameters) {
  const text = readFileSync(file, 'utf8');
  // In YAML 1.1, as CloudFormation reads it.
  const template = parse(text, { version: '1.1', customTags, logLevel: 'error' });
  const values = {
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::NoValue': undefined,
    ...Object.fromEntries(Object.entries(template.Parameters).map(([name, { Default }]) => [name, Default])),
    ...parameters,
  };
  const evaluate = evaluator(values, template.Conditions);
  return Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, { Condition }]) => Condition === undefined || evaluate(template.Conditions[Condition]))
      .map(([name, { Properties }]) => [name, evaluate(Properties)]),
  );
}

/** A function of CloudFormation and what it is called with. */
class Call {
  /**
   * @param {string} name
   * @param {any} argument
   */
  constructor(name, argument) {
    this.name = name;
    this.argument = argument;
  }
}

/** @type {import('yaml').Tags} */
const customTags = [
  ...['Ref', 'Sub', 'GetAtt'].map((name) => ({
    tag: `!${name}`,
    resolve: (/** @type {string} */ text) => new Call(name, text),
  })),
  ...['If', 'Equals', 'Not'].map((name) => ({
    tag: `!${name}`,
    collection: /** @type {const} */ ('seq'),
    resolve: (/** @type {any} */ list) => new Call(name, list.toJSON()),
  })),
];

/**
 * @param {Record<string, unknown>} values
 * @param {Record<string, unknown>} conditions
 */
function evaluator(values, conditions) {
  const value = (/** @type {string} */ name) => {
    if (!(name in values)) throw new Error(`The template refers to ${name}, which the demo does not know.`);
    return values[name];
  };
  /** @param {Call} call */
  const result = ({ name, argument }) => {
    if (name === 'Ref') return value(argument);
    if (name === 'Sub') return argument.replace(/\$\{([\w:]+)\}/g, (_, inner) => `${value(inner)}`);
    if (name === 'If') return evaluate(evaluate(conditions[argument[0]]) ? argument[1] : argument[2]);
    if (name === 'Equals') return evaluate(argument[0]) === evaluate(argument[1]);
    if (name === 'Not') return !evaluate(argument[0]);
    throw new Error(`The template uses !${name} where the demo does not know it.`);
  };
  /** @returns {any} */
  const evaluate = (/** @type {any} */ part) => {
    if (part instanceof Call) return result(part);
    if (Array.isArray(part)) return part.map(evaluate);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).flatMap(([name, inner]) => {
        const evaluated = evaluate(inner);
        return evaluated === undefined ? [] : [[name, evaluated]];
      }),
    );
  };
  return evaluate;
}
