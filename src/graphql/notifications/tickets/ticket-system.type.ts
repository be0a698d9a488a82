import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../../../api-id';
import type {
  ConnectionTest,
  TestStep,
  TicketConnectionRow,
} from '../../../notifications/tickets/connections/ticket-connection';
import { Allow } from '../../core/allow';
import { connectionOf } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { Json } from '../../core/json.scalar';
import { Node } from '../../core/node.type';
import { NotificationConditions } from '../notification-filter.type';
import { TicketSubject, TicketSystemKind, TicketSystemState, TicketTestState } from './ticket-words';

@ObjectType({ description: 'One thing that a test ticket tries.' })
export class TicketTestStep {
  @Field(() => String, { description: 'What: examine, create, update, comment, close.' })
  readonly step!: TestStep['step'];

  @Field(() => Boolean, { description: 'Whether it worked.' })
  readonly ok!: boolean;

  @Field(() => String, { description: 'What came of it, or what is missing.' })
  readonly said!: string;
}

@ObjectType({
  description: 'A ticket that was opened, changed, commented and closed again, to prove the settings and the rights.',
})
export class TicketTest {
  constructor(
    private readonly test: ConnectionTest,
    private readonly version: number,
  ) {}

  @Field(() => TicketTestState, { description: 'What came of it.' })
  get state(): string {
    return this.test.state;
  }

  @Field(() => Boolean, { description: 'Whether it was of the settings as they are; else test again.' })
  get isOfPresentSettings(): boolean {
    return this.test.version === this.version;
  }

  @Field(() => [TicketTestStep], { description: 'What was tried, in order.' })
  get steps(): readonly TicketTestStep[] {
    return this.test.steps;
  }

  @Field(() => String, { nullable: true, description: 'What the system calls the test ticket; null: there is none.' })
  get reference(): string | null {
    return this.test.reference;
  }

  @Field(() => String, { nullable: true, description: 'Where people see it.' })
  get url(): string | null {
    return this.test.url;
  }

  @Field(() => DateTime, { description: 'When it began.' })
  get startedAt(): Date {
    return new Date(this.test.startedAt);
  }

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null: it runs.' })
  get endedAt(): Date | null {
    return this.test.endedAt === null ? null : new Date(this.test.endedAt);
  }
}

@ObjectType({
  implements: () => [Node],
  description: 'A connection to a ticketing system, in which tickets are opened for findings and closed with them.',
})
export class TicketSystem implements Node {
  constructor(readonly row: TicketConnectionRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('TicketConnection', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'What it is called.' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => TicketSystemKind, { description: 'What it is.' })
  get kind(): string {
    return this.row.system;
  }

  @Field(() => TicketSystemState, { description: 'How the connection stands.' })
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

  @Field(() => Json, { description: 'Its settings, as docs/tickets describes them. Never a secret.' })
  @Allow('read-notifications')
  get settings(): unknown {
    return this.row.settings;
  }

  @Field(() => NotificationConditions, { description: 'Which findings get tickets; types are not asked for.' })
  get filter(): NotificationConditions {
    return NotificationConditions.from(this.row.tenant_id, this.row.filter);
  }

  @Field(() => TicketSubject, { description: 'What one ticket is for.' })
  get oneFor(): string {
    return this.row.one_for;
  }

  @Field(() => Boolean, { description: 'Whether only findings first seen after it was activated get tickets.' })
  get newOnly(): boolean {
    return this.row.new_only;
  }

  @Field(() => Int, { description: 'At most so many tickets are opened in 24 hours; the others wait.' })
  get dailyCap(): number {
    return this.row.daily_cap;
  }

  @Field(() => Boolean, {
    description: 'Whether a ticket that people set to done too early is opened again; else it gets a comment.',
  })
  get reopens(): boolean {
    return this.row.reopens;
  }

  @Field(() => Int, {
    description: 'For how many days an exemption is asked for when people close a ticket as "won’t do".',
  })
  get exemptionDays(): number {
    return this.row.exemption_days;
  }

  @Field(() => TicketTest, { nullable: true, description: 'The last test ticket; null: there was none.' })
  get test(): TicketTest | null {
    return this.row.test && new TicketTest(this.row.test, this.row.version);
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was first activated; null: never.' })
  get activatedAt(): Date | null {
    return this.row.activated_at;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when nothing is sent to it: it asked for that, or did not answer. Null or past: it is sent to.',
  })
  get silentUntil(): Date | null {
    return this.row.wait_until;
  }

  @Field(() => String, { description: 'Who made it.' })
  get madeBy(): string {
    return this.row.made_by;
  }

  @Field(() => DateTime, { description: 'When it was made.' })
  get createdAt(): Date {
    return this.row.created_at;
  }

  @Field(() => DateTime, { description: 'When it was last changed.' })
  get changedAt(): Date {
    return this.row.changed_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was removed; its tickets can still be looked at.' })
  get removedAt(): Date | null {
    return this.row.deleted_at;
  }
}

export const TicketSystemConnection = connectionOf(TicketSystem, 'TicketSystem');

@ObjectType({ description: 'A connection with the secret of what comes in, which is shown this once.' })
export class TicketSystemWithSecret {
  @Field(() => TicketSystem, { description: 'The connection.' })
  readonly connection!: TicketSystem;

  @Field(() => String, {
    nullable: true,
    description:
      'What the system signs with what it sends to `inboundUrl`. Shown this once; null: it was given, or this is the answer to a request that was sent again.',
  })
  readonly inboundSecret!: string | null;
}
