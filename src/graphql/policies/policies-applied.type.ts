import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Applied, ApplyMode as Mode } from '../../findings/policies/policies.service';
import type { PolicyChange as Change } from '../../findings/policies/policy-plan';

export const ApplyMode = { REPLACE: 'REPLACE', MERGE: 'MERGE' } as const satisfies Record<Mode, Mode>;

registerEnumType(ApplyMode, {
  name: 'PolicyApplyMode',
  description: 'What becomes of the policies that the documents do not name.',
  valuesMap: {
    REPLACE: { description: 'They are retired: the documents are all there is, in their order.' },
    MERGE: {
      description: 'They stay, and so does the order. New policies come last, but before one that takes in everything.',
    },
  },
});

export const PolicyChangeKind = {
  CREATED: 'created',
  CHANGED: 'changed',
  MOVED: 'moved',
  RETIRED: 'retired',
  UNCHANGED: 'unchanged',
} as const satisfies Record<string, Change>;

registerEnumType(PolicyChangeKind, {
  name: 'PolicyChangeKind',
  description: 'What became of a policy.',
  valuesMap: {
    CREATED: { description: 'It is new, or back from retirement.' },
    CHANGED: { description: 'Its content is another.' },
    MOVED: { description: 'Only its place is another.' },
    RETIRED: { description: 'It judges no longer.' },
    UNCHANGED: { description: 'Nothing.' },
  },
});

@ObjectType({ description: 'What became of one policy.' })
export class PolicyChanged {
  @Field(() => String, { description: 'The policy’s name.' })
  readonly name!: string;

  @Field(() => PolicyChangeKind, { description: 'What became of it.' })
  readonly change!: Change;

  @Field(() => Int, { nullable: true, description: 'The version that was saved; null: none was.' })
  readonly version!: number | null;

  @Field(() => Boolean, { description: 'Whether that version waits until a second person agrees.' })
  readonly waits!: boolean;
}

@ObjectType({ description: 'What saving policies did, or would do.' })
export class PoliciesApplied {
  @Field(() => String, { description: '`policiesHash` afterwards; of a dry run: as it is.' })
  readonly hash!: string;

  @Field(() => Int, { description: 'How many accounts are judged again.' })
  readonly accounts!: number;

  @Field(() => [PolicyChanged], { description: 'Each policy in its new order, then those that are retired.' })
  readonly changes!: PolicyChanged[];

  static from({
    hash,
    accounts,
    changes,
  }: {
    hash: string;
    accounts: string;
    changes: readonly string[];
  }): PoliciesApplied {
    return { hash, accounts: Number(accounts), changes: changes.map((text) => JSON.parse(text) as PolicyChanged) };
  }
}

/** As texts, so that they can be kept for an idempotency key. */
export const changesOf = ({ plan }: Applied): string[] =>
  [
    ...plan.policies.map(({ name, change, added, waits }): PolicyChanged => ({
      name,
      change,
      version: added?.version ?? null,
      waits,
    })),
    ...plan.retired.map(({ name }): PolicyChanged => ({ name, change: 'retired', version: null, waits: false })),
  ].map((change) => JSON.stringify(change));
