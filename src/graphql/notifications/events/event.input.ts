import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { type ApiId, readId, readIdOf } from '../../../api-id';
import { badInput } from '../../../errors';
import { eventTypes } from '../../../notifications/catalogue/index';
import type { PublishedEventFilter } from '../../../notifications/publishing/published-event-queries';
import { mustBeInOrder } from '../../cleanup/plan.input';
import { ScopedConnectionArgs } from '../../core/connection';
import { DateTime } from '../../core/date-time.scalar';
import { objectTypeOf } from './event-objects';

@InputType('PublishedEventFilter', { description: 'Which events; all conditions must hold.' })
export class PublishedEventFilterInput {
  @Field(() => [String], {
    nullable: true,
    description: 'Of one of these types: "finding.opened", or "finding.*" for all that begin so.',
  })
  readonly types?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Published at this time or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Published before this time.' })
  readonly to?: Date | null;

  @Field(() => ID, { nullable: true, description: 'Of this account (its id).' })
  readonly account?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of this one thing (its id): a finding, a scan, a plan, an item …' })
  readonly object?: string | null;
}

@ArgsType()
export class EventsArgs extends ScopedConnectionArgs {
  @Field(() => PublishedEventFilterInput, { nullable: true, description: 'Which; left out: all.' })
  readonly filter?: PublishedEventFilterInput | null;
}

/** As the queries take it. Throws BAD_INPUT for types and ids that do not exist, and times that leave nothing. */
export function toPublishedEventFilter(input: PublishedEventFilterInput | null | undefined): PublishedEventFilter {
  const { types, from, to, account, object } = input ?? {};
  mustBeInOrder(from, to);
  return {
    ...{ types: types == null ? null : types.flatMap(typesOf), from: from ?? null, to: to ?? null },
    accountId: account == null ? null : readIdOf('Account', account, 'filter.account').id,
    object: object == null ? null : objectOf(readId(object, 'filter.object')),
  };
}

function typesOf(wanted: string): string[] {
  const known = eventTypes.map(({ type }) => type);
  const found = wanted.endsWith('.*') ? known.filter((type) => type.startsWith(wanted.slice(0, -1))) : [wanted];
  if (found.length > 0 && found.every((type) => known.includes(type))) return found;
  throw badInput(`filter.types: there is no type "${wanted.slice(0, 100)}". \`eventTypes { type }\` lists them.`);
}

function objectOf({ kind, id }: ApiId): { readonly type: string; readonly id: string } {
  const type = objectTypeOf(kind);
  if (type === undefined) throw badInput(`filter.object: nothing is published of a ${kind}.`);
  return { type, id };
}
