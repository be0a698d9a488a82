import { arnMatches, wildcard } from './matching';
import type { ConditionBlock } from './policy-document';

/** Condition keys of one request; names are compared without regard to case. */
export class ConditionContext {
  private readonly values = new Map<string, string[]>();

  set(key: string, value: string | readonly string[] | undefined): this {
    if (value !== undefined) this.values.set(key.toLowerCase(), typeof value === 'string' ? [value] : [...value]);
    return this;
  }

  get(key: string): string[] | undefined {
    return this.values.get(key.toLowerCase());
  }

  /** A copy with more keys on top. */
  with(more: Iterable<readonly [string, string | readonly string[] | undefined]>): ConditionContext {
    const copy = new ConditionContext();
    for (const [key, value] of this.values) copy.values.set(key, value);
    for (const [key, value] of more) copy.set(key, value);
    return copy;
  }
}

type Compare = (wanted: string, given: string) => boolean;

const numeric =
  (holds: (given: number, wanted: number) => boolean): Compare =>
  (wanted, given) =>
    holds(Number(given), Number(wanted));

const date =
  (holds: (given: number, wanted: number) => boolean): Compare =>
  (wanted, given) =>
    holds(instant(given), instant(wanted));

const instant = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const positive: Record<string, Compare> = {
  stringequals: (wanted, given) => wanted === given,
  stringequalsignorecase: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  stringlike: wildcard,
  arnequals: arnMatches,
  arnlike: arnMatches,
  bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  binaryequals: (wanted, given) => wanted === given,
  ipaddress: (wanted, given) => inRange(wanted, given),
  numericequals: numeric((a, b) => a === b),
  numericlessthan: numeric((a, b) => a < b),
  numericlessthanequals: numeric((a, b) => a <= b),
  numericgreaterthan: numeric((a, b) => a > b),
  numericgreaterthanequals: numeric((a, b) => a >= b),
  dateequals: date((a, b) => a === b),
  datelessthan: date((a, b) => a < b),
  datelessthanequals: date((a, b) => a <= b),
  dategreaterthan: date((a, b) => a > b),
  dategreaterthanequals: date((a, b) => a >= b),
};

/** A negated operator is true when no listed value matches, and also when the key is missing. */
const negated: Record<string, string> = {
  stringnotequals: 'stringequals',
  stringnotequalsignorecase: 'stringequalsignorecase',
  stringnotlike: 'stringlike',
  arnnotequals: 'arnequals',
  arnnotlike: 'arnlike',
  numericnotequals: 'numericequals',
  datenotequals: 'dateequals',
  notipaddress: 'ipaddress',
};

/** True when every operator and key of the block holds. An operator that IAM does not have never holds. */
export function conditionsHold(block: ConditionBlock, context: ConditionContext): boolean {
  return Object.entries(block).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, key, wanted, context)),
  );
}

function holds(operator: string, key: string, wanted: string[], context: ConditionContext): boolean {
  let name = operator.toLowerCase();
  let set: 'any' | 'all' | undefined;
  if (name.startsWith('foranyvalue:')) set = 'any';
  if (name.startsWith('forallvalues:')) set = 'all';
  if (set) name = name.slice(name.indexOf(':') + 1);
  const ifExists = name.endsWith('ifexists');
  if (ifExists) name = name.slice(0, -'ifexists'.length);

  const given = context.get(key);
  if (name === 'null') return wanted.some((value) => (value.toLowerCase() === 'true') === (given === undefined));

  const inverse = negated[name];
  const compare = positive[inverse ?? name];
  if (!compare) return false;
  if (given === undefined || given.length === 0)
    return ifExists || set === 'all' || (inverse !== undefined && set !== 'any');

  const values = wanted.map((value) => substitute(value, context));
  const matches = (one: string): boolean => values.some((value) => compare(value, one)) !== (inverse !== undefined);
  return set === 'any' || (set === undefined && inverse === undefined) ? given.some(matches) : given.every(matches);
}

/** Policy variables: `${aws:username}`, `${aws:PrincipalTag/team}`, with `${key, 'default'}`; `${*}` and `${?}` are the characters. */
export function substitute(text: string, context: ConditionContext): string {
  if (!text.includes('${')) return text;
  return text.replace(/\$\{([^}]*)\}/g, (whole, inside: string) => {
    if (inside === '*' || inside === '?' || inside === '$') return inside;
    const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)')?\s*$/.exec(inside) ?? [];
    return context.get(key)?.[0] ?? fallback ?? whole;
  });
}

function inRange(range: string, address: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  const wanted = ipv4(base);
  const given = ipv4(address);
  if (wanted === undefined || given === undefined) return base === address;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(wanted / size) === Math.floor(given / size);
}

function ipv4(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
