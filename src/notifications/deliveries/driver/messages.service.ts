import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { type EntityManager, QueryFailedError } from 'typeorm';
import { encodeId } from '../../../api-id';
import { Config } from '../../../config';
import { payloadOf } from '../../catalogue/payload';
import type { Message, MessageSubject } from '../../channels/message';
import type { PublishedEvent } from '../../publishing/published-event';
import { PublishedEventQueries } from '../../publishing/published-event-queries';
import { Batches } from '../batches/batches.service';
import type { Content } from '../delivery';
import { messageIdOf } from '../message-id';
import type { DueDelivery } from './due-deliveries.service';
import type { SendingEndpoint } from './sending-endpoint';

/** What each delivery says. */
@Injectable()
export class Messages {
  private readonly logger = new Logger(Messages.name);

  constructor(
    private readonly events: PublishedEventQueries,
    private readonly batches: Batches,
    private readonly config: Config,
  ) {}

  /**
   * By delivery's id; one that is missing has nothing to say: what it speaks of is not kept any more. A batch that is composed now is given its
   * content, to be written with its first attempt.
   */
  async of(
    manager: EntityManager,
    endpoint: SendingEndpoint,
    due: readonly DueDelivery[],
  ): Promise<Map<string, Message>> {
    const ids = due.flatMap(({ event_id: id }) => id ?? []);
    const events = ids.length === 0 ? [] : await this.events.byIds({ manager, tenantId: endpoint.tenant_id }, ids);
    const byId = new Map(events.map((event) => [event.id, event]));
    const messages = new Map<string, Message>();
    for (const delivery of due) {
      const event = delivery.event_id === null ? undefined : byId.get(delivery.event_id);
      const content =
        delivery.event_id === null ? await this.made(manager, endpoint, delivery) : this.ofEvent(endpoint, event);
      if (!content) continue;
      const about = subjectOf(delivery, event);
      messages.set(delivery.id, { ...content, id: messageIdOf(delivery), type: delivery.type, about });
    }
    return messages;
  }

  private ofEvent(endpoint: SendingEndpoint, event: PublishedEvent | undefined): Content | null {
    if (!event) return null;
    try {
      return payloadOf(event, endpoint.payload_version, this.config.publicUrl);
    } catch (error) {
      return this.untellable(error, { event: event.id, tenant: endpoint.tenant_id });
    }
  }

  private async made(
    manager: EntityManager,
    endpoint: SendingEndpoint,
    delivery: DueDelivery,
  ): Promise<Content | null> {
    const { payload } = delivery;
    if (payload === null || 'body' in payload) return payload;
    try {
      const content = await this.batches.compose(manager, delivery, payload.filter, endpoint.payload_version);
      if (content) delivery.payload = content;
      return content;
    } catch (error) {
      // The database's errors end the transaction, and are tried again.
      if (error instanceof QueryFailedError) throw error;
      return this.untellable(error, { delivery: delivery.id, tenant: endpoint.tenant_id });
    }
  }

  /** One that cannot be told must not hold up those behind it. */
  private untellable(error: unknown, what: Readonly<Record<string, string>>): null {
    this.logger.error({ err: error, ...what }, 'A message cannot be told.');
    return null;
  }
}

function subjectOf(delivery: DueDelivery, event: PublishedEvent | undefined): MessageSubject {
  const { object_key: key, account_id: account, tenant_id: tenantId } = delivery;
  return {
    // Leaves the service, so without the ids of the database.
    objectKey: key && createHash('sha256').update(`${tenantId} ${key}`).digest('base64url').slice(0, 32),
    severity: event?.facets.severity,
    account: account === null ? undefined : encodeId('Account', tenantId, account),
  };
}
