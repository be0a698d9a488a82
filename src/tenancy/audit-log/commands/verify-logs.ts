import { readAnchors } from '../anchors';
import type { ChainHead } from '../chain';
import { verifyStored } from '../verification';
import { type Commanded, type NamedTenant, tenantsNamed } from './commanded';

/** Verifies one or all tenants' logs; answers with the exit status: 1 when one is not as it was written. */
export async function verifyLogs(
  commanded: Commanded,
  options: { readonly tenant: string | null; readonly anchors: string | null },
): Promise<number> {
  const anchors = options.anchors === null ? new Map<string, ChainHead[]>() : await readAnchors(options.anchors);
  const tenants = await tenantsNamed(commanded, options.tenant);
  let broken = 0;
  for (const tenant of tenants) if (!(await verifyOne(commanded, tenant, anchors.get(tenant.id) ?? []))) broken += 1;
  if (options.tenant === null) {
    for (const id of anchors.keys()) {
      if (tenants.some((tenant) => tenant.id === id)) continue;
      commanded.say(`${id}: BROKEN. The anchors know this tenant, the database does not: its log is gone.`);
      broken += 1;
    }
  }
  const among = `${tenants.length} ${tenants.length === 1 ? 'log' : 'logs'}`;
  commanded.say(broken === 0 ? `${among} verified.` : `${broken} of ${among} NOT as written.`);
  return broken === 0 ? 0 : 1;
}

async function verifyOne(
  commanded: Commanded,
  { id, name }: NamedTenant,
  anchors: readonly ChainHead[],
): Promise<boolean> {
  const { entries, upTo, broken } = await verifyStored((work) => work(commanded), id, { anchors });
  if (broken) {
    commanded.say(`${name}: BROKEN at entry ${broken.seq} (${broken.fault}). ${broken.message}`);
    return false;
  }
  const checked = anchors.length > 0 ? `, against ${anchors.length} anchors` : '';
  const from = entries > 0 && entries < upTo ? ` (${upTo - entries + 1} to ${upTo}; those before were pruned)` : '';
  commanded.say(`${name}: ${entries} ${entries === 1 ? 'entry' : 'entries'}${from}, whole${checked}.`);
  return true;
}
