import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { PreviewGroup, PreviewedTickets } from '../../../notifications/tickets/ticket-previews.service';

@ObjectType({ description: 'How many tickets and findings belong together.' })
export class TicketPreviewGroup {
  @Field(() => String, { nullable: true, description: 'The owner’s name, or the check’s id; null: nobody’s.' })
  readonly key!: string | null;

  @Field(() => Int, { description: 'How many tickets.' })
  readonly tickets!: number;

  @Field(() => Int, { description: 'For how many findings.' })
  readonly findings!: number;
}

@ObjectType({ description: 'What a connection would do if it were activated now.' })
export class TicketPreview {
  constructor(private readonly preview: PreviewedTickets) {}

  @Field(() => Int, { description: 'How many open findings its filter takes in.' })
  get findings(): number {
    return this.preview.findings;
  }

  @Field(() => Int, { description: 'How many tickets it would open, as it is set up.' })
  get wouldOpen(): number {
    return this.preview.wouldOpen;
  }

  @Field(() => Int, { description: 'How many it has open already.' })
  get openNow(): number {
    return this.preview.openNow;
  }

  @Field(() => Int, { description: 'How many tickets all findings come to.' })
  get withAll(): number {
    return this.preview.withAll;
  }

  @Field(() => Int, {
    description:
      'How many tickets the findings come to that were first seen since it was activated: before that, none.',
  })
  get withNewOnly(): number {
    return this.preview.withNewOnly;
  }

  @Field(() => Int, { description: 'At most so many are opened in 24 hours.' })
  get dailyCap(): number {
    return this.preview.dailyCap;
  }

  @Field(() => Int, { description: 'So many days opening them takes.' })
  get days(): number {
    return this.preview.days;
  }

  @Field(() => [TicketPreviewGroup], { description: 'Of all findings: the 50 owners with the most tickets.' })
  get byOwner(): readonly PreviewGroup[] {
    return this.preview.byOwner;
  }

  @Field(() => [TicketPreviewGroup], { description: 'Of all findings: the 50 checks with the most tickets.' })
  get byCheck(): readonly PreviewGroup[] {
    return this.preview.byCheck;
  }
}
