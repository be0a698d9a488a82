import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import type {
  TicketConnectionChange,
  TicketConnectionRequest,
} from '../../../notifications/tickets/connections/ticket-connection-request';
import { ActArgs } from '../../core/acting';
import { NotificationFilterInput, toEventFilter } from '../notification-filter.type';
import { TicketSystemInput, toSystem } from './systems/index';
import { TicketSubject } from './ticket-words';

@InputType({ isAbstract: true })
class TicketConnectionBounds {
  @Field(() => NotificationFilterInput, {
    nullable: true,
    description: 'Which findings get tickets, whole; `{}`: all. Without types.',
  })
  readonly filter?: NotificationFilterInput | null;

  @Field(() => TicketSubject, { nullable: true, description: 'What one ticket is for; default: OWNER_AND_CHECK.' })
  readonly oneFor?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether only findings first seen after it was activated get tickets; default: false.',
  })
  readonly newOnly?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'At most so many tickets are opened in 24 hours; default: 20.' })
  readonly dailyCap?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether a ticket that people set to done too early is opened again; default: false, it gets a comment.',
  })
  readonly reopens?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days an exemption is asked for when people close a ticket as "won’t do".',
  })
  readonly exemptionDays?: number | null;
}

@InputType({ description: 'A connection to a ticketing system. It is a draft until it is tested and activated.' })
export class TicketConnectionInput extends TicketConnectionBounds {
  @Field(() => String, { description: 'What you call it: 1 to 100 characters, once in the tenant.' })
  readonly name!: string;

  @Field(() => TicketSystemInput, { description: 'The system, and how to get in.' })
  readonly system!: TicketSystemInput;

  @Field(() => String, {
    nullable: true,
    description:
      'Where the system makes the secret of what it sends (PagerDuty): that. Else left out: it is made, and shown once.',
  })
  readonly inboundSecret?: string | null;
}

@InputType({
  description:
    'What is to be different about a connection. What is left out stays. Other settings, or another credential, make it a draft again.',
})
export class TicketConnectionChangeInput extends TicketConnectionBounds {
  @Field(() => String, { nullable: true, description: 'What you call it.' })
  readonly name?: string | null;

  @Field(() => TicketSystemInput, {
    nullable: true,
    description:
      'Its settings, whole; without `credential` the one that it has stays. The kind of system cannot change.',
  })
  readonly system?: TicketSystemInput | null;
}

@ArgsType()
export class CreateTicketConnectionArgs extends ActArgs {
  @Field(() => TicketConnectionInput, { description: 'The connection.' })
  readonly input!: TicketConnectionInput;
}

@ArgsType()
export class TicketConnectionArgs extends ActArgs {
  @Field(() => ID, { description: 'The connection (its id).' })
  readonly id!: string;
}

@ArgsType()
export class ChangeTicketConnectionArgs extends TicketConnectionArgs {
  @Field(() => TicketConnectionChangeInput, { description: 'What is to be different.' })
  readonly input!: TicketConnectionChangeInput;
}

@ArgsType()
export class RotateTicketConnectionSecretArgs extends TicketConnectionArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Where the system makes it (PagerDuty): the new one. Else left out: it is made.',
  })
  readonly inboundSecret?: string | null;
}

@ArgsType()
export class RemoveTicketConnectionArgs extends TicketConnectionArgs {
  @Field(() => Boolean, {
    description: 'Whether the tickets that are open are closed first; else they stay in the other system as they are.',
  })
  readonly closeTickets!: boolean;
}

/** As the service takes it, which looks at it strictly by itself. Throws BAD_INPUT for ids that are none. */
export function toConnectionRequest({ system, ...rest }: TicketConnectionInput): TicketConnectionRequest {
  return { ...changeOf(rest), ...toSystem(system) } as unknown as TicketConnectionRequest;
}

export function toConnectionChange({ system, ...rest }: TicketConnectionChangeInput): TicketConnectionChange {
  return { ...changeOf(rest), ...(system == null ? {} : toSystem(system)) } as unknown as TicketConnectionChange;
}

function changeOf({ filter, ...rest }: Omit<TicketConnectionChangeInput, 'system'>): Record<string, unknown> {
  const given = { ...rest, filter: filter == null ? null : toEventFilter(filter, 'input.filter') };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
}
