import type { EntityManager } from 'typeorm';

/** `["id", …]`: tokens, people and sessions that have ended; empty: too many to say. Whoever holds one open looks again. */
export const CREDENTIALS_CHANNEL = 'mothball_credentials';

/** A notification's payload must stay under 8,000 bytes; an id takes 39. */
const IDS_PER_NOTICE = 150;

/** Says, once the transaction is committed, that these are good no more. */
export async function announceEnd(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const payload = ids.length > IDS_PER_NOTICE ? '' : JSON.stringify(ids);
  await manager.query(`SELECT pg_notify('${CREDENTIALS_CHANNEL}', $1)`, [payload]);
}
