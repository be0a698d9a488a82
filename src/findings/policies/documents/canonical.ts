import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * The same data in the one order that documents are printed in: fields as the schema lists them, the keys of records
 * by code point, lists as they are. What is undefined is left out.
 */
export function canonical<T>(value: T, schema: z.ZodType): T {
  return ordered(value, schema) as T;
}

function ordered(value: unknown, schema: z.ZodType | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item, undefined));
  if (value === null || typeof value !== 'object') return value;
  const shape = shapeOf(schema);
  const names = Object.keys(shape);
  const place = (key: string): number => (names.includes(key) ? names.indexOf(key) : names.length);
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one, shape[key])]));
}

function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  return inner instanceof z.ZodObject ? inner.shape : {};
}

/** SHA-256, hexadecimal, of any plain data: the same for the same data, in whatever order its keys were. */
export function hashOf(data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(data, undefined)))
    .digest('hex');
}
