import { badInput } from '../../../errors';
import { newId } from '../../../ids';
import { verifyStored } from '../verification';
import { type Commanded, tenantsNamed } from './commanded';

/** What was pruned cannot be looked up: nobody is to lose last month's by a slip. */
const FEWEST_DAYS = 30;

/**
 * Deletes older entries of one or all tenants. A log that does not verify is left as it is: its checkpoint would vouch
 * for what was tampered with. Answers with the exit status: 1 when there was such a log. Throws BAD_INPUT.
 */
export async function pruneLogs(
  commanded: Commanded,
  { tenant, olderThan }: { readonly tenant: string | null; readonly olderThan: string | undefined },
): Promise<number> {
  const days = Number(/^(\d{1,5})d$/.exec(olderThan ?? '')?.[1] ?? Number.NaN);
  if (!(days >= FEWEST_DAYS)) throw badInput(`--older-than: give a number of days from ${FEWEST_DAYS}, as in "400d".`);
  let left = 0;
  for (const { id, name } of await tenantsNamed(commanded, tenant)) {
    const { broken } = await verifyStored((work) => work(commanded), id);
    if (broken) {
      commanded.say(`${name}: left as it is, since it is BROKEN at entry ${broken.seq}. ${broken.message}`);
      left += 1;
      continue;
    }
    const rows = await commanded.query<{ deleted: number }[]>(
      'SELECT prune_audit_entries($1, now() - make_interval(days => $2), $3)::float8 AS deleted',
      [id, days, JSON.stringify(NOTE())],
    );
    commanded.say(`${name}: ${rows[0]?.deleted ?? 0} entries pruned.`);
  }
  return left === 0 ? 0 : 1;
}

const NOTE = () => ({
  id: newId(),
  actor_kind: 'service',
  actor_id: 'audit:prune',
  actor_name: 'npm run audit:prune',
  actor_stands_for: 'operator',
});
