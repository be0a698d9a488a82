import { Field, InputType } from '@nestjs/graphql';
import { badInput } from '../../errors';
import { DateTime } from '../core/date-time.scalar';
import type { AuditLogFilter } from './audit-log-queries';

@InputType({ description: 'What was acted on.' })
class AuditObjectFilter {
  @Field(() => String, { description: 'What kind of thing: "account", "policy" …' })
  readonly type!: string;

  @Field(() => String, { nullable: true, description: 'Its own id, as an entry’s `object` has it; left out: any.' })
  readonly id?: string | null;
}

@InputType({ description: 'Which entries of the audit log; all conditions must hold.' })
export class AuditLogFilterInput {
  @Field(() => String, { nullable: true, description: 'By this actor: the id, as an entry’s `actor` has it.' })
  readonly actor?: string | null;

  @Field(() => [String], { nullable: true, description: 'One of these actions: "policy.saved" …' })
  readonly action?: string[] | null;

  @Field(() => AuditObjectFilter, { nullable: true, description: 'Done to this.' })
  readonly object?: AuditObjectFilter | null;

  @Field(() => DateTime, { nullable: true, description: 'Not before this time.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this time.' })
  readonly to?: Date | null;

  @Field(() => String, { nullable: true, description: 'Done in this request or task.' })
  readonly requestId?: string | null;
}

/** Throws BAD_INPUT for a selection that can match nothing. */
export function toAuditLogFilter(input: AuditLogFilterInput | null | undefined): AuditLogFilter {
  const { actor, action, object, from, to, requestId } = input ?? {};
  if (action?.length === 0) throw badInput('filter.action: name at least one, or leave it out.');
  if (from != null && to != null && from >= to) throw badInput('filter.to: must be after filter.from.');
  return {
    actorId: actor ?? null,
    actions: action ?? null,
    object: object == null ? null : { type: object.type, id: object.id ?? null },
    from: from ?? null,
    to: to ?? null,
    requestId: requestId ?? null,
  };
}
