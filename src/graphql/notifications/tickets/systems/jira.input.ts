import { Field, InputType } from '@nestjs/graphql';
import { Json } from '../../../core/json.scalar';

@InputType({ description: 'As whom Jira is asked.' })
export class JiraCredentialInput {
  @Field(() => String, { description: 'The e-mail address of the Atlassian account.' })
  readonly email!: string;

  @Field(() => String, { description: 'An API token of that account. A secret, and never shown again.' })
  readonly apiToken!: string;
}

@InputType({ description: 'Jira Cloud. docs/tickets/jira.md has each field, from nothing to the first ticket.' })
export class JiraInput {
  @Field(() => String, { description: 'Its address: "https://acme.atlassian.net".' })
  readonly site!: string;

  @Field(() => String, { description: 'The project’s key: "SEC".' })
  readonly project!: string;

  @Field(() => String, { nullable: true, description: 'The type of issues; default: "Task".' })
  readonly issueType?: string | null;

  @Field(() => Json, {
    nullable: true,
    description: 'Names of priorities by severity: { "critical": "Highest" }; without one, the project’s default.',
  })
  readonly priorities?: unknown;

  @Field(() => String, { nullable: true, description: 'The component of each issue.' })
  readonly component?: string | null;

  @Field(() => String, { nullable: true, description: 'Whom issues are assigned to: an Atlassian account id.' })
  readonly assignee?: string | null;

  @Field(() => Json, {
    nullable: true,
    description: 'Values of other fields by their ids: { "customfield_10010": … }.',
  })
  readonly fields?: unknown;

  @Field(() => Json, {
    nullable: true,
    description: 'How an issue is closed: { "transition", "resolution", "fields" }.',
  })
  readonly close?: unknown;

  @Field(() => Json, { nullable: true, description: 'How an issue is opened again: { "transition", "fields" }.' })
  readonly reopen?: unknown;

  @Field(() => [String], {
    nullable: true,
    description: 'Resolutions or statuses by which people say that it will not be done.',
  })
  readonly wontDo?: string[] | null;

  @Field(() => JiraCredentialInput, {
    nullable: true,
    description: 'As whom it is asked. Needed at first; later, left out, it stays.',
  })
  readonly credential?: JiraCredentialInput | null;
}
