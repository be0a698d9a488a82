import type { z } from 'zod';
import { badInput } from '../../errors';
import { isTimeZone } from './change-windows';
import { type CleanupRules, cleanupRulesSchema } from './cleanup-rules';

const { graceDays, automatic, approved, approvals, managedAsCode, breaker } = cleanupRulesSchema.shape;

/** As people write them: what is left out follows the level above. */
const writtenRulesSchema = cleanupRulesSchema
  .extend({
    graceDays: graceDays.partial(),
    automatic: automatic.partial(),
    approved: approved.partial(),
    approvals: approvals.partial(),
    managedAsCode: managedAsCode.partial(),
    breaker: breaker.partial(),
  })
  .partial();

export type WrittenRules = z.output<typeof writtenRulesSchema>;

/** Throws BAD_INPUT naming each field that is unknown or out of range. */
export function parseWrittenRules(rules: unknown): WrittenRules {
  const parsed = writtenRulesSchema.safeParse(rules);
  if (!parsed.success) {
    throw badInput(
      parsed.error.issues
        .map(({ path, message }) => `${path.length === 0 ? 'rules' : path.join('.')}: ${message}.`)
        .join(' '),
    );
  }
  const bad = parsed.data.changeWindows?.find(({ timeZone }) => !isTimeZone(timeZone));
  if (bad) throw badInput(`changeWindows: "${bad.timeZone}" is no time zone; write one such as Europe/Berlin.`);
  return parsed.data;
}

/** The rules with what is written put over them, field by field; lists as wholes. */
export const overlay = (rules: CleanupRules, written: WrittenRules): CleanupRules =>
  putOver(rules, written) as CleanupRules;

function putOver(below: object, above: object): object {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above) as [string, unknown][]) {
    if (value === undefined) continue;
    const under = merged[key];
    merged[key] = isPlain(value) && isPlain(under) ? putOver(under, value) : value;
  }
  return merged;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
