import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { encodeId, readIdsOf } from '../../api-id';
import { badInput } from '../../errors';
import type { Severity as SeverityValue } from '../../findings/policy';
import type { EventFilter } from '../../notifications/endpoints/event-filter';
import { Severity } from '../findings/check.type';

const WHAT = {
  types: 'These types: "finding.opened", or "finding.*" for all that begin so.',
  checks: 'Of these checks (their ids: "unused-access-key").',
  severities: 'As bad as one of these.',
  accounts: 'In one of these accounts (their ids).',
  organizationalUnits: 'In accounts of these organizational units or below them: "/Workloads".',
  owners: 'Whose owner has one of these names, without regard to case.',
} as const;

@InputType('NotificationFilter', {
  description:
    'What is told: all conditions must hold, and what is left out asks for everything. What an event does not have meets no condition: a plan has no check, so a filter with checks takes no events of plans.',
})
export class NotificationFilterInput {
  @Field(() => [String], { nullable: true, description: `${WHAT.types} For endpoints only.` })
  readonly types?: string[] | null;

  @Field(() => [String], { nullable: true, description: WHAT.checks })
  readonly checks?: string[] | null;

  @Field(() => [Severity], { nullable: true, description: WHAT.severities })
  readonly severities?: SeverityValue[] | null;

  @Field(() => [ID], { nullable: true, description: WHAT.accounts })
  readonly accounts?: string[] | null;

  @Field(() => [String], { nullable: true, description: WHAT.organizationalUnits })
  readonly organizationalUnits?: string[] | null;

  @Field(() => [String], { nullable: true, description: WHAT.owners })
  readonly owners?: string[] | null;
}

/** As services take it: what was left out is left out. Throws BAD_INPUT for ids that are none. */
export function toEventFilter(input: NotificationFilterInput, argument: string): Record<string, unknown> {
  const { types, checks, severities, accounts, organizationalUnits, owners } = input;
  if (organizationalUnits?.some((path) => !path.startsWith('/'))) {
    throw badInput(`${argument}.organizationalUnits: a path begins with "/", for example "/Workloads/Prod".`);
  }
  const given = {
    ...{ types, checks, severities, owners },
    accountIds: readIdsOf('Account', accounts, `${argument}.accounts`),
    ous: organizationalUnits,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
}

@ObjectType('NotificationConditions', { description: 'What is told. Null: it asks for everything.' })
export class NotificationConditions {
  @Field(() => [String], { nullable: true, description: WHAT.types })
  readonly types!: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: WHAT.checks })
  readonly checks!: readonly string[] | null;

  @Field(() => [Severity], { nullable: true, description: WHAT.severities })
  readonly severities!: readonly SeverityValue[] | null;

  @Field(() => [ID], { nullable: true, description: WHAT.accounts })
  readonly accounts!: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: WHAT.organizationalUnits })
  readonly organizationalUnits!: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: WHAT.owners })
  readonly owners!: readonly string[] | null;

  static from(tenantId: string, filter: EventFilter): NotificationConditions {
    const { types = null, checks = null, severities = null, owners = null, ous, accountIds } = filter;
    return {
      ...{ types, checks, severities, owners },
      organizationalUnits: ous ?? null,
      accounts: accountIds?.map((id) => encodeId('Account', tenantId, id)) ?? null,
    };
  }
}
