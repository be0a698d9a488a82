import { Field, ID, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../../../api-id';
import { findEventType } from '../../../notifications/catalogue/index';
import type { PublishedEvent as Row } from '../../../notifications/publishing/published-event';
import { connectionOf } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { Node } from '../../core/node.type';

@ObjectType({
  implements: () => [Node],
  description: 'Something that has happened, as webhooks hear of it. docs/events.md describes each type.',
})
export class PublishedEvent implements Node {
  constructor(readonly row: Row) {}

  @Field(() => ID, { description: 'Its id in this API; webhooks send it as `webhook-id: evt_<id>`.' })
  get id(): string {
    return encodeId('Event', this.row.tenantId, this.row.id);
  }

  @Field(() => String, { description: 'What has happened: "finding.opened", "account.lost-access" …' })
  get type(): string {
    return this.row.type;
  }

  @Field(() => String, { description: 'What that type means, in one sentence.' })
  get what(): string {
    return findEventType(this.row.type)?.what ?? '';
  }

  @Field(() => DateTime, { description: 'When it happened.' })
  get at(): Date {
    return this.row.at;
  }

  @Field(() => DateTime, { description: 'When it was published: this is what the list is in the order of.' })
  get publishedAt(): Date {
    return this.row.publishedAt;
  }
}

export const PublishedEventConnection = connectionOf(PublishedEvent, 'PublishedEvent');
