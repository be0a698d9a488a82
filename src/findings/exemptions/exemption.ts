import type { IdentityKind } from '../../scans/inventory';
import type { CheckId } from '../policy';

export const EXEMPTION_STATES = ['pending', 'in-force', 'refused', 'ended'] as const;
export type ExemptionState = (typeof EXEMPTION_STATES)[number];

/** What is spared. */
export type ExemptionScope =
  /** One identity by its AWS unique id, so that one made anew under the same name is not spared; or one access key. */
  | { readonly kind: 'identity'; readonly uniqueId: string }
  /** Users and roles by path and name. */
  | { readonly kind: 'glob'; readonly pattern: string }
  /** Users and roles by their own tag; `value` is a glob, null: any. */
  | { readonly kind: 'tag'; readonly key: string; readonly value: string | null }
  | { readonly kind: 'account'; readonly awsAccountId: string };

/** Null: not limited. */
export interface ExemptionLimits {
  readonly checks: readonly CheckId[] | null;
  readonly kinds: readonly IdentityKind[] | null;
  /** AWS account ids. */
  readonly accounts: readonly string[] | null;
  /** Paths; each with everything below it. */
  readonly organizationalUnits: readonly string[] | null;
}

/** What judging needs to know of an exemption. */
export interface Sparing {
  readonly id: string;
  readonly scope: ExemptionScope;
  readonly limits: ExemptionLimits;
  readonly reason: string;
  readonly endsAt: Date;
}

export interface ExemptionRow {
  tenant_id: string;
  id: string;
  scope_kind: ExemptionScope['kind'];
  scope_value: string;
  tag_value: string | null;
  checks: CheckId[] | null;
  kinds: IdentityKind[] | null;
  accounts: string[] | null;
  organizational_units: string[] | null;
  reason: string;
  owner_id: string;
  state: ExemptionState;
  made_by: string;
  made_by_stands_for: string;
  made_at: Date;
  ends_at: Date;
  agreed_by: string | null;
  agreed_at: Date | null;
  proposed_ends_at: Date | null;
  proposed_by: string | null;
  proposed_by_stands_for: string | null;
  ended_by: string | null;
  ended_at: Date | null;
  end_note: string | null;
  announced_14_days: Date | null;
  announced_3_days: Date | null;
}

export function scopeOf(row: Pick<ExemptionRow, 'scope_kind' | 'scope_value' | 'tag_value'>): ExemptionScope {
  switch (row.scope_kind) {
    case 'identity':
      return { kind: 'identity', uniqueId: row.scope_value };
    case 'glob':
      return { kind: 'glob', pattern: row.scope_value };
    case 'tag':
      return { kind: 'tag', key: row.scope_value, value: row.tag_value };
    case 'account':
      return { kind: 'account', awsAccountId: row.scope_value };
  }
}

export const limitsOf = (
  row: Pick<ExemptionRow, 'checks' | 'kinds' | 'accounts' | 'organizational_units'>,
): ExemptionLimits => ({
  checks: row.checks,
  kinds: row.kinds,
  accounts: row.accounts,
  organizationalUnits: row.organizational_units,
});

/** More than one identity may be spared, also such as do not exist yet: a second person must agree. */
export const isWide = (scope: ExemptionScope): boolean => scope.kind !== 'identity';

/** A scope and its limits in words. */
export function describeScope(scope: ExemptionScope, limits: ExemptionLimits): string {
  const { checks, kinds, accounts, organizationalUnits } = limits;
  const parts = [
    describe(scope),
    checks && `checks ${checks.join(', ')}`,
    kinds && `kinds ${kinds.join(', ')}`,
    accounts && `in accounts ${accounts.join(', ')}`,
    organizationalUnits && `in ${organizationalUnits.join(', ')}`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function describe(scope: ExemptionScope): string {
  switch (scope.kind) {
    case 'identity':
      return scope.uniqueId;
    case 'glob':
      return `path and name ${scope.pattern}`;
    case 'tag':
      return scope.value === null ? `tag ${scope.key}` : `tag ${scope.key}=${scope.value}`;
    case 'account':
      return `account ${scope.awsAccountId}`;
  }
}
