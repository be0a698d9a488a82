import type { FilterSketch } from './random-tenant';
import type { Account, Subject } from './subjects';

/** What an event is, for filters: of `endpoint.disabled` and the like there is no subject. */
export interface Happened {
  readonly type: string;
  readonly subject: Subject | null;
}

/**
 * Whether a filter asks for an event: what the documentation says, written down once more. What an event does not have
 * satisfies no part of a filter that asks for it.
 */
export function isAskedFor(filter: FilterSketch, accounts: readonly Account[], { type, subject }: Happened): boolean {
  const { types, checks, severities, accounts: numbers, ous, owners } = filter;
  const among = (wanted: readonly string[] | undefined, given: string | null | undefined): boolean =>
    wanted === undefined || (given != null && wanted.includes(given));
  const family = `${type.split('.')[0]}.*`;
  const units = ous?.flatMap((ou) => [
    ou,
    ...accounts.map(({ ouPath }) => ouPath).filter((path) => path.startsWith(`${ou}/`)),
  ]);
  const ids = numbers?.map((number) => accounts[number]?.id ?? '');
  return (
    (types === undefined || types.includes(type) || types.includes(family)) &&
    among(checks, subject?.check) &&
    among(severities, subject?.severity) &&
    among(ids, subject?.account.id) &&
    among(units, subject?.account.ouPath) &&
    among(owners, subject?.owner)
  );
}
