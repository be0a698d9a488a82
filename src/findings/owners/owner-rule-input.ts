import { badInput } from '../../errors';
import { checkOwnerName } from './owner-name';
import type { OwnerRule } from './owner-rules';

type Given<T> = T | null | undefined;

/** A rule as it is asked for: exactly one way to find the owner. */
export interface OwnerRuleRequest {
  readonly identityTag?: Given<readonly string[]>;
  readonly accountTag?: Given<readonly string[]>;
  readonly pathSegment?: Given<number>;
  readonly pathPrefix?: Given<string>;
  readonly glob?: Given<string>;
  readonly awsAccountId?: Given<string>;
  readonly organizationalUnit?: Given<string>;
  readonly owner?: Given<string>;
}

const MOST_RULES = 500;
const MOST_KEYS = 20;

/** Rules in their order, checked. Throws BAD_INPUT naming the rule and the field. */
export function checkOwnerRules(requests: readonly OwnerRuleRequest[]): OwnerRule[] {
  if (requests.length === 0) {
    throw badInput('rules: the list is empty. To go back to the built-in rules use resetOwnerRules.');
  }
  if (requests.length > MOST_RULES) throw badInput(`rules: at most ${MOST_RULES}; use globs or tags for more.`);
  return requests.map((request, index) => checkRule(request, `rules[${index}]`));
}

function checkRule(request: OwnerRuleRequest, at: string): OwnerRule {
  const { owner, ...ways } = request;
  const given = Object.entries(ways).filter(([, value]) => value != null);
  if (given.length !== 1) {
    throw badInput(`${at}: give exactly one of ${WAYS.join(', ')}.`);
  }
  const { identityTag, accountTag, pathSegment } = ways;
  const named = namedRule(ways, at);
  if (named) return { ...named, owner: checkOwnerName(owner ?? '', `${at}.owner`) };
  if (owner != null) throw badInput(`${at}.owner: a tag or a part of the path names the owner itself; leave it out.`);
  if (identityTag != null) return { kind: 'identity-tag', keys: keysOf(identityTag, `${at}.identityTag`) };
  if (accountTag != null) return { kind: 'account-tag', keys: keysOf(accountTag, `${at}.accountTag`) };
  if (pathSegment == null || !Number.isInteger(pathSegment) || pathSegment < 1 || pathSegment > 100) {
    throw badInput(`${at}.pathSegment: must be from 1; of "/teams/data/" 2 is "data".`);
  }
  return { kind: 'path-segment', segment: pathSegment };
}

const WAYS = [
  'identityTag',
  'accountTag',
  'pathSegment',
  'pathPrefix',
  'glob',
  'awsAccountId',
  'organizationalUnit',
] as const;

type Ways = Omit<OwnerRuleRequest, 'owner'>;

/** The ways that need the owner to be named. */
function namedRule({ pathPrefix, glob, awsAccountId, organizationalUnit }: Ways, at: string) {
  if (pathPrefix != null) {
    if (!/^\/.{0,511}$/.test(pathPrefix)) throw badInput(`${at}.pathPrefix: must begin with "/", for example "/ci/".`);
    return { kind: 'path-prefix', value: pathPrefix } as const;
  }
  if (glob != null) {
    if (!/^[/*?].{0,599}$/.test(glob)) {
      throw badInput(`${at}.glob: a pattern on path and name begins with "/" or "*": "/ci/*", "*-jenkins".`);
    }
    return { kind: 'glob', value: glob } as const;
  }
  if (awsAccountId != null) {
    if (!/^[0-9]{12}$/.test(awsAccountId)) throw badInput(`${at}.awsAccountId: must have twelve digits.`);
    return { kind: 'account', value: awsAccountId } as const;
  }
  if (organizationalUnit == null) return null;
  if (!organizationalUnit.startsWith('/')) {
    throw badInput(`${at}.organizationalUnit: must begin with "/", for example "/Workloads/Prod".`);
  }
  return { kind: 'organizational-unit', value: organizationalUnit } as const;
}

function keysOf(keys: readonly string[], field: string): string[] {
  if (keys.length === 0)
    throw badInput(`${field}: the list is empty: name the tag's keys, the first one that is there decides.`);
  if (keys.length > MOST_KEYS) throw badInput(`${field}: at most ${MOST_KEYS} keys.`);
  if (keys.some((key) => key === '' || key.length > 128)) throw badInput(`${field}: a key has 1 to 128 characters.`);
  return [...new Set(keys)];
}
