import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { type InvitationRow, type PersonRow, roleOf } from '../../tenancy/people/person';
import type { Role } from '../../tenancy/principal';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { PrincipalRole } from './principal-role';

export const RoleSource = { GROUP: 'group', GIVEN: 'given' } as const;
export type RoleSource = (typeof RoleSource)[keyof typeof RoleSource];

registerEnumType(RoleSource, {
  name: 'RoleSource',
  description: 'Where a person’s role comes from.',
  valuesMap: {
    GROUP: { description: 'From their groups or other claims, by the service’s configuration.' },
    GIVEN: { description: 'From an invitation, or an administrator of the tenant. Counts for more than groups.' },
  },
});

@ObjectType({ description: 'Somebody who signs in and belongs, or belonged, to a tenant.' })
export class Person {
  @Field(() => ID, { description: 'Their id in this tenant and this API.' })
  readonly id!: string;

  @Field(() => String, { description: 'What their sign-in calls them.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'Their e-mail address, as their sign-in says.' })
  readonly email!: string | null;

  @Field(() => String, { description: 'Who says who they are: the issuer’s address.' })
  readonly issuer!: string;

  @Field(() => PrincipalRole, {
    nullable: true,
    description: 'What they may do; null: nothing any more. Of a role that comes from groups: as at their last visit.',
  })
  readonly role!: Role | null;

  @Field(() => RoleSource, { nullable: true, description: 'Where the role comes from; null: there is none.' })
  readonly roleSource!: RoleSource | null;

  @Field(() => DateTime, { nullable: true, description: 'When the role ends by itself; null: it does not.' })
  readonly roleExpiresAt!: Date | null;

  @Field(() => DateTime, { description: 'When they were here first.' })
  readonly firstSeenAt!: Date;

  @Field(() => DateTime, { description: 'When they were here last, to within five minutes.' })
  readonly lastSeenAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'Since when the membership has ended; null: it has not.' })
  readonly endedAt!: Date | null;

  static from(row: PersonRow, now = new Date()): Person {
    const held = roleOf(row, row.mapped_role, now);
    const given = held !== null && row.role !== null && (row.role_expires_at === null || row.role_expires_at > now);
    return {
      id: encodeId('Person', row.tenant_id, row.id),
      name: row.name,
      email: row.email,
      issuer: row.issuer,
      role: held?.role ?? null,
      roleSource: held === null ? null : given ? RoleSource.GIVEN : RoleSource.GROUP,
      roleExpiresAt: held?.expiresAt ?? null,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
      endedAt: row.ended_at,
    };
  }
}

export const PersonConnection = connectionOf(Person, 'Person');

@ObjectType({ description: 'A membership that was just ended.' })
export class EndedMembership {
  @Field(() => Person, { description: 'Whose it was.' })
  readonly person!: Person;

  @Field(() => Int, { description: 'How many API tokens, which they had made, ended with it.' })
  readonly tokensRevoked!: number;
}

@ObjectType({
  description: 'A link by which one person can become a member. Its secret is shown once, when it is made.',
})
export class Invitation {
  @Field(() => ID, { description: 'Its id in this API.' })
  readonly id!: string;

  @Field(() => PrincipalRole, { description: 'What the person will be.' })
  readonly role!: Role;

  @Field(() => Int, { nullable: true, description: 'For how many days, from accepting it; null: until ended.' })
  readonly roleDays!: number | null;

  @Field(() => String, { nullable: true, description: 'Whose verified e-mail address it is for; null: anybody’s.' })
  readonly email!: string | null;

  @Field(() => String, { description: 'Who made it.' })
  readonly createdBy!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => DateTime, { description: 'From when on it is refused.' })
  readonly expiresAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was accepted; null: it was not.' })
  readonly acceptedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is revoked; null: it is not.' })
  readonly revokedAt!: Date | null;

  static from(row: InvitationRow): Invitation {
    return {
      id: encodeId('Invitation', row.tenant_id, row.id),
      role: row.role,
      roleDays: row.role_days,
      email: row.email,
      createdBy: row.created_by_name,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      acceptedAt: row.accepted_at,
      revokedAt: row.revoked_at,
    };
  }
}

export const InvitationConnection = connectionOf(Invitation, 'Invitation');

@ObjectType({ description: 'An invitation that was just made.' })
export class NewInvitation {
  @Field(() => Invitation, { description: 'The invitation.' })
  readonly invitation!: Invitation;

  @Field(() => String, {
    nullable: true,
    description: 'What `acceptInvitation` takes. Shown this once; null when the same idempotency key is sent again.',
  })
  readonly secret!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A link to hand over, which asks to sign in first. Null where the service does not know its own address.',
  })
  readonly url!: string | null;
}
