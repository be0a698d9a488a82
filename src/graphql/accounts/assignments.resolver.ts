import {
  Args,
  ArgsType,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Parent,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { AssignmentsService } from '../../accounts/assignments.service';
import { badInput } from '../../errors';
import { PLATFORM_TENANT_ID } from '../../tenancy/tenant-database';
import { Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf, readIdsOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { TenantQueries } from '../tenancy/tenant-queries';
import { Tenant } from '../tenancy/tenant.type';
import { AccountById } from './account-batches';
import { Account } from './account.type';

@InputType({ description: 'A tag with its value.' })
class TagInput {
  @Field(() => String, { description: 'Its key.' })
  readonly key!: string;

  @Field(() => String, { description: 'Its value.' })
  readonly value!: string;
}

@ArgsType()
class AssignAccountsArgs extends OnceArgs {
  @Field(() => ID, { description: 'The tenant that gets them (its id).' })
  readonly tenant!: string;

  @Field(() => [ID], { nullable: true, description: 'These accounts (their ids), at once, wherever they are now.' })
  readonly accountIds?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'With `ouPath` or `tag`: the organization (its id).' })
  readonly organization?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Everything in this organizational unit or below it, now and in later syncs: "/Workloads". Earlier rules win.',
  })
  readonly ouPath?: string | null;

  @Field(() => TagInput, {
    nullable: true,
    description: 'Everything with this tag, now and in later syncs. Earlier rules win.',
  })
  readonly tag?: TagInput | null;
}

@ObjectType({ description: 'What an assignment has moved.' })
class Assignment {
  @Field(() => Tenant, { description: 'The tenant that has them now.' })
  readonly tenant!: Tenant;

  @Field(() => Int, { description: 'How many accounts were moved; what was the tenant’s already is not counted.' })
  readonly moved!: number;

  readonly accountIds!: readonly string[];
}

/** More would make one answer too large; `accounts(tenant:)` lists them all. */
const SHOWN = 200;

@Resolver(() => Assignment)
export class AssignmentsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly assignments: AssignmentsService,
    private readonly tenants: TenantQueries,
    private readonly accountById: AccountById,
  ) {}

  @Mutation(() => Assignment, {
    description:
      'Gives accounts of organizations to a tenant: a list of them, or all that are in an OU or have a tag. For platform tokens.',
  })
  @Allow('manage-platform')
  async assignAccounts(@Ask() ask: RequestContext, @Args() args: AssignAccountsArgs): Promise<Assignment> {
    const tenantId = readIdOf('Tenant', args.tenant, 'tenant').id;
    const tenant = await this.scope.read(ask.principal, (reader) => this.tenants.byId(reader, tenantId));
    const change = { operation: 'assignAccounts', args };
    const { ids } = await this.acting.around(ask, PLATFORM_TENANT_ID, change, async () => ({
      ids: await this.assign(tenantId, args),
    }));
    return { tenant: Tenant.from(tenant), moved: ids.length, accountIds: ids };
  }

  @ResolveField(() => [Account], { description: `The accounts that were moved, the first ${SHOWN}.` })
  @Allow('read')
  async accounts(@Parent() { accountIds }: Assignment, @Ask() ask: RequestContext): Promise<Account[]> {
    const accounts = await Promise.all(accountIds.slice(0, SHOWN).map((id) => ask.load(this.accountById, id)));
    return accounts.flatMap((account) => account ?? []);
  }

  private async assign(tenantId: string, args: AssignAccountsArgs): Promise<string[]> {
    const { accountIds, organization, ouPath, tag } = args;
    if ([accountIds, ouPath, tag].filter((given) => given != null).length !== 1) {
      throw badInput('accountIds, ouPath, tag: give exactly one of them.');
    }
    if (accountIds != null) {
      return this.assignments.assignList(readIdsOf('Account', accountIds, 'accountIds') ?? [], tenantId);
    }
    if (organization == null) throw badInput('organization: say whose OU or tag it is.');
    const organizationId = readIdOf('Organization', organization, 'organization').id;
    return this.assignments.addRule({ organizationId, ouPath, tag }, tenantId);
  }
}
