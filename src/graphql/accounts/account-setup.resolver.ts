import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { OrganizationById } from './account-batches';
import { Account, RoleSetup } from './account.type';
import { Organization } from './organization.type';
import { RoleSetups } from './role-setups.service';

@Resolver(() => Account)
export class AccountSetupResolver {
  constructor(
    private readonly setups: RoleSetups,
    private readonly organizations: OrganizationById,
  ) {}

  @ResolveField(() => RoleSetup, { description: 'What has to be created in the account.' })
  setup(@Parent() { row }: Account): Promise<RoleSetup> {
    return this.setups.scanning(row.role_arn, row.external_id);
  }

  @ResolveField(() => Organization, {
    nullable: true,
    description: 'The organization that lists it. Connections are the platform’s: a tenant’s own token sees null.',
  })
  async organization(@Parent() { row }: Account, @Ask() ask: RequestContext): Promise<Organization | null> {
    return row.organization_id === null ? null : ask.load(this.organizations, row.organization_id);
  }
}
