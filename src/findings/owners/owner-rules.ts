import { unreachable } from '../../errors';
import type { AccountFacts } from '../account-facts';
import { matchesPathPattern } from '../path-pattern';
import type { Subject } from '../subject';
import { ownerName } from './owner-name';
import { principalFacts, type PrincipalFacts } from './principal-facts';

export const OWNER_RULE_KINDS = [
  'identity-tag',
  'account-tag',
  'path-prefix',
  'path-segment',
  'glob',
  'account',
  'organizational-unit',
] as const;
export type OwnerRuleKind = (typeof OWNER_RULE_KINDS)[number];

/** One way to find the owner of a user or role. */
export type OwnerRule =
  /** The owner's name is the value of the first of these tags that is there and not empty. */
  | { readonly kind: 'identity-tag' | 'account-tag'; readonly keys: readonly string[] }
  /** The owner's name is the n-th part of the path: of `/teams/data/`, 2 gives `data`. */
  | { readonly kind: 'path-segment'; readonly segment: number }
  | {
      readonly kind: 'path-prefix' | 'glob' | 'account' | 'organizational-unit';
      readonly value: string;
      readonly owner: string;
    };

const DEFAULT_KEYS = ['owner', 'team', 'Owner', 'Team'];

/** What a tenant without rules of its own has. */
export const DEFAULT_OWNER_RULES: readonly OwnerRule[] = [
  { kind: 'identity-tag', keys: DEFAULT_KEYS },
  { kind: 'account-tag', keys: DEFAULT_KEYS },
];

/** Whose a user or role is: what people said of it first, then the first rule that gives an owner. */
export class OwnerRules {
  /** `pins`: unique id → the owner's name; null: somebody said that it is nobody's. */
  constructor(
    readonly rules: readonly OwnerRule[],
    readonly pins: ReadonlyMap<string, string | null>,
  ) {}

  /** The owner's name; null: nobody's. A password or key is its user's owner's. */
  ownerOf(subject: Subject, account: AccountFacts): string | null {
    return this.ownerOfPrincipal(principalFacts(subject), account);
  }

  ownerOfPrincipal(principal: PrincipalFacts, account: AccountFacts): string | null {
    const pinned = this.pins.get(principal.uniqueId);
    if (pinned !== undefined) return pinned;
    for (const rule of this.rules) {
      const owner = ownerName(byRule(rule, principal, account));
      if (owner !== null) return owner;
    }
    return null;
  }
}

function byRule(rule: OwnerRule, principal: PrincipalFacts, account: AccountFacts): string | undefined {
  switch (rule.kind) {
    case 'identity-tag':
      return firstTag(rule.keys, principal.tags);
    case 'account-tag':
      return firstTag(rule.keys, account.tags);
    case 'path-segment':
      return principal.path.split('/').filter((part) => part !== '')[rule.segment - 1];
    case 'path-prefix':
      return principal.path.startsWith(rule.value) ? rule.owner : undefined;
    case 'glob':
      return matchesPathPattern(rule.value, principal.path + principal.name) ? rule.owner : undefined;
    case 'account':
      return account.awsAccountId === rule.value ? rule.owner : undefined;
    case 'organizational-unit':
      return isUnder(account.ouPath, rule.value) ? rule.owner : undefined;
    default:
      return unreachable(rule);
  }
}

const firstTag = (keys: readonly string[], tags: Readonly<Record<string, string>>): string | undefined => {
  const key = keys.find((one) => Object.hasOwn(tags, one) && ownerName(tags[one]) !== null);
  return key === undefined ? undefined : tags[key];
};

/** In this organizational unit or below it. */
export function isUnder(ouPath: string | null, unit: string): boolean {
  if (ouPath === null) return false;
  const trimmed = unit.replace(/\/+$/, '');
  return trimmed === '' || ouPath === trimmed || ouPath.startsWith(`${trimmed}/`);
}
