import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Credential } from '../../tenancy/credential';
import type { Principal, Role } from '../../tenancy/principal';
import type { TenantRow } from '../../tenancy/tenants.service';
import type { TokenRow } from '../../tenancy/tokens.service';
import { encodeId } from '../../api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';
import { Membership } from './membership.type';
import { PrincipalRole } from './principal-role';

export const PrincipalScope = { PLATFORM: 'platform', TENANT: 'tenant' } as const;

registerEnumType(PrincipalScope, {
  name: 'PrincipalScope',
  description: 'How far a person or a token reaches.',
  valuesMap: {
    PLATFORM: { description: 'Across all tenants.' },
    TENANT: { description: 'One tenant.' },
  },
});

@ObjectType({
  implements: () => [Node],
  description: 'A customer or team; owns accounts, findings and everything else.',
})
export class Tenant implements Node {
  @Field(() => ID, { description: 'Its id in this API.' })
  readonly id!: string;

  @Field(() => String, { description: 'Its name, unique without regard to case.' })
  readonly name!: string;

  @Field(() => Boolean, {
    description: 'Whether it is the platform’s own, which holds organizations and accounts that nobody was assigned.',
  })
  readonly isPlatform!: boolean;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly createdAt!: Date;

  static from(row: TenantRow): Tenant {
    return Object.assign(new Tenant(), {
      id: encodeId('Tenant', row.id, row.id),
      name: row.name,
      isPlatform: row.kind === 'platform',
      createdAt: row.created_at,
    });
  }
}

export const TenantConnection = connectionOf(Tenant, 'Tenant');

@ObjectType({ description: 'A token for this API. Its secret is shown once, when it is made.' })
export class ApiToken {
  @Field(() => ID, { description: 'Its id in this API.' })
  readonly id!: string;

  @Field(() => String, { description: 'What it is for.' })
  readonly name!: string;

  @Field(() => String, { description: 'The first characters of its secret, to recognize it by.' })
  readonly prefix!: string;

  @Field(() => PrincipalRole, { description: 'What its holder may do.' })
  readonly role!: Role;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'From when on it is refused; null: never.' })
  readonly expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is revoked; null: it is not.' })
  readonly revokedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Who made it; null: the service itself, at its first start.' })
  readonly createdBy!: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was last used, to within five minutes; null: not yet, or before this was kept.',
  })
  readonly lastUsedAt!: Date | null;

  static from(row: TokenRow & { tenant_id: string }): ApiToken {
    return {
      id: encodeId('ApiToken', row.tenant_id, row.id),
      name: row.name,
      prefix: row.prefix,
      role: row.role,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      createdBy: row.created_by_name,
      lastUsedAt: row.last_used_at,
    };
  }
}

export const ApiTokenConnection = connectionOf(ApiToken, 'ApiToken');

@ObjectType({ description: 'A token that was just made.' })
export class NewApiToken {
  @Field(() => ApiToken, { description: 'The token.' })
  readonly token!: ApiToken;

  @Field(() => String, {
    nullable: true,
    description:
      'What goes into the header "Authorization: Bearer …". Shown this once; null when the same idempotency key is sent again.',
  })
  readonly secret!: string | null;
}

export const PrincipalKind = { PERSON: 'person', TOKEN: 'token' } as const;

registerEnumType(PrincipalKind, {
  name: 'PrincipalKind',
  description: 'Who asks.',
  valuesMap: {
    PERSON: { description: 'Somebody who has signed in.' },
    TOKEN: { description: 'A program with an API token.' },
  },
});

@ObjectType({ description: 'Who is asking, as the sign-in or the token says.' })
export class Viewer {
  @Field(() => PrincipalKind, { description: 'A person, or a program.' })
  readonly kind!: Principal['kind'];

  @Field(() => String, { description: 'The name of the person or of the token.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'The person’s e-mail address, as their sign-in says.' })
  readonly email!: string | null;

  @Field(() => PrincipalRole, { description: 'What they may do.' })
  readonly role!: Role;

  @Field(() => PrincipalScope, { description: 'How far they reach.' })
  readonly scope!: Principal['scope'];

  @Field(() => DateTime, { nullable: true, description: 'When the sign-in or the token ends by itself; null: never.' })
  readonly expiresAt!: Date | null;

  @Field(() => [Membership], {
    description: 'The tenants that they belong to; the header "Mothball-Tenant" chooses among them.',
  })
  readonly tenants!: readonly Membership[];

  readonly tenantId!: string;

  static from({ principal, email, expiresAt, choices }: Credential): Viewer {
    const { kind, name, role, scope, tenantId } = principal;
    return { kind, name, email, role, scope, tenantId, expiresAt, tenants: choices.map((one) => Membership.from(one)) };
  }
}
