import { z } from 'zod';

/** RFC 6901: `/data/items/0/id`; empty: the whole. */
export const jsonPointer = z
  .string()
  .max(500)
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'must be a JSON pointer, as /data/id');

/** Undefined: there is nothing. */
export function at(document: unknown, pointer: string): unknown {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let value = document;
  for (const part of parts) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Text or a number, as text; null: it is neither. */
export function textAt(document: unknown, pointer: string | undefined): string | null {
  const value = pointer === undefined ? undefined : at(document, pointer);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : null;
}
