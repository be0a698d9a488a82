import type { EntityManager } from 'typeorm';
import { findEventType } from '../../catalogue/index';
import type { SubjectKind } from '../../catalogue/subjects';
import { readAccounts } from './account.facts';
import { readConnections } from './connection.facts';
import { readEndpoints } from './endpoint.facts';
import { readExemptions } from './exemption.facts';
import { readFindings } from './finding.facts';
import { readItems } from './item.facts';
import type { Known, ReadKnown, StoredEvent } from './known';
import { readPlans } from './plan.facts';
import { readScans } from './scan.facts';

const READERS: { readonly [K in SubjectKind]: ReadKnown<K> } = {
  finding: readFindings,
  scan: readScans,
  account: readAccounts,
  plan: readPlans,
  item: readItems,
  exemption: readExemptions,
  endpoint: readEndpoints,
  connection: readConnections,
  tenant: async (_manager, _tenantId, events) => new Map(events.map(({ id }) => [id, { subject: {}, facets: {} }])),
};

/** What is known of all these events' objects, by the events' ids: one statement for each kind of object among them. */
export async function readKnown(
  manager: EntityManager,
  tenantId: string,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<string, Known>> {
  const byKind = new Map<SubjectKind, StoredEvent[]>();
  for (const event of events) {
    const kind = findEventType(event.type)?.about;
    if (kind === undefined) continue;
    const same = byKind.get(kind);
    if (same) same.push(event);
    else byKind.set(kind, [event]);
  }
  const known = new Map<string, Known>();
  for (const [kind, same] of byKind) {
    for (const [id, one] of await READERS[kind](manager, tenantId, same)) known.set(id, one);
  }
  return known;
}
