import type { EntityManager } from 'typeorm';
import { badInput, notFound } from '../../errors';
import type { CheckId } from '../policy';
import type { ExemptionLimits, ExemptionScope } from './exemption';

const MOST = 200;

interface NamedRow {
  finding_id: string;
  check_id: CheckId;
  kind: 'user' | 'role' | 'password' | 'access-key';
  name: string;
  unique_id: string;
  access_key_id: string | null;
  is_root: boolean;
  gone: boolean;
}

/**
 * What exempting these findings spares: each identity once, by its unique id, from the checks that were chosen and from
 * no other. A password has its user's id and a check of its own. Throws BAD_INPUT, or NOT_FOUND.
 */
export async function namedByFindings(
  manager: EntityManager,
  tenantId: string,
  findingIds: readonly string[],
): Promise<{ scope: ExemptionScope; limits: ExemptionLimits }[]> {
  const wanted = [...new Set(findingIds)];
  if (wanted.length === 0) throw badInput('ids: the list is empty: name the findings to exempt.');
  if (wanted.length > MOST) throw badInput(`ids: at most ${MOST} findings at once; make several requests, or a glob.`);
  const rows = await manager.query<NamedRow[]>(
    `SELECT f.id AS finding_id, f.check_id, i.kind, i.name, i.unique_id, i.access_key_id, i.is_root,
       i.gone_at IS NOT NULL AS gone
     FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
     WHERE f.tenant_id = $1 AND f.id = ANY ($2::uuid[]) ORDER BY i.unique_id, f.check_id, f.id`,
    [tenantId, wanted],
  );
  if (rows.length < wanted.length) throw notFound('ids: a finding');
  const checksOf = new Map<string, Set<CheckId>>();
  for (const row of rows) {
    const uniqueId = uniqueIdOf(row);
    checksOf.set(uniqueId, (checksOf.get(uniqueId) ?? new Set()).add(row.check_id));
  }
  return [...checksOf].map(([uniqueId, checks]) => ({
    scope: { kind: 'identity', uniqueId },
    limits: { checks: [...checks], kinds: null, accounts: null, organizationalUnits: null },
  }));
}

/** A key's own id: its user's would spare the other key, too. Root's keys have none that can be asked for. */
function uniqueIdOf({ kind, name, unique_id, access_key_id, is_root, gone }: NamedRow): string {
  if (gone) throw badInput(`ids: ${name} no longer exists, so there is nothing to exempt.`);
  if (kind !== 'access-key' || is_root) return unique_id;
  if (access_key_id !== null) return access_key_id;
  throw badInput(
    `ids: the id of the access key ${name} is not known yet; have it rechecked, or exempt its user by unique id.`,
  );
}
