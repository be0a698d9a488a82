import type { Observed, ObservedKey, ObservedUse, ObservedUser } from '../observed';

/** As JSON has it: dates are texts. */
type Written<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? Written<E>[]
    : T extends object
      ? { [K in keyof T]: Written<T[K]> }
      : T;

export const writeSnapshot = (seen: Observed): string => JSON.stringify(seen);

/** What was saved, with its dates as dates again: by their places, since a tag or a policy may have any name. */
export function readSnapshot(content: string): Observed {
  const written = JSON.parse(content) as Written<Observed>;
  const createdAt = new Date(written.createdAt);
  if (written.kind === 'role') return { ...written, createdAt, lastUse: useOf(written.lastUse) };
  const { password } = written;
  return {
    ...written,
    createdAt,
    keys: written.keys.map((key): ObservedKey => ({
      ...key,
      createdAt: new Date(key.createdAt),
      lastUse: useOf(key.lastUse),
    })),
    password: password && passwordOf(password),
  };
}

const passwordOf = (password: Written<NonNullable<ObservedUser['password']>>): ObservedUser['password'] => ({
  ...password,
  createdAt: new Date(password.createdAt),
  lastUse: useOf(password.lastUse),
});

const useOf = (use: Written<ObservedUse>): ObservedUse =>
  use.known ? { known: true, at: use.at === null ? null : new Date(use.at) } : use;
