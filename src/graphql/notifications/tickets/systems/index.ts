import { Field, InputType } from '@nestjs/graphql';
import { badInput } from '../../../../errors';
import { TICKET_SYSTEMS, type TicketSystemId } from '../../../../notifications/tickets/ticket-system';
import { GitHubInput } from './github.input';
import { JiraInput } from './jira.input';
import { PagerDutyInput } from './pagerduty.input';
import { ServiceNowInput } from './servicenow.input';
import { TemplateInput } from './template.input';

@InputType({ isOneOf: true, description: 'The ticketing system, and how to get in: exactly one of these.' })
export class TicketSystemInput {
  @Field(() => JiraInput, { nullable: true, description: 'Jira Cloud.' })
  readonly jira?: JiraInput;

  @Field(() => ServiceNowInput, { nullable: true, description: 'ServiceNow.' })
  readonly servicenow?: ServiceNowInput;

  @Field(() => GitHubInput, { nullable: true, description: 'GitHub Issues.' })
  readonly github?: GitHubInput;

  @Field(() => PagerDutyInput, { nullable: true, description: 'PagerDuty.' })
  readonly pagerduty?: PagerDutyInput;

  @Field(() => TemplateInput, { nullable: true, description: 'Any other system with an HTTP API.' })
  readonly template?: TemplateInput;
}

export interface NamedSystem {
  readonly system: TicketSystemId;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Undefined: none was given. */
  readonly credential?: unknown;
}

/** The one that was named, its settings without the credential; what is null was left out. Throws BAD_INPUT. */
export function toSystem(input: TicketSystemInput): NamedSystem {
  // Held to exactly one by us as well: queries that are compiled do not look at values of variables for that.
  const named = TICKET_SYSTEMS.filter((one) => input[one] != null);
  const [system] = named;
  if (system === undefined || named.length > 1) {
    throw badInput(`input.system: give exactly one of ${TICKET_SYSTEMS.join(', ')}.`);
  }
  const { credential, ...settings } = given({ ...input[system] });
  return { system, settings, ...(credential === undefined ? {} : { credential: given(credential as object) }) };
}

const given = (values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
