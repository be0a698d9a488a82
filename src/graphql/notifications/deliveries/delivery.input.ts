import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { readIdOf, readIdsOf } from '../../../api-id';
import type { DeliveryKind as Kind, DeliveryState as State } from '../../../notifications/deliveries/delivery';
import type { DeliveryFilter } from '../../../notifications/deliveries/delivery-queries';
import { mustBeInOrder } from '../../cleanup/plan.input';
import { ActArgs } from '../../core/acting';
import { ScopedConnectionArgs } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { DeliveryKind, DeliveryState } from './delivery-words';

@InputType('DeliveryFilter', { description: 'Which messages; all conditions must hold.' })
export class DeliveryFilterInput {
  @Field(() => [ID], { nullable: true, description: 'For one of these endpoints (their ids).' })
  readonly endpoints?: string[] | null;

  @Field(() => [DeliveryState], { nullable: true, description: 'Standing in one of these ways.' })
  readonly states?: State[] | null;

  @Field(() => [DeliveryKind], { nullable: true, description: 'About one of these.' })
  readonly kinds?: Kind[] | null;

  @Field(() => [String], { nullable: true, description: 'Of one of these types: "finding.opened".' })
  readonly types?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Of this event (its id).' })
  readonly event?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Made at this time or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Made before this time.' })
  readonly to?: Date | null;
}

@ArgsType()
export class DeliveriesArgs extends ScopedConnectionArgs {
  @Field(() => DeliveryFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: DeliveryFilterInput | null;
}

/** As the queries take it. Throws BAD_INPUT for ids that are none and times that leave nothing. */
export function toDeliveryFilter(input: DeliveryFilterInput | null | undefined): DeliveryFilter {
  const { endpoints, event, from, to, ...rest } = input ?? {};
  mustBeInOrder(from, to);
  return {
    ...{ ...rest, from: from ?? null, to: to ?? null },
    endpointIds: readIdsOf('Endpoint', endpoints, 'filter.endpoints') ?? null,
    eventId: event == null ? null : readIdOf('Event', event, 'filter.event').id,
  };
}

@ArgsType()
export class DeliveryArgs extends ActArgs {
  @Field(() => ID, { description: 'The delivery (its id).' })
  readonly id!: string;
}

@ArgsType()
export class ReplayDeliveriesArgs extends ActArgs {
  @Field(() => ID, { description: 'The endpoint (its id).' })
  readonly endpoint!: string;

  @Field(() => DateTime, { nullable: true, description: 'What was made at this time or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'What was made before this time.' })
  readonly to?: Date | null;

  @Field(() => ID, {
    nullable: true,
    description: 'From this event on (its id): itself and what was published after it.',
  })
  readonly fromEvent?: string | null;

  @Field(() => ID, { nullable: true, description: 'Up to this event (its id), itself included.' })
  readonly toEvent?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True (the default): only what has failed; false: what was delivered or superseded, too. Then say from when on.',
  })
  readonly onlyFailed?: boolean | null;
}

@ArgsType()
export class CancelDeliveriesArgs extends ActArgs {
  @Field(() => ID, { description: 'The endpoint (its id).' })
  readonly endpoint!: string;

  @Field(() => [ID], { nullable: true, description: 'These only (their ids), 200 at most; left out: all that wait.' })
  readonly ids?: string[] | null;
}
