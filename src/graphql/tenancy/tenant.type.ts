import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Principal, Role } from '../../tenancy/principal';
import type { TenantRow } from '../../tenancy/tenants.service';
import type { TokenRow } from '../../tenancy/tokens.service';
import { encodeId } from '../core/api-id';
import { connectionOf } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { Node } from '../core/node.type';

export const TokenRole = { ADMIN: 'admin', APPROVER: 'approver', VIEWER: 'viewer', AUDITOR: 'auditor' } as const;

registerEnumType(TokenRole, {
  name: 'TokenRole',
  description: 'What the holder of a token may do.',
  valuesMap: {
    ADMIN: { description: 'Everything in its tenant; with a platform token, everything.' },
    APPROVER: { description: 'Reads, and approves clean-up that somebody else proposed.' },
    VIEWER: { description: 'Reads.' },
    AUDITOR: { description: 'Reads, evidence included.' },
  },
});

export const TokenScope = { PLATFORM: 'platform', TENANT: 'tenant' } as const;

registerEnumType(TokenScope, {
  name: 'TokenScope',
  description: 'How far a token reaches.',
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

  @Field(() => TokenRole, { description: 'What its holder may do.' })
  readonly role!: Role;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'From when on it is refused; null: never.' })
  readonly expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is revoked; null: it is not.' })
  readonly revokedAt!: Date | null;

  static from(row: TokenRow & { tenant_id: string }): ApiToken {
    return {
      id: encodeId('ApiToken', row.tenant_id, row.id),
      name: row.name,
      prefix: row.prefix,
      role: row.role,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
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

@ObjectType({ description: 'Who is asking, as the token says.' })
export class Viewer {
  @Field(() => String, { description: 'The name of the token.' })
  readonly name!: string;

  @Field(() => TokenRole, { description: 'What it may do.' })
  readonly role!: Role;

  @Field(() => TokenScope, { description: 'How far it reaches.' })
  readonly scope!: Principal['scope'];

  readonly tenantId!: string;

  static from({ name, role, scope, tenantId }: Principal): Viewer {
    return { name, role, scope, tenantId };
  }
}
