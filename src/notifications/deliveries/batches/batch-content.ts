import { encodeId } from '../../../api-id';
import { sortedJson } from '../../../tenancy/audit-log/canonical-json';
import { batch as message } from '../../catalogue/other-messages';
import { LARGEST_PAYLOAD, linkTo, payloadOf } from '../../catalogue/payload';
import { thin } from '../../catalogue/thin';
import type { Filterable } from '../../endpoints/event-filter';
import type { PublishedEvent } from '../../publishing/published-event';
import type { Content, DeliveryRow } from '../delivery';
import { messageIdOf } from '../message-id';

/** One of a batch's events, as far as counting needs it. */
export interface BatchPart extends Filterable {
  readonly id: string;
  readonly at: Date;
  readonly publishedAt: Date;
}

export interface Batch {
  readonly row: Pick<DeliveryRow, 'tenant_id' | 'id' | 'event_id' | 'account_id'>;
  /** In order; what it asked for only. */
  readonly parts: readonly BatchPart[];
  /** The first of them, whole. */
  readonly shown: readonly PublishedEvent[];
  readonly account: { readonly name: string; readonly awsAccountId: string } | null;
  readonly version: number;
  readonly publicUrl: string | null;
}

/** More would not fit anyway. */
export const MOST_SHOWN = 100;

/**
 * What a batch says: how many events of which type, the first ones whole as far as they fit under 20 kB, and where the rest
 * is (`events` of the API, with these filters). Pure. Null: there is nothing to say.
 */
export function contentOfBatch(batch: Batch): Content | null {
  const { row, parts, account, version, publicUrl } = batch;
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) return null;
  const counts = new Map<string, number>();
  for (const { type } of parts) counts.set(type, (counts.get(type) ?? 0) + 1);
  const byType = Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  const link = linkTo(publicUrl);
  const accountId = row.account_id && encodeId('Account', row.tenant_id, row.account_id);
  const bodyWith = (events: readonly object[]): string =>
    sortedJson({
      type: message.type,
      timestamp: last.at.toISOString(),
      data: message.data.parse({
        account: account && { id: accountId, ...thin(account) },
        count: parts.length,
        byType,
        events,
        more: parts.length - events.length,
        // As arguments of `events`: published from … and before …
        rest: {
          from: first.publishedAt.toISOString(),
          to: new Date(last.publishedAt.getTime() + 1).toISOString(),
          accountId,
        },
      }),
      id: messageIdOf(row),
      version,
      tenant: encodeId('Tenant', row.tenant_id, row.tenant_id),
      link,
    });
  return { body: bodyWith(fitting(batch, bodyWith([]))), words: wordsOf(batch, byType, link) };
}

/** The first events that fit. */
function fitting({ shown, version, publicUrl }: Batch, empty: string): object[] {
  const events: object[] = [];
  let bytes = Buffer.byteLength(empty) + 1;
  for (const event of shown) {
    const { id, type, timestamp, data } = JSON.parse(payloadOf(event, version, publicUrl).body) as Record<
      string,
      unknown
    >;
    const one = { id, type, timestamp, data };
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    if (bytes >= LARGEST_PAYLOAD) break;
    events.push(one);
  }
  return events;
}

function wordsOf({ parts, account }: Batch, byType: Record<string, number>, link: string | null): Content['words'] {
  const where = account === null ? 'of no account' : `in ${account.name} (${account.awsAccountId})`;
  return {
    title: `${parts.length} ${parts.length === 1 ? 'event' : 'events'} ${where}`,
    text: 'These happened together.',
    facts: Object.entries(byType).map(([name, count]) => ({ name, value: String(count) })),
    link,
  };
}
