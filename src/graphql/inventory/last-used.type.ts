import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { IdentityRow } from '../../scans/identity';
import type { LastUsed as Stored } from '../../scans/inventory';
import { DateTime } from '../core/date-time.scalar';

export const LastUsedState = {
  AT: 'at',
  NEVER: 'never',
  BEFORE_TRACKING: 'before-tracking',
  UNKNOWN: 'unknown',
} as const;

registerEnumType(LastUsedState, {
  name: 'LastUsedState',
  description: 'What AWS knows of the last use.',
  valuesMap: {
    AT: { description: 'It was used at a known time.' },
    NEVER: { description: 'AWS has recorded use for its whole life and saw none.' },
    BEFORE_TRACKING: { description: 'No use as far back as AWS’s records reach, which is not its whole life.' },
    UNKNOWN: { description: 'It was not read; never taken for "not used".' },
  },
});

@ObjectType({ description: 'When something was last used, as far as AWS records it. It can lag by about four hours.' })
export class LastUsed {
  @Field(() => LastUsedState, { description: 'What AWS knows.' })
  readonly state!: Stored['state'];

  @Field(() => DateTime, { nullable: true, description: 'When; with the state AT only.' })
  readonly at!: Date | null;

  @Field(() => String, { nullable: true, description: 'In which region; null: not said, or a global service.' })
  readonly region!: string | null;

  @Field(() => String, { nullable: true, description: 'Which service was called; for access keys.' })
  readonly service!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it is unknown.' })
  readonly reason!: string | null;

  /** Null where nothing is recorded for the identity itself: a user. */
  static from(row: IdentityRow): LastUsed | null {
    const { last_used_state: state, detail } = row;
    if (state === null) return null;
    const { reason } = (detail['lastUsed'] ?? {}) as { readonly reason?: string };
    return {
      state,
      at: row.last_used_at,
      region: row.last_used_region,
      service: row.last_used_service,
      reason: reason ?? null,
    };
  }

  /** A user's: the latest use of any of its credentials; what is not known of one outweighs "never" of another. */
  static latestOf(credentials: readonly IdentityRow[]): LastUsed | null {
    const all = credentials.flatMap((row) => LastUsed.from(row) ?? []);
    const order = ['at', 'unknown', 'before-tracking', 'never'] as const;
    const [latest] = all.sort(
      (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0),
    );
    return latest ?? null;
  }

  static unknown(reason: string): LastUsed {
    return { state: 'unknown', at: null, region: null, service: null, reason };
  }
}
