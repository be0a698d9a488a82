import { Field, InputType } from '@nestjs/graphql';
import { Json } from '../../../core/json.scalar';

@InputType({
  description:
    'As whom ServiceNow is asked: a name with its password, or a token, or an API key. Secrets, and never shown again.',
})
export class ServiceNowCredentialInput {
  @Field(() => String, { nullable: true, description: 'The name of the user; with `password`.' })
  readonly username?: string | null;

  @Field(() => String, { nullable: true, description: 'Its password.' })
  readonly password?: string | null;

  @Field(() => String, { nullable: true, description: 'An OAuth access token.' })
  readonly token?: string | null;

  @Field(() => String, { nullable: true, description: 'An API key of the inbound REST API.' })
  readonly apiKey?: string | null;
}

@InputType({ description: 'ServiceNow. docs/tickets/servicenow.md has each field, from nothing to the first ticket.' })
export class ServiceNowInput {
  @Field(() => String, { description: 'Its address: "https://acme.service-now.com".' })
  readonly instance!: string;

  @Field(() => String, { nullable: true, description: 'The table; default: "incident".' })
  readonly table?: string | null;

  @Field(() => String, { nullable: true, description: 'Whom tickets are assigned to: the sys_id of a group.' })
  readonly assignmentGroup?: string | null;

  @Field(() => Json, {
    nullable: true,
    description: 'The urgency by severity: { "low", "medium", "high", "critical" }.',
  })
  readonly urgency?: unknown;

  @Field(() => Json, {
    nullable: true,
    description: 'The impact by severity: { "low", "medium", "high", "critical" }.',
  })
  readonly impact?: unknown;

  @Field(() => Json, { nullable: true, description: 'Values of other columns, written when a ticket is opened.' })
  readonly fields?: unknown;

  @Field(() => Json, { nullable: true, description: 'How a ticket is closed: { "state", "code", "fields" }.' })
  readonly close?: unknown;

  @Field(() => String, { nullable: true, description: 'The state of one that is opened again; default: "2".' })
  readonly openState?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The states in which a ticket counts as closed; default: 6, 7 and 8.',
  })
  readonly closedStates?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Those from which none comes back; default: 7 and 8.' })
  readonly finalStates?: string[] | null;

  @Field(() => Json, {
    nullable: true,
    description: 'By what people say that it will not be done: { "states": […], "codes": […] }.',
  })
  readonly wontDo?: unknown;

  @Field(() => ServiceNowCredentialInput, {
    nullable: true,
    description: 'As whom it is asked. Needed at first; later, left out, it stays.',
  })
  readonly credential?: ServiceNowCredentialInput | null;
}
