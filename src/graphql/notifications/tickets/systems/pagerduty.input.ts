import { Field, InputType } from '@nestjs/graphql';
import { Json } from '../../../core/json.scalar';

@InputType({ description: 'As whom PagerDuty is asked.' })
export class PagerDutyCredentialInput {
  @Field(() => String, {
    description: 'The integration key of the service (Events API v2). A secret, and never shown again.',
  })
  readonly routingKey!: string;

  @Field(() => String, {
    nullable: true,
    description: 'A key of the REST API, by which incidents are read and notes are written; without it, neither.',
  })
  readonly apiToken?: string | null;
}

@InputType({ description: 'PagerDuty. docs/tickets/pagerduty.md has each field, from nothing to the first ticket.' })
export class PagerDutyInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Where its Events API is; default: https://events.pagerduty.com, in the EU https://events.eu.pagerduty.com.',
  })
  readonly events?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where its REST API is; default: https://api.pagerduty.com, in the EU https://api.eu.pagerduty.com.',
  })
  readonly api?: string | null;

  @Field(() => String, { nullable: true, description: 'What it shows as the affected system; default: "mothball".' })
  readonly source?: string | null;

  @Field(() => String, { nullable: true, description: 'What it shows as the component.' })
  readonly component?: string | null;

  @Field(() => Json, {
    nullable: true,
    description:
      'Its severity by ours: { "low", "medium", "high", "critical" }, each critical, error, warning or info.',
  })
  readonly severities?: unknown;

  @Field(() => String, {
    nullable: true,
    description: 'The e-mail address of the user in whose name notes are written; with `apiToken` only.',
  })
  readonly from?: string | null;

  @Field(() => PagerDutyCredentialInput, {
    nullable: true,
    description: 'As whom it is asked. Needed at first; later, left out, it stays.',
  })
  readonly credential?: PagerDutyCredentialInput | null;
}
