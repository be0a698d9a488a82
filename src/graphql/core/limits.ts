/**
 * What one request may ask for. `cost` is about how many values the answer may hold, pages multiplied out (`survey.ts`):
 * one page of 200 with everything in it passes, two do not.
 */
export const LIMITS = {
  depth: 12,
  cost: 50_000,
  aliases: 30,
  directives: 20,
  directivesInOnePlace: 4,
  /** How often one name may be asked for in one selection. */
  repeats: 10,
  definitions: 100,
  tokens: 5_000,
  /** Errors that are told of one invalid document. */
  errors: 5,
} as const;
