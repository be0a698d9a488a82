import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { readIdOf, readIdsOf } from '../../../api-id';
import type { TicketRow } from '../../../notifications/tickets/ticket';
import type { TicketQueryFilter } from '../../../notifications/tickets/ticket-queries';
import { ActArgs } from '../../core/acting';
import { ScopedConnectionArgs } from '../../core/connection';
import { TicketState } from './ticket-words';

@InputType('TicketFilter', { description: 'Which tickets; all conditions must hold.' })
export class TicketFilterInput {
  @Field(() => [ID], { nullable: true, description: 'Of one of these connections (their ids).' })
  readonly connections?: string[] | null;

  @Field(() => [TicketState], { nullable: true, description: 'Standing in one of these ways.' })
  readonly states?: TicketRow['state'][] | null;

  @Field(() => ID, { nullable: true, description: 'That speak of this finding (its id).' })
  readonly finding?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: those that stand still until somebody mends their `problem`; false: the others.',
  })
  readonly stuck?: boolean | null;
}

@ArgsType()
export class TicketsArgs extends ScopedConnectionArgs {
  @Field(() => TicketFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: TicketFilterInput | null;
}

/** As the queries take it. Throws BAD_INPUT for ids that are none. */
export function toTicketFilter(input: TicketFilterInput | null | undefined): TicketQueryFilter {
  const { connections, states, finding, stuck } = input ?? {};
  return {
    connectionIds: readIdsOf('TicketConnection', connections, 'filter.connections') ?? null,
    states: states ?? null,
    findingId: finding == null ? null : readIdOf('Finding', finding, 'filter.finding').id,
    rejected: stuck ?? null,
  };
}

@ArgsType()
export class TicketArgs extends ActArgs {
  @Field(() => ID, { description: 'The ticket (its id).' })
  readonly id!: string;
}
