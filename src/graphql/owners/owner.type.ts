import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { OwnerRow, ReassignmentRow } from '../../findings/owners/owner-queries';
import type { OwnerChange } from '../../findings/owners/owner-rules-preview.service';
import type { OwnerRule as Rule } from '../../findings/owners/owner-rules';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';

@ObjectType({ implements: () => [Node], description: 'A person or team that answers for identities.' })
export class Owner implements Node {
  constructor(readonly row: OwnerRow) {}

  @Field(() => ID, { description: 'Its id in this API.' })
  get id(): string {
    return encodeId('Owner', this.row.tenant_id, this.row.id);
  }

  @Field(() => String, { description: 'Its name, as tags, paths and the tenant’s mapping give it.' })
  get name(): string {
    return this.row.name;
  }

  @Field(() => String, { nullable: true, description: 'Its e-mail address.' })
  get contact(): string | null {
    return this.row.contact;
  }

  @Field(() => String, { nullable: true, description: 'Notes for people.' })
  get notes(): string | null {
    return this.row.notes;
  }

  @Field(() => DateTime, { description: 'When it was first named.' })
  get createdAt(): Date {
    return this.row.created_at;
  }
}

export const OwnerConnection = connectionOf(Owner, 'Owner');

@ObjectType({
  description: 'One way to find out whose something is. One of its fields says how; `owner` goes with some of them.',
})
export class OwnerRule {
  @Field(() => [String], {
    nullable: true,
    description: 'The owner is the value of the first of these tags of the user or role that is there.',
  })
  readonly identityTag!: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'The same with the account’s tags in AWS Organizations.' })
  readonly accountTag!: readonly string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The owner is this part of the path, counted from 1: of "/teams/data/" 2 is "data".',
  })
  readonly pathSegment!: number | null;

  @Field(() => String, { nullable: true, description: 'Paths that begin so.' })
  readonly pathPrefix!: string | null;

  @Field(() => String, { nullable: true, description: 'Path and name like this glob: "/ci/*".' })
  readonly glob!: string | null;

  @Field(() => String, { nullable: true, description: 'Everything in this AWS account.' })
  readonly awsAccountId!: string | null;

  @Field(() => String, { nullable: true, description: 'Everything in this organizational unit or below it.' })
  readonly organizationalUnit!: string | null;

  @Field(() => String, { nullable: true, description: 'The owner’s name, where the rule does not find it itself.' })
  readonly owner!: string | null;

  static from(rule: Rule): OwnerRule {
    const of = (kind: Rule['kind']): string | null => (rule.kind === kind && 'value' in rule ? rule.value : null);
    return {
      identityTag: rule.kind === 'identity-tag' ? rule.keys : null,
      accountTag: rule.kind === 'account-tag' ? rule.keys : null,
      pathSegment: rule.kind === 'path-segment' ? rule.segment : null,
      pathPrefix: of('path-prefix'),
      glob: of('glob'),
      awsAccountId: of('account'),
      organizationalUnit: of('organizational-unit'),
      owner: 'owner' in rule ? rule.owner : null,
    };
  }
}

@ObjectType({ description: 'How a tenant finds out whose something is.' })
export class OwnerRules {
  @Field(() => [OwnerRule], { description: 'In their order: the first one that gives an owner decides.' })
  readonly rules!: OwnerRule[];

  @Field(() => Boolean, { description: 'Whether these are the built-in ones, since the tenant has none of its own.' })
  readonly builtIn!: boolean;
}

@ObjectType({ description: 'So many findings that would change hands.' })
export class OwnerChangeCount {
  @Field(() => String, { nullable: true, description: 'From this owner; null: nobody’s.' })
  readonly from!: string | null;

  @Field(() => String, { nullable: true, description: 'To this owner; null: nobody’s.' })
  readonly to!: string | null;

  @Field(() => Int, { description: 'How many.' })
  readonly count!: number;
}

@ObjectType({ description: 'What other rules would change, of findings that are not resolved.' })
export class OwnerRulesPreview {
  @Field(() => Int, { description: 'How many findings would change hands.' })
  readonly findingsCount!: number;

  @Field(() => [OwnerChangeCount], { description: 'From whom to whom, the largest first; at most 200.' })
  readonly changes!: readonly OwnerChangeCount[];

  static from(changes: readonly OwnerChange[]): OwnerRulesPreview {
    return { findingsCount: changes.reduce((sum, { count }) => sum + count, 0), changes: changes.slice(0, 200) };
  }
}

@ObjectType({ description: 'That somebody said whose an identity is, or that it is nobody’s.' })
export class Reassignment {
  @Field(() => String, { nullable: true, description: 'To whom, by name; null: to nobody.' })
  readonly owner!: string | null;

  @Field(() => String, { nullable: true, description: 'Why.' })
  readonly note!: string | null;

  @Field(() => String, { description: 'Who said so.' })
  readonly by!: string;

  @Field(() => DateTime, { description: 'When.' })
  readonly at!: Date;

  static from({ owner, note, pinned_by: by, pinned_at: at }: ReassignmentRow): Reassignment {
    return { owner, note, by, at };
  }
}
