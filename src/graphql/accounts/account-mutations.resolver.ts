import { Args, ArgsType, Field, ID, Mutation, Resolver } from '@nestjs/graphql';
import { AccountQueries } from '../../accounts/account-queries';
import { RegistrationService } from '../../accounts/registration.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../core/api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Account, Verification } from './account.type';
import { Verifications } from './verifications.service';

@ArgsType()
class RegisterAccountArgs extends ActArgs {
  @Field(() => String, { description: 'The twelve digits of the AWS account.' })
  readonly awsAccountId!: string;

  @Field(() => String, { description: 'What you call it: 1 to 200 characters.' })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'aws (default), aws-cn or aws-us-gov.' })
  readonly partition?: string | null;

  @Field(() => String, { nullable: true, description: 'The role to assume; default: mothball-scan in that account.' })
  readonly roleArn?: string | null;
}

@ArgsType()
class VerifyAccountArgs extends ActArgs {
  @Field(() => ID, { description: 'The account’s id.' })
  readonly id!: string;
}

@ArgsType()
class SetAccountRoleArgs extends VerifyAccountArgs {
  @Field(() => String, {
    description: 'The ARN of a role in that account. Its trust policy needs the same external id.',
  })
  readonly roleArn!: string;
}

@Resolver(() => Account)
export class AccountMutationsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly registration: RegistrationService,
    private readonly queries: AccountQueries,
    private readonly verifications: Verifications,
  ) {}

  @Mutation(() => Account, {
    description:
      'Registers one AWS account. Create the role that `setup` describes, then `verifyAccount`. Until then the account is PENDING.',
  })
  @Allow('manage-tenant')
  async registerAccount(@Ask() ask: RequestContext, @Args() args: RegisterAccountArgs): Promise<Account> {
    const { id } = await this.acting.inTenant(
      ask,
      { operation: 'registerAccount', args },
      async (manager, tenantId) => ({
        id: await this.registration.register(manager, tenantId, args),
      }),
    );
    return this.read(ask, id);
  }

  @Mutation(() => Verification, {
    description:
      'Proves control of a registered account by assuming its role, with its external id and only with it. Waits up to 20 seconds.',
  })
  @Allow('manage-tenant')
  async verifyAccount(@Ask() ask: RequestContext, @Args() args: VerifyAccountArgs): Promise<Verification> {
    return this.verify(ask, args, 'verifyAccount');
  }

  @Mutation(() => Verification, {
    description:
      'Gives an account a scan role of its own, once it is proven as verifyAccount does; refused, the old one stays. For the management account and for invited ones, whose role often has another name.',
  })
  @Allow('manage-tenant')
  async setAccountRole(@Ask() ask: RequestContext, @Args() args: SetAccountRoleArgs): Promise<Verification> {
    return this.verify(ask, args, 'setAccountRole', args.roleArn);
  }

  private async verify(
    ask: RequestContext,
    args: VerifyAccountArgs,
    operation: string,
    roleArn?: string,
  ): Promise<Verification> {
    const wanted = readIdOf('Account', args.id, 'id');
    const { task } = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => {
      await this.queries.byId({ manager, tenantId }, wanted.id);
      if (roleArn !== undefined) await this.registration.checkRole(manager, tenantId, wanted.id, roleArn);
      return { task: await this.verifications.request(manager, tenantId, wanted.id, roleArn) };
    });
    const ended = await this.verifications.ended(this.acting.tenantOf(ask.principal, args.tenant), task);
    const account = await this.read(ask, wanted.id);
    const problem = ended.problem ?? account.problem;
    // One that was proven before stays the tenant's, but this time its role may have been refused.
    const verified = account.row.status === 'owned' && problem === null && !ended.pending;
    return { account, verified, pending: ended.pending, problem, remedy: problem === null ? null : account.remedy };
  }

  private async read(ask: RequestContext, id: string): Promise<Account> {
    return new Account(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, id)));
  }
}
