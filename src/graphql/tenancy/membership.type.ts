import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { Choice } from '../../tenancy/credential';
import type { Joined } from '../../tenancy/people/invitations.service';
import type { Role } from '../../tenancy/principal';
import { encodeId } from '../../api-id';
import { PrincipalRole } from './principal-role';

@ObjectType({ description: 'A tenant that you belong to.' })
export class Membership {
  @Field(() => ID, { description: 'The tenant’s id; for the header "Mothball-Tenant".' })
  readonly tenantId!: string;

  @Field(() => String, { description: 'The tenant’s name; the header takes it, too.' })
  readonly tenantName!: string;

  @Field(() => PrincipalRole, { description: 'What you are there.' })
  readonly role!: Role;

  static from({ tenantId, tenantName, role }: Choice | Joined): Membership {
    return { tenantId: encodeId('Tenant', tenantId, tenantId), tenantName, role };
  }
}
