import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../../../api-id';
import type { AttemptRow, DeliveryRow } from '../../../notifications/deliveries/delivery';
import { messageIdOf } from '../../../notifications/deliveries/message-id';
import { Allow } from '../../core/allow';
import { connectionOf } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { Node } from '../../core/node.type';
import { AttemptOutcome, DeliveryKind, DeliveryState } from './delivery-words';

@ObjectType({ description: 'One attempt to send a message.' })
export class DeliveryAttempt {
  constructor(readonly row: AttemptRow) {}

  @Field(() => DateTime, { description: 'When it was sent.' })
  get at(): Date {
    return this.row.at;
  }

  @Field(() => AttemptOutcome, { description: 'What came of it.' })
  get outcome(): string {
    return this.row.outcome;
  }

  @Field(() => Int, { nullable: true, description: 'The status of the answer; null: there was none, or it has none.' })
  get status(): number | null {
    return this.row.status;
  }

  @Field(() => Int, { nullable: true, description: 'How long it took, in milliseconds.' })
  get latencyMs(): number | null {
    return this.row.latency_ms;
  }

  @Field(() => String, { nullable: true, description: 'The start of the answer, 1,000 characters at most.' })
  @Allow('read-notifications')
  get answer(): string | null {
    return this.row.answer;
  }

  @Field(() => String, { nullable: true, description: 'Why it was not accepted.' })
  @Allow('read-notifications')
  get why(): string | null {
    return this.row.why;
  }
}

@ObjectType({ implements: () => [Node], description: 'One message for one endpoint, with all of its attempts.' })
export class Delivery implements Node {
  constructor(readonly row: DeliveryRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Delivery', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, {
    description:
      'What the receiver gets as `webhook-id`: the same in each attempt and replay, so that it can tell them.',
  })
  get messageId(): string {
    return messageIdOf(this.row);
  }

  @Field(() => DeliveryKind, { description: 'What it is about.' })
  get kind(): string {
    return this.row.kind;
  }

  @Field(() => String, { description: 'Its type, as the receiver gets it: "finding.opened".' })
  get type(): string {
    return this.row.type;
  }

  @Field(() => DeliveryState, { description: 'How it stands.' })
  get state(): string {
    return this.row.state;
  }

  @Field(() => String, { nullable: true, description: 'Why it failed, was superseded or cancelled.' })
  get reason(): string | null {
    return this.row.state_why;
  }

  @Field(() => Int, { description: 'How many attempts there were in this round: ten at most.' })
  get attemptsMade(): number {
    return this.row.attempts;
  }

  @Field(() => Int, { description: 'How often it was replayed: each time begins a new round of attempts.' })
  get replays(): number {
    return this.row.replays;
  }

  @Field(() => DateTime, { description: 'When it was made.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it is sent next, at the earliest; null: it is over.' })
  get nextAttemptAt(): Date | null {
    return this.row.next_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was over; null: it is not.' })
  get endedAt(): Date | null {
    return this.row.ended_at;
  }
}

export const DeliveryConnection = connectionOf(Delivery, 'Delivery');
