import type { AccountFacts } from '../account-facts';
import { matchesPathPattern } from '../path-pattern';
import type { PrincipalToJudge } from '../subject';
import type { PolicyScope } from './documents/policy-document';

/** What scopes ask of a user or role. */
export interface PrincipalFacts {
  readonly path: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const principalOf = (principal: PrincipalToJudge): PrincipalFacts =>
  principal.kind === 'user' ? principal.user : principal.role;

/** Whether a scope's account part takes the account in: every kind that is given must match. */
export function takesAccount(scope: PolicyScope, account: AccountFacts): boolean {
  const { accounts, organizationalUnits, accountTags } = scope;
  return (
    (accounts.length === 0 || accounts.some((one) => namesAccount(one, account))) &&
    (organizationalUnits.length === 0 || organizationalUnits.some((unit) => isUnder(account.ouPath, unit))) &&
    tagsMatch(accountTags, account.tags)
  );
}

/** Whether every identity of an account that is taken in is taken in. */
export const takesEveryone = ({ identityTags, paths, names }: PolicyScope): boolean =>
  paths.length === 0 && names.length === 0 && Object.keys(identityTags).length === 0;

/** Whether a scope's identity part takes a user or role in; a credential goes with its user. */
export function takesPrincipal(scope: PolicyScope, { path, name, tags }: PrincipalFacts): boolean {
  const { paths, names, identityTags } = scope;
  return (
    (paths.length === 0 || paths.some((pattern) => matchesPathPattern(pattern, path))) &&
    (names.length === 0 || names.some((pattern) => matchesPathPattern(pattern, name))) &&
    tagsMatch(identityTags, tags)
  );
}

const namesAccount = (idOrPattern: string, { awsAccountId, name }: AccountFacts): boolean =>
  /^\d{12}$/.test(idOrPattern) ? idOrPattern === awsAccountId : matchesPathPattern(idOrPattern, name);

/** In the organizational unit or below it; an account that was registered by itself is in none. */
function isUnder(ouPath: string | null, unit: string): boolean {
  if (ouPath === null) return false;
  const trimmed = unit.replace(/\/+$/, '');
  return ouPath === (trimmed || '/') || ouPath.startsWith(`${trimmed}/`);
}

const tagsMatch = (
  wanted: Readonly<Record<string, readonly string[]>>,
  tags: Readonly<Record<string, string>>,
): boolean =>
  Object.entries(wanted).every(([key, patterns]) => {
    const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
    return value !== undefined && patterns.some((pattern) => matchesPathPattern(pattern, value));
  });
