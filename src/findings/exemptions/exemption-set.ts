import type { AccountFacts } from '../account-facts';
import { isUnder } from '../owners/owner-rules';
import { principalFacts } from '../owners/principal-facts';
import { matchesPathPattern } from '../path-pattern';
import type { CheckId } from '../policy';
import type { Subject } from '../subject';
import type { ExemptionScope, Sparing } from './exemption';

export interface ExemptionMatch {
  readonly id: string;
  readonly reason: string;
}

/** The narrowest exemption is the one that is shown; among equals, the one that lasts longest. */
const NARROWEST_FIRST: Readonly<Record<ExemptionScope['kind'], number>> = { identity: 0, glob: 1, tag: 2, account: 3 };

/** The exemptions that hold in one account, ready to judge with. Pure. */
export class ExemptionSet {
  private readonly byUniqueId = new Map<string, Sparing[]>();
  private readonly wide: readonly Sparing[];

  constructor(sparings: readonly Sparing[], account: AccountFacts) {
    const here = sparings.filter((sparing) => holdsIn(sparing, account)).sort(inOrder);
    for (const sparing of here) {
      if (sparing.scope.kind !== 'identity') continue;
      const same = this.byUniqueId.get(sparing.scope.uniqueId);
      if (same) same.push(sparing);
      else this.byUniqueId.set(sparing.scope.uniqueId, [sparing]);
    }
    this.wide = here.filter(({ scope }) => scope.kind !== 'identity');
  }

  /** The exemption that spares this from this check; null: none. A credential is spared with its user. */
  match(subject: Subject, checkId: CheckId): ExemptionMatch | null {
    const found = this.candidates(subject).find(
      ({ limits }) => allows(limits.checks, checkId) && allows(limits.kinds, subject.kind),
    );
    return found ? { id: found.id, reason: found.reason } : null;
  }

  private candidates(subject: Subject): Sparing[] {
    const principal = principalFacts(subject);
    const ofKey = subject.kind === 'access-key' && subject.key.accessKeyId !== null ? [subject.key.accessKeyId] : [];
    const named = [...ofKey, principal.uniqueId].flatMap((uniqueId) => this.byUniqueId.get(uniqueId) ?? []);
    // Globs, tags and whole accounts are meant for people and programs: root is spared by its own id only.
    if (principal.isRoot) return named;
    const pathAndName = principal.path + principal.name;
    return [...named, ...this.wide.filter(({ scope }) => covers(scope, pathAndName, principal.tags))];
  }
}

function covers(scope: ExemptionScope, pathAndName: string, tags: Readonly<Record<string, string>>): boolean {
  switch (scope.kind) {
    case 'glob':
      return matchesPathPattern(scope.pattern, pathAndName);
    case 'tag': {
      if (!Object.hasOwn(tags, scope.key)) return false;
      return scope.value === null || matchesPathPattern(scope.value, tags[scope.key] ?? '');
    }
    case 'account':
      return true;
    case 'identity':
      return false;
  }
}

function holdsIn({ scope, limits }: Sparing, account: AccountFacts): boolean {
  if (scope.kind === 'account' && scope.awsAccountId !== account.awsAccountId) return false;
  if (!allows(limits.accounts, account.awsAccountId)) return false;
  return limits.organizationalUnits?.some((unit) => isUnder(account.ouPath, unit)) ?? true;
}

const allows = <T>(list: readonly T[] | null, one: T): boolean => list === null || list.includes(one);

const inOrder = (a: Sparing, b: Sparing): number =>
  NARROWEST_FIRST[a.scope.kind] - NARROWEST_FIRST[b.scope.kind] ||
  b.endsAt.getTime() - a.endsAt.getTime() ||
  (a.id < b.id ? -1 : 1);
