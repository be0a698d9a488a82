import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { waitings } from './index';

export const WaitingKind: Readonly<Record<string, string>> = Object.fromEntries(
  waitings.map(({ kind }) => [kind, kind]),
);

registerEnumType(WaitingKind, {
  name: 'WaitingKind',
  description: 'What can wait for somebody.',
  valuesMap: Object.fromEntries(waitings.map(({ kind, what }) => [kind, { description: what }])),
});

@ObjectType({ description: 'Something that waits until you decide or mend it.' })
export class WaitingForMe {
  @Field(() => WaitingKind, { description: 'What it is, and what is to be done.' })
  readonly kind!: string;

  @Field(() => Int, { description: 'How many wait.' })
  readonly count!: number;

  @Field(() => String, {
    nullable: true,
    description: 'Where to go; null while the service does not know its own address (MOTHBALL_PUBLIC_URL).',
  })
  readonly url!: string | null;
}
