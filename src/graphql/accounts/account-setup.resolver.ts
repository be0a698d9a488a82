import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { OrganizationById, VerificationOfAccount } from './account-batches';
import { Account, RoleSetup } from './account.type';
import { AccountVerification } from './account-verification.type';
import { Organization } from './organization.type';
import { RoleSetups } from './role-setups.service';

@Resolver(() => Account)
export class AccountSetupResolver {
  constructor(
    private readonly setups: RoleSetups,
    private readonly organizations: OrganizationById,
    private readonly verifications: VerificationOfAccount,
  ) {}

  @ResolveField(() => RoleSetup, { description: 'What has to be created in the account.' })
  @Allow('manage-accounts')
  setup(@Parent() { row }: Account): Promise<RoleSetup> {
    return this.setups.ofAccount(row);
  }

  @ResolveField(() => AccountVerification, {
    nullable: true,
    description: 'What the last verification found of its roles; null: not looked at yet.',
  })
  @Allow('read')
  verification(@Parent() { row }: Account, @Ask() ask: RequestContext): Promise<AccountVerification | null> {
    return ask.load(this.verifications, row.id);
  }

  @ResolveField(() => Organization, {
    nullable: true,
    description: 'The organization that lists it. Connections are the platform’s: a tenant’s own token sees null.',
  })
  @Allow('read')
  async organization(@Parent() { row }: Account, @Ask() ask: RequestContext): Promise<Organization | null> {
    return row.organization_id === null ? null : ask.load(this.organizations, row.organization_id);
  }
}
