import { z } from 'zod';
import { badInput } from '../../../errors';
import { closest } from './closest';

/** What is wrong with one field of a document. */
export interface Problem {
  readonly path: readonly (string | number)[];
  /** What is wrong and what to do, without the path. */
  readonly message: string;
}

export type Parsed<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** Reads a document that people wrote, as plain data. Never throws; every problem is told at once. */
export function readDocument<S extends z.ZodType, T>(
  data: unknown,
  schema: S,
  resolve: (written: z.output<S>) => T,
): Parsed<T> {
  const forbidden = forbiddenKeys(data);
  if (forbidden.length > 0) return { problems: forbidden };
  const parsed = schema.safeParse(data, { reportInput: true });
  return parsed.success ? { value: resolve(parsed.data) } : { problems: problemsOf(schema, parsed.error) };
}

/** @throws DomainError `BAD_INPUT` naming every bad field of `what`. */
export function valueOf<T>(read: Parsed<T>, what: string): T {
  if ('value' in read) return read.value;
  const problems = read.problems.map(({ path, message }) => `${pathText(path)}: ${message}`);
  throw badInput(`The ${what} is not valid: ${problems.join('; ')}.`);
}

/** `checks.unused-role.idleDays`; the whole document: `document`. */
export const pathText = (path: readonly (string | number)[], whole = 'document'): string => path.join('.') || whole;

/** One problem for each bad field, in plain words; an unknown name says which was probably meant. */
export function problemsOf(schema: z.ZodType, error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: noSuchSetting(schema, path, key) }));
    }
    return [{ path, message: messageOf(issue) }];
  });
}

/** Deeper than any document is, and far from exhausting the stack. */
const DEEPEST = 20;

/** zod leaves a key called `__proto__` out of records without a word, and a tag left out of a scope widens it. */
export function forbiddenKeys(data: unknown, path: Problem['path'] = []): Problem[] {
  if (data === null || typeof data !== 'object') return [];
  if (path.length > DEEPEST) return [{ path: path.slice(0, 3), message: 'is nested too deep' }];
  return Object.entries(data).flatMap(([key, value]) =>
    key === '__proto__'
      ? [{ path: [...path, key], message: 'there is no such setting' }]
      : forbiddenKeys(value, [...path, Array.isArray(data) ? Number(key) : key]),
  );
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const nearest = typeof issue.input === 'string' ? closest(issue.input, values) : undefined;
    return `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${didYouMean(nearest)}`;
  }
  // A record's bad key or value carries what its own schema said.
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => `its name: ${message}`).join('; ');
  return issue.message;
}

function noSuchSetting(schema: z.ZodType, path: readonly (string | number)[], key: string): string {
  const here = childrenOf(schemaAt(schema, path));
  const nearest = closest(key, Object.keys(here));
  if (nearest !== undefined) return `there is no such setting${didYouMean(nearest)}`;
  const elsewhere = placeOf(schema, key);
  return `there is no such setting${elsewhere ? ` here; it belongs at ${elsewhere.join('.')}` : ''}`;
}

const didYouMean = (word: string | undefined): string => (word === undefined ? '' : `; did you mean "${word}"?`);

/** Where a document of this schema has a field of that name: for settings written at the wrong depth. */
function placeOf(schema: z.ZodType, key: string): string[] | undefined {
  const children = childrenOf(schema);
  if (key in children) return [key];
  for (const [name, child] of Object.entries(children)) {
    const below = placeOf(child, key);
    if (below) return [name, ...below];
  }
  return undefined;
}

function schemaAt(schema: z.ZodType, path: readonly (string | number)[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema;
  for (const part of path) at = at && childrenOf(at)[part];
  return at;
}

function childrenOf(schema: z.ZodType | undefined): Record<string, z.ZodType> {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap();
  }
  return inner instanceof z.ZodObject ? inner.shape : {};
}
