import type { Role } from '../principal';
import type { RoleRule } from './oidc-settings';

/** What a person's claims lead to, by configuration. */
export interface MappedRoles {
  readonly platform: 'admin' | 'viewer' | null;
  /** By the tenant's name in lower case. */
  readonly tenants: ReadonlyMap<string, Role>;
}

type Claims = Readonly<Record<string, unknown>>;

/** Of several rules for the platform, or for one tenant, the first that fits decides. */
export function mapRoles(rules: readonly RoleRule[], claims: Claims): MappedRoles {
  let platform: MappedRoles['platform'] = null;
  const tenants = new Map<string, Role>();
  for (const rule of rules) {
    if (!valuesOf(claims, rule.claim).some((value) => fits(rule.value, value))) continue;
    if (rule.platform !== undefined) platform ??= rule.platform;
    const tenant = rule.tenant?.toLowerCase();
    if (tenant !== undefined && rule.role !== undefined && !tenants.has(tenant)) tenants.set(tenant, rule.role);
  }
  return { platform, tenants };
}

/** The claims that rules ask for, as far as there are any: all that a session needs to remember. */
export function claimsOfRules(rules: readonly RoleRule[], claims: Claims): Claims {
  const kept = rules.map(({ claim }) => [claim, valuesOf(claims, claim)] as const);
  return Object.fromEntries(kept.filter(([, values]) => values.length > 0));
}

/** As texts. A claim's whole name comes first: names that are addresses have dots, too. */
function valuesOf(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : inside(claims, name.split('.'));
  return (Array.isArray(value) ? (value as unknown[]) : [value])
    .filter((one) => ['string', 'number', 'boolean'].includes(typeof one))
    .map(String);
}

function inside(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, first)) return undefined;
  return inside((value as Claims)[first], rest);
}

/** `*` stands for any characters, none included. One step a part: no value can make it slow. */
export function fits(pattern: string, value: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return value === pattern;
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}
