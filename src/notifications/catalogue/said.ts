/** What was recorded with an event: written by many places, over the years, so nothing of it is taken for granted. */
export type Said = Readonly<Record<string, unknown>>;

/** Null: it was not said. */
export function text(said: Said, name: string): string | null {
  const value = said[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function count(said: Said, name: string): number | null {
  const value = said[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
