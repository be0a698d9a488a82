import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../../../api-id';
import type { TicketRow, TicketStepRow } from '../../../notifications/tickets/ticket';
import { Allow } from '../../core/allow';
import { connectionOf } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { Node } from '../../core/node.type';
import { TicketState, TicketStepKind, TicketStepOutcome, TicketSubject } from './ticket-words';

@ObjectType({ description: 'One request about a ticket.' })
export class TicketStep {
  constructor(readonly row: TicketStepRow) {}

  @Field(() => DateTime, { description: 'When it was sent.' })
  get at(): Date {
    return this.row.at;
  }

  @Field(() => TicketStepKind, { description: 'What it was for.' })
  get kind(): string {
    return this.row.kind;
  }

  @Field(() => TicketStepOutcome, { description: 'What came of it.' })
  get outcome(): string {
    return this.row.outcome;
  }

  @Field(() => String, { description: 'Why it was sent.' })
  get intent(): string {
    return this.row.intent;
  }

  @Field(() => Int, { nullable: true, description: 'The status of the answer; null: there was none.' })
  get status(): number | null {
    return this.row.status;
  }

  @Field(() => Int, { nullable: true, description: 'How long it took, in milliseconds.' })
  get latencyMs(): number | null {
    return this.row.latency_ms;
  }

  @Field(() => String, { nullable: true, description: 'What was answered.' })
  @Allow('read-notifications')
  get answer(): string | null {
    return this.row.answer;
  }
}

@ObjectType({
  implements: () => [Node],
  description: 'A ticket in another system: open as long as there are findings for it, then closed.',
})
export class Ticket implements Node {
  constructor(readonly row: TicketRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Ticket', this.row.tenant_id, this.row.id);
  }

  @Field(() => TicketState, { description: 'How it stands, as far as we know.' })
  get state(): string {
    return this.row.state;
  }

  @Field(() => String, { nullable: true, description: 'Why it was closed.' })
  get reason(): string | null {
    return this.row.state_why;
  }

  @Field(() => String, { nullable: true, description: 'Its title; null: it was not opened yet.' })
  get title(): string | null {
    return this.row.title;
  }

  @Field(() => String, { nullable: true, description: 'What people call it by there: "SEC-12"; null: not opened yet.' })
  get reference(): string | null {
    return this.row.reference;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Where people see it; null: not opened yet, or there is no page.',
  })
  get url(): string | null {
    return this.row.url;
  }

  @Field(() => TicketSubject, { description: 'What it is for.' })
  get oneFor(): string {
    return this.row.one_for;
  }

  @Field(() => Int, { description: 'How many open findings it speaks of.' })
  get findingsCount(): number {
    return this.row.findings_count;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Why it stands still until somebody mends that: what the system rejects. Null: it does not.',
  })
  get problem(): string | null {
    return this.row.problem;
  }

  @Field(() => String, { nullable: true, description: 'What went wrong last, and is tried again; null: nothing.' })
  get lastError(): string | null {
    return this.row.last_error;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When something is done about it next, at the earliest; null: nothing is to be done.',
  })
  get nextAt(): Date | null {
    return this.row.next_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was opened.' })
  get openedAt(): Date | null {
    return this.row.opened_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was closed, last.' })
  get closedAt(): Date | null {
    return this.row.closed_at;
  }

  @Field(() => DateTime, { description: 'When it was first wanted.' })
  get createdAt(): Date {
    return this.row.created_at;
  }
}

export const TicketConnection = connectionOf(Ticket, 'Ticket');
