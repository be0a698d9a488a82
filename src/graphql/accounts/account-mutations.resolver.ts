import { Args, ArgsType, Field, ID, Mutation, Resolver } from '@nestjs/graphql';
import { AccountQueries } from '../../accounts/account-queries';
import { RegistrationService } from '../../accounts/registration.service';
import { badInput } from '../../errors';
import type { AccountRoleKind } from '../../roles/verification/findings';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Account, Verification } from './account.type';
import { AccountRole } from './account-verification.type';
import { type Refusal, Verifications, type WantedRole } from './verifications.service';

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

  @Field(() => AccountRole, { nullable: true, description: 'As which of its roles; default: SCAN.' })
  readonly role?: AccountRoleKind | null;
}

@ArgsType()
class RemoveAccountRoleArgs extends VerifyAccountArgs {
  @Field(() => AccountRole, { description: 'CLEANUP or RESTORE: an account without a scan role is none.' })
  readonly role!: AccountRoleKind;
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
  @Allow('manage-accounts')
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
  @Allow('manage-accounts')
  async verifyAccount(@Ask() ask: RequestContext, @Args() args: VerifyAccountArgs): Promise<Verification> {
    return this.verify(ask, args, 'verifyAccount');
  }

  @Mutation(() => Verification, {
    description:
      'Gives an account a role of its own, once it is proven as verifyAccount does; refused, the old one stays. SCAN for the management account and for invited ones, whose role often has another name; CLEANUP and RESTORE where you have created them.',
  })
  @Allow('manage-accounts')
  async setAccountRole(@Ask() ask: RequestContext, @Args() args: SetAccountRoleArgs): Promise<Verification> {
    const { roleArn, role } = args;
    return this.verify(ask, args, 'setAccountRole', { roleArn, role: role ?? 'scan' });
  }

  @Mutation(() => Account, {
    description: 'Takes an account’s clean-up or restore role away from Mothball. Delete the role in AWS as well.',
  })
  @Allow('manage-accounts')
  async removeAccountRole(@Ask() ask: RequestContext, @Args() args: RemoveAccountRoleArgs): Promise<Account> {
    const { role } = args;
    const { id } = readIdOf('Account', args.id, 'id');
    if (role === 'scan') throw badInput('role: the scan role cannot be removed; give another one with setAccountRole.');
    await this.acting.inTenant(ask, { operation: 'removeAccountRole', args }, async (manager, tenantId) => {
      await this.verifications.removeRole(manager, tenantId, id, role);
      return { id };
    });
    return this.read(ask, id);
  }

  private async verify(
    ask: RequestContext,
    args: VerifyAccountArgs,
    operation: string,
    wanted?: WantedRole,
  ): Promise<Verification> {
    const { id } = readIdOf('Account', args.id, 'id');
    const { task } = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => {
      const account = await this.queries.byId({ manager, tenantId }, id);
      if (wanted) await this.registration.checkRole(manager, tenantId, id, wanted.roleArn);
      if (wanted && wanted.role !== 'scan' && account.status !== 'owned') {
        throw badInput('id: this account is not verified yet: verifyAccount comes first.');
      }
      return { task: await this.verifications.request(manager, tenantId, id, wanted) };
    });
    const ended = await this.verifications.ended(this.acting.tenantOf(ask.principal, args.tenant), task);
    const account = await this.read(ask, id);
    const found = await this.refusalOf(ask, account, wanted?.role ?? 'scan');
    const problem = ended.problem ?? found.problem;
    // One that was proven before stays the tenant's, but this time its role may have been refused.
    const verified = account.row.status === 'owned' && problem === null && !ended.pending;
    return { account, verified, pending: ended.pending, problem, remedy: problem === null ? null : found.remedy };
  }

  /** Of the scan role the account itself says why it was refused. */
  private async refusalOf(ask: RequestContext, account: Account, role: AccountRoleKind): Promise<Refusal> {
    if (role === 'scan') return account;
    return this.scope.read(ask.principal, (reader) => this.verifications.refusalOf(reader, account.row.id, role));
  }

  private async read(ask: RequestContext, id: string): Promise<Account> {
    return new Account(await this.scope.read(ask.principal, (reader) => this.queries.byId(reader, id)));
  }
}
