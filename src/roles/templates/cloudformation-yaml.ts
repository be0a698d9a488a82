import { type CollectionTag, parse, type ScalarTag, stringify, YAMLSeq } from 'yaml';

/** CloudFormation's functions, as values; YAML writes them in their short forms (`!Sub '…'`). */
export class Sub {
  constructor(readonly text: string) {}
}
export class Ref {
  constructor(readonly name: string) {}
}
/** `Resource.Attribute`. */
export class GetAtt {
  constructor(readonly path: string) {}
}

const CALLS = ['If', 'Equals', 'Not', 'Join'] as const;

/** A function of several arguments. */
export class Call {
  constructor(
    readonly name: (typeof CALLS)[number],
    readonly args: readonly unknown[],
  ) {}
}

const scalar = <T extends object>(
  tag: string,
  type: new (text: string) => T,
  textOf: (of: T) => string,
): ScalarTag => ({
  tag,
  identify: (value) => value instanceof type,
  resolve: (text) => new type(text),
  stringify: ({ value }) => {
    const text = textOf(value as T);
    return /^[\w.:]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
  },
});

const call = (name: Call['name']): CollectionTag => ({
  tag: `!${name}`,
  collection: 'seq',
  identify: (value) => value instanceof Call && value.name === name,
  createNode: (schema, value, context) => YAMLSeq.from(schema, (value as Call).args, context),
  resolve: (seq) => new Call(name, (seq as YAMLSeq).toJSON()),
});

const customTags = [
  scalar('!Sub', Sub, ({ text }) => text),
  scalar('!Ref', Ref, ({ name }) => name),
  scalar('!GetAtt', GetAtt, ({ path }) => path),
  ...CALLS.map(call),
];

/** In YAML 1.1, as CloudFormation reads it: there a bare `yes` or `2012-10-17` would be no text. */
export const toCloudFormation = (template: object): string =>
  stringify(template, { customTags, version: '1.1', lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false });

/** The template with its functions as values. Throws for a function that is none of those above. */
export function fromCloudFormation(text: string): Record<string, unknown> {
  return parse(text, { customTags, version: '1.1', logLevel: 'error' }) as Record<string, unknown>;
}
