import { constraintError, validationError } from './aws-error';

export interface TextRule {
  min?: number;
  max?: number;
  pattern?: RegExp;
}

/**
 * The parameters of one Query-protocol request: flat names (`Tags.member.1.Key`), lists by `member.N`.
 * Each reader throws `ValidationError` as AWS does when a value is missing or breaks its constraint.
 */
export class QueryParameters {
  constructor(private readonly values: ReadonlyMap<string, string>) {}

  static parse(body: string): QueryParameters {
    return new QueryParameters(new Map(new URLSearchParams(body)));
  }

  optional(name: string, rule: TextRule = {}): string | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    checkText(name, value, rule);
    return value;
  }

  text(name: string, rule: TextRule = {}): string {
    const value = this.optional(name, rule);
    if (value === undefined || value === '') throw missing(name);
    return value;
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    if (!/^-?\d+$/.test(value)) throw validationError(`Invalid value '${value}' for ${name}: not an integer`);
    const number = Number(value);
    if (number < min) throw constraintError(value, name, `Member must have value greater than or equal to ${min}`);
    if (number > max) throw constraintError(value, name, `Member must have value less than or equal to ${max}`);
    return number;
  }

  boolean(name: string): boolean | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw constraintError(value, name, 'Member must be a boolean');
    return value === 'true';
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.values.get(name);
    return value === undefined ? undefined : memberOf(name, value, allowed);
  }

  list(name: string): string[] {
    const found: string[] = [];
    for (let index = 1; ; index++) {
      const value = this.values.get(`${name}.member.${index}`);
      if (value === undefined) return found;
      found.push(value);
    }
  }

  listOf<T extends string>(name: string, allowed: readonly T[]): T[] {
    return this.list(name).map((value) => memberOf(name, value, allowed));
  }

  /** Members of a list of structures, each a set of parameters of its own. */
  structures(name: string): QueryParameters[] {
    return this.numbered(`${name}.member`);
  }

  /** Entries of a map, as SNS writes them. */
  entries(name: string): QueryParameters[] {
    return this.numbered(`${name}.entry`);
  }

  names(): string[] {
    return [...this.values.keys()];
  }

  private numbered(name: string): QueryParameters[] {
    const found: QueryParameters[] = [];
    for (let index = 1; ; index++) {
      const prefix = `${name}.${index}.`;
      const own = [...this.values].filter(([key]) => key.startsWith(prefix));
      if (own.length === 0) return found;
      found.push(new QueryParameters(new Map(own.map(([key, value]) => [key.slice(prefix.length), value]))));
    }
  }

  tags(name = 'Tags'): Map<string, string> {
    return new Map(
      this.structures(name).map((tag) => [
        tag.text('Key', { max: 128, pattern: TAG_PATTERN }),
        tag.optional('Value', { max: 256, pattern: TAG_PATTERN }) ?? '',
      ]),
    );
  }

  /** For the request log; what is secret is left out. */
  forLog(): Record<string, string> {
    return Object.fromEntries(
      [...this.values]
        .filter(([name]) => name !== 'Action' && name !== 'Version')
        .map(([name, value]) => [name, SECRET.test(name) ? '***' : value]),
    );
  }
}

const TAG_PATTERN = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const SECRET = /password|secret/i;

const missing = (name: string): Error =>
  validationError(
    `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' ` +
      'failed to satisfy constraint: Member must not be null',
  );

function memberOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw constraintError(value, name, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
  }
  return found;
}

function checkText(name: string, value: string, { min, max, pattern }: TextRule): void {
  if (min !== undefined && value.length < min) {
    throw constraintError(value, name, `Member must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && value.length > max) {
    throw constraintError(value, name, `Member must have length less than or equal to ${max}`);
  }
  if (pattern && !pattern.test(value)) {
    throw constraintError(value, name, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
}
