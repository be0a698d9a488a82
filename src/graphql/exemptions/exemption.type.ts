import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import {
  describeScope,
  type ExemptionRow,
  type ExemptionState as State,
  limitsOf,
  scopeOf,
} from '../../findings/exemptions/exemption';
import type { IdentityKind as Kind } from '../../scans/inventory';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';
import { IdentityKind } from '../inventory/identity.input';

export const ExemptionState = {
  PENDING: 'pending',
  IN_FORCE: 'in-force',
  REFUSED: 'refused',
  ENDED: 'ended',
} as const satisfies Record<string, State>;

registerEnumType(ExemptionState, {
  name: 'ExemptionState',
  description: 'How an exemption stands.',
  valuesMap: {
    PENDING: { description: 'It waits for a second person and spares nothing yet.' },
    IN_FORCE: { description: 'It spares what it says.' },
    REFUSED: { description: 'A second person refused it.' },
    ENDED: { description: 'It is over, by its date or because somebody ended it.' },
  },
});

@ObjectType({
  implements: () => [Node],
  description: 'What is spared, by whom, why and until when. Kept after it has ended.',
})
export class Exemption implements Node {
  constructor(readonly row: ExemptionRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Exemption', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'What it spares, in words: "path and name /ci/*; checks unused-role".' })
  get scope(): string {
    return describeScope(scopeOf(this.row), limitsOf(this.row));
  }

  @Field(() => String, {
    nullable: true,
    description: 'The one identity or access key that it spares, by its AWS unique id.',
  })
  get uniqueId(): string | null {
    return this.of('identity');
  }

  @Field(() => String, { nullable: true, description: 'Users and roles that it spares, by path and name.' })
  get glob(): string | null {
    return this.of('glob');
  }

  @Field(() => String, { nullable: true, description: 'The key of the tag of users and roles that it spares.' })
  get tagKey(): string | null {
    return this.of('tag');
  }

  @Field(() => String, { nullable: true, description: 'With `tagKey`: a glob on the value; null: any.' })
  get tagValue(): string | null {
    return this.row.tag_value;
  }

  @Field(() => String, { nullable: true, description: 'The AWS account that it spares as a whole.' })
  get awsAccountId(): string | null {
    return this.of('account');
  }

  @Field(() => [String], { nullable: true, description: 'For these checks only (their ids); null: all.' })
  get checks(): readonly string[] | null {
    return this.row.checks;
  }

  @Field(() => [IdentityKind], { nullable: true, description: 'For these kinds only; null: all.' })
  get kinds(): readonly Kind[] | null {
    return this.row.kinds;
  }

  @Field(() => [String], { nullable: true, description: 'In these AWS accounts only; null: all.' })
  get accounts(): readonly string[] | null {
    return this.row.accounts;
  }

  @Field(() => [String], {
    nullable: true,
    description: 'In these organizational units, or below them, only; null: all.',
  })
  get organizationalUnits(): readonly string[] | null {
    return this.row.organizational_units;
  }

  @Field(() => String, { description: 'Why.' })
  get reason(): string {
    return this.row.reason;
  }

  @Field(() => ExemptionState, { description: 'How it stands.' })
  get state(): State {
    return this.row.state;
  }

  @Field(() => String, { description: 'Who made it.' })
  get by(): string {
    return this.row.made_by;
  }

  @Field(() => DateTime, { description: 'When it was made.' })
  get madeAt(): Date {
    return this.row.made_at;
  }

  @Field(() => DateTime, { description: 'When it ends by itself.' })
  get endsAt(): Date {
    return this.row.ends_at;
  }

  @Field(() => String, { nullable: true, description: 'The second person who agreed; null: none had to, or not yet.' })
  get agreedBy(): string | null {
    return this.row.agreed_by;
  }

  @Field(() => DateTime, { nullable: true, description: 'When the second person agreed.' })
  get agreedAt(): Date | null {
    return this.row.agreed_at;
  }

  @Field(() => DateTime, { nullable: true, description: 'A later end that waits for a second person.' })
  get proposedEndsAt(): Date | null {
    return this.row.proposed_ends_at;
  }

  @Field(() => String, { nullable: true, description: 'Who proposed the later end.' })
  get proposedBy(): string | null {
    return this.row.proposed_by;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it ended or was refused.' })
  get endedAt(): Date | null {
    return this.row.ended_at;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Who ended or refused it; null: it ended by itself, or has not.',
  })
  get endedBy(): string | null {
    return this.row.ended_by;
  }

  @Field(() => String, { nullable: true, description: 'Why it was ended or refused.' })
  get endNote(): string | null {
    return this.row.end_note;
  }

  private of(kind: ExemptionRow['scope_kind']): string | null {
    return this.row.scope_kind === kind ? this.row.scope_value : null;
  }
}

export const ExemptionConnection = connectionOf(Exemption, 'Exemption');

@ObjectType({ description: 'The exemption that spares a finding.' })
export class AppliedExemption {
  constructor(readonly row: ExemptionRow) {}

  @Field(() => ID, { description: 'The exemption’s id in this API.' })
  get id(): string {
    return encodeId('Exemption', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'Why it is spared.' })
  get reason(): string {
    return this.row.reason;
  }

  @Field(() => DateTime, { description: 'Until when.' })
  get until(): Date {
    return this.row.ends_at;
  }

  @Field(() => String, { description: 'Who made the exemption.' })
  get by(): string {
    return this.row.made_by;
  }

  @Field(() => String, { nullable: true, description: 'The second person who agreed; null: none had to.' })
  get agreedBy(): string | null {
    return this.row.agreed_by;
  }

  @Field(() => String, { description: 'What else it spares, in words.' })
  get scope(): string {
    return describeScope(scopeOf(this.row), limitsOf(this.row));
  }
}
