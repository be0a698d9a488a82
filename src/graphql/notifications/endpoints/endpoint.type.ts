import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../../../api-id';
import type { EndpointHealth as Health, EndpointRow } from '../../../notifications/endpoints/endpoint';
import { Allow } from '../../core/allow';
import { connectionOf } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { Node } from '../../core/node.type';
import { NotificationConditions } from '../notification-filter.type';
import { EndpointTarget } from './endpoint-target.type';
import { EndpointChannel, EndpointSends, EndpointState } from './endpoint-words';

@ObjectType({ description: 'How well an endpoint is reached.' })
export class EndpointHealth {
  constructor(
    private readonly row: EndpointRow,
    private readonly health: Health | null,
  ) {}

  @Field(() => Int, { description: 'How many messages wait to be sent, batches that still gather included.' })
  get waiting(): number {
    return this.health?.waiting ?? 0;
  }

  @Field(() => DateTime, { nullable: true, description: 'When the oldest of those was made; null: none waits.' })
  get oldestWaitingSince(): Date | null {
    return this.health?.oldestAt ?? null;
  }

  @Field(() => Int, { description: 'Attempts of the last 24 hours that were accepted.' })
  get accepted(): number {
    return this.health?.accepted ?? 0;
  }

  @Field(() => Int, { description: 'Attempts of the last 24 hours that were not, or of which nobody knows.' })
  get failed(): number {
    return this.health?.failed ?? 0;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'The share of attempts of the last 24 hours that were accepted, from 0 to 1; null: there were none.',
  })
  get successRate(): number | null {
    const { accepted, failed } = this;
    return accepted + failed === 0 ? null : accepted / (accepted + failed);
  }

  @Field(() => DateTime, {
    nullable: true,
    description:
      'Since when nothing was accepted; after five days it is disabled. Null: the last attempt was accepted.',
  })
  get failingSince(): Date | null {
    return this.row.failing_since;
  }

  @Field(() => Int, { description: 'How many attempts in a row were not accepted.' })
  get failuresInARow(): number {
    return this.row.failures;
  }

  @Field(() => DateTime, {
    nullable: true,
    description:
      'Until when nothing is sent to it: it asked for that, or has failed often. Null or past: it is sent to.',
  })
  get silentUntil(): Date | null {
    return this.row.wait_until;
  }
}

@ObjectType({ implements: () => [Node], description: 'Somebody or something that is told what happens.' })
export class Endpoint implements Node {
  constructor(readonly row: EndpointRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Endpoint', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'What it is called.' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => EndpointChannel, { description: 'By what it is told.' })
  get channel(): string {
    return this.row.channel;
  }

  @Field(() => EndpointTarget, { description: 'Where to. Never a secret.' })
  @Allow('read-notifications')
  get to(): EndpointTarget {
    return EndpointTarget.from(this.row);
  }

  @Field(() => EndpointState, { description: 'Whether it is told.' })
  get state(): string {
    return this.row.state;
  }

  @Field(() => String, { nullable: true, description: 'Why it is disabled or paused.' })
  get reason(): string | null {
    return this.row.state_why;
  }

  @Field(() => DateTime, { description: 'Since when it stands so.' })
  get stateChangedAt(): Date {
    return this.row.state_changed_at;
  }

  @Field(() => EndpointSends, { description: 'How much at once it is told.' })
  get sends(): string {
    return this.row.sends;
  }

  @Field(() => NotificationConditions, { description: 'What it asks for.' })
  get filter(): NotificationConditions {
    return NotificationConditions.from(this.row.tenant_id, this.row.filter);
  }

  @Field(() => Int, { description: 'The version of the payload that it gets: the newest one when it was made.' })
  get payloadVersion(): number {
    return this.row.payload_version;
  }

  @Field(() => Int, { description: 'At most so many messages a minute.' })
  get perMinute(): number {
    return this.row.per_minute;
  }

  @Field(() => Int, { description: 'At most so many messages at the same time.' })
  get concurrency(): number {
    return this.row.concurrency;
  }

  @Field(() => DateTime, { nullable: true, description: 'When its secret was made or given; null: it has none.' })
  get secretMadeAt(): Date | null {
    return this.row.secret_made_at;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when the secret before this one signs as well; null: there is none.',
  })
  get previousSecretUntil(): Date | null {
    return this.row.previous_secret_until;
  }

  @Field(() => String, { description: 'Who made it.' })
  get madeBy(): string {
    return this.row.made_by;
  }

  @Field(() => DateTime, { description: 'When it was made: it is told what is published from then on.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { description: 'When it was last changed.' })
  get changedAt(): Date {
    return this.row.changed_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was removed; its deliveries can still be looked at.' })
  get removedAt(): Date | null {
    return this.row.deleted_at;
  }
}

export const EndpointConnection = connectionOf(Endpoint, 'Endpoint');

@ObjectType({ description: 'An endpoint with its secret, which is shown this once.' })
export class EndpointWithSecret {
  @Field(() => Endpoint, { description: 'The endpoint.' })
  readonly endpoint!: Endpoint;

  @Field(() => String, {
    nullable: true,
    description:
      'What receivers verify with: `whsec_…` (HMAC) or the public key `whpk_…` (Ed25519). Shown this once; null: its channel signs nothing, or this is the answer to a request that was sent again.',
  })
  readonly secret!: string | null;
}
