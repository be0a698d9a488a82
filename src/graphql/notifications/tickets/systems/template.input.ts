import { Field, InputType } from '@nestjs/graphql';
import { Json } from '../../../core/json.scalar';

const REQUEST = '{ "method", "path", "headers", "body" or "form", "answer" }, its texts are templates';

@InputType({ description: 'As whom the system is asked.' })
export class TemplateCredentialInput {
  @Field(() => Json, {
    description:
      'Headers that are added to each request: { "authorization": "Bearer …" }. Secrets, and never shown again.',
  })
  readonly headers!: unknown;
}

@InputType({
  description:
    'Any system with an HTTP API. docs/tickets/template.md has each field, from nothing to the first ticket.',
})
export class TemplateInput {
  @Field(() => String, {
    description: 'Where its API is: "https://tickets.example.com/api". Nothing outside of it is asked.',
  })
  readonly base!: string;

  @Field(() => Json, { description: `How a ticket is opened: ${REQUEST}.` })
  readonly create!: unknown;

  @Field(() => Json, {
    description: `How tickets are found by their key: ${REQUEST}, and "key": where in an entry it is.`,
  })
  readonly find!: unknown;

  @Field(() => Json, { description: `How a ticket is read: ${REQUEST}.` })
  readonly read!: unknown;

  @Field(() => Json, { description: `How a ticket is closed: ${REQUEST}.` })
  readonly close!: unknown;

  @Field(() => Json, {
    nullable: true,
    description: `How a ticket is written anew: ${REQUEST}. Without it, changes are comments.`,
  })
  readonly update?: unknown;

  @Field(() => Json, { nullable: true, description: `How a comment is made: ${REQUEST}. Without it, there are none.` })
  readonly comment?: unknown;

  @Field(() => Json, {
    nullable: true,
    description: `How a ticket is opened again: ${REQUEST}. Without it, another ticket follows it.`,
  })
  readonly reopen?: unknown;

  @Field(() => Json, {
    description:
      'Where in a ticket these are, as JSON pointers: { "id", "state", "reference", "url", "closedAs", "version", "changedAt", "title", "text" }.',
  })
  readonly answers!: unknown;

  @Field(() => Json, { description: 'Which states mean what: { "closed": […], "wontDo": […] }.' })
  readonly states!: unknown;

  @Field(() => Json, {
    nullable: true,
    description: 'Values by severity that templates show: { "priority": { "low": 4, … } }.',
  })
  readonly maps?: unknown;

  @Field(() => Json, {
    nullable: true,
    description: 'Where the ticket’s id is in what comes in: { "id": "/data/id" }.',
  })
  readonly inbound?: unknown;

  @Field(() => TemplateCredentialInput, {
    nullable: true,
    description: 'As whom it is asked. Needed at first; later, left out, it stays.',
  })
  readonly credential?: TemplateCredentialInput | null;
}
