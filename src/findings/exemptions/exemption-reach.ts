import sql, { join, type Sql } from 'sql-template-tag';
import { underOu } from '../../accounts/account-queries';
import type { ExemptionLimits, ExemptionScope } from './exemption';

/**
 * What `ExemptionSet.match` decides about one identity, as conditions on identities `i` of accounts `a`: which ones an
 * exemption covers now.
 */
export function reachOf(scope: ExemptionScope, limits: Omit<ExemptionLimits, 'checks'>): Sql[] {
  const where = [...scopeConditions(scope)];
  if (limits.kinds !== null) where.push(sql`i.kind = ANY (${limits.kinds}::text[])`);
  if (limits.accounts !== null) where.push(sql`a.aws_account_id = ANY (${limits.accounts}::text[])`);
  if (limits.organizationalUnits !== null) {
    where.push(sql`(${join(limits.organizationalUnits.map(underOu), ' OR ')})`);
  }
  return where;
}

function scopeConditions(scope: ExemptionScope): Sql[] {
  switch (scope.kind) {
    case 'identity':
      return [sql`(i.unique_id = ${scope.uniqueId} OR i.access_key_id = ${scope.uniqueId})`];
    case 'glob':
      return [NOT_ROOT, sql`i.path || coalesce(i.user_name, i.name) LIKE ${likeOf(scope.pattern)}`];
    case 'tag': {
      const value = scope.value === null ? sql`true` : sql`g.value LIKE ${likeOf(scope.value)}`;
      return [
        NOT_ROOT,
        sql`EXISTS (SELECT 1 FROM identity_tags g WHERE g.tenant_id = i.tenant_id
              AND g.identity_id = coalesce(i.owner_id, i.id) AND g.key = ${scope.key} AND ${value})`,
      ];
    }
    case 'account':
      return [NOT_ROOT, sql`a.aws_account_id = ${scope.awsAccountId}`];
  }
}

const NOT_ROOT = sql`NOT i.is_root`;

/** A glob as a pattern of LIKE, which knows the same two wildcards. */
const likeOf = (glob: string): string =>
  glob
    .replace(/[\\%_]/g, (special) => `\\${special}`)
    .replaceAll('*', '%')
    .replaceAll('?', '_');
