import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { withFreshKeys } from './collectors/fresh-keys';
import { nameKeys, type ListedKey } from './collectors/name-keys';
import type { Known, OtherCredentials } from './inventory';
import { keyRowsOf } from './inventory-rows';
import { type AccountAt, InventoryWriter } from './inventory-writer';
import type { StoredUser } from './stored-inventory';

/** Remembers what was asked for single users beyond the scan, so that the next scan need not ask again. */
@Injectable()
export class LookedUp {
  constructor(private readonly writer: InventoryWriter) {}

  /** Writes the ids of keys, or why a key has none; also which keys were made, deleted or switched off since the report. */
  async keyIds(
    manager: EntityManager,
    account: AccountAt,
    users: readonly StoredUser[],
    listed: ReadonlyMap<string, Known<readonly ListedKey[]>>,
  ): Promise<void> {
    for (const stored of users) {
      const answer = listed.get(stored.user.name);
      if (answer?.state === 'known') await this.freshKeys(manager, account, stored, answer.value);
    }
    const rows = users.flatMap((stored) => {
      const answer = listed.get(stored.user.name);
      return answer ? keyRows(stored, answer) : [];
    });
    await manager.query(
      `UPDATE identities i SET access_key_id = coalesce(r.access_key_id, i.access_key_id), key_id_asked_at = $3,
         key_id_problem = r.problem
       FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, access_key_id text, problem text)
       WHERE i.tenant_id = $1 AND i.account_id = $2 AND i.id = r.id`,
      [account.tenantId, account.accountId, account.at, JSON.stringify(rows)],
    );
  }

  private async freshKeys(
    manager: EntityManager,
    account: AccountAt,
    { id, user }: StoredUser,
    listed: readonly ListedKey[],
  ): Promise<void> {
    const before = new Map(keyRowsOf(user).map((row) => [row.natural_key, row]));
    const now = keyRowsOf(withFreshKeys(user, listed));
    const changed = now.filter((row) => before.get(row.natural_key)?.content_hash !== row.content_hash);
    const there = new Set(now.map((row) => row.natural_key));
    const gone = [...before.keys()].filter((key) => !there.has(key));
    if (changed.length + gone.length === 0) return;
    await this.writer.write(manager, account, changed);
    await this.writer.markLookedAt(manager, account, id, gone);
  }

  /** Writes the credentials that no report shows, or why they could not be read. */
  async otherCredentials(
    manager: EntityManager,
    account: AccountAt,
    users: readonly StoredUser[],
    found: ReadonlyMap<string, Known<OtherCredentials>>,
  ): Promise<void> {
    const rows = users.flatMap(({ id, user }) => {
      const answer = found.get(user.name);
      if (!answer) return [];
      const known = answer.state === 'known';
      return [{ id, value: known ? answer.value : null, problem: known ? null : answer.reason }];
    });
    await manager.query(
      `UPDATE identities i SET other_credentials = r.value, other_credentials_problem = r.problem, other_credentials_at = $3
       FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, value jsonb, problem text)
       WHERE i.tenant_id = $1 AND i.account_id = $2 AND i.id = r.id`,
      [account.tenantId, account.accountId, account.at, JSON.stringify(rows)],
    );
  }
}

function keyRows({ keys }: StoredUser, answer: Known<readonly ListedKey[]>) {
  if (answer.state === 'unknown') return keys.map(({ id }) => ({ id, access_key_id: null, problem: answer.reason }));
  const named = nameKeys(
    keys.map(({ key }) => key),
    answer.value,
  );
  return keys.map(({ id }, index) => {
    const key = named.keys[index];
    const problem = named.unnamed.find(({ slot }) => slot === key?.slot)?.reason ?? null;
    return { id, access_key_id: key?.accessKeyId ?? null, problem };
  });
}
