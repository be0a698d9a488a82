import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AccountById } from '../accounts/account-batches';
import { Account } from '../accounts/account.type';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { Steps } from '../core/steps.type';
import { consoleUrl } from '../inventory/console-url';
import { IdentityById } from '../inventory/identity-batches';
import { Identity } from '../inventory/identity.type';
import { HistoryOfFinding, Remediations } from './finding-batches';
import { Event, Finding, Unknown } from './finding.type';

/** What a finding has besides its own row. */
@Resolver(() => Finding)
export class FindingFieldsResolver {
  constructor(
    private readonly accounts: AccountById,
    private readonly identities: IdentityById,
    private readonly remediations: Remediations,
    private readonly historyOf: HistoryOfFinding,
  ) {}

  @ResolveField(() => Account, { nullable: true, description: 'The account it is in.' })
  @Allow('read')
  account(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }

  @ResolveField(() => Identity, { nullable: true, description: 'The user, role, password or access key.' })
  @Allow('read')
  identity(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Identity | null> {
    return ask.load(this.identities, row.identity_id);
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'The page of the AWS console where people can look at its identity.',
  })
  @Allow('read')
  async url(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<string | null> {
    const identity = await ask.load(this.identities, row.identity_id);
    return identity && consoleUrl(identity.row);
  }

  @ResolveField(() => Steps, {
    nullable: true,
    description: 'How to mend it, names filled in; null: the identity is gone.',
  })
  @Allow('read')
  remediation(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Steps | null> {
    return ask.load(this.remediations, { identityId: row.identity_id, checkId: row.check_id });
  }

  @ResolveField(() => [Event], { description: 'What has happened to it, the newest last.' })
  @Allow('read')
  history(@Parent() { row }: Finding, @Ask() ask: RequestContext): Promise<Event[]> {
    return ask.load(this.historyOf, row.id);
  }
}

@Resolver(() => Unknown)
export class UnknownFieldsResolver {
  constructor(
    private readonly accounts: AccountById,
    private readonly identities: IdentityById,
  ) {}

  @ResolveField(() => Account, { nullable: true, description: 'The account it is in.' })
  @Allow('read')
  account(@Parent() { row }: Unknown, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }

  @ResolveField(() => Identity, { nullable: true, description: 'The user, role, password or access key.' })
  @Allow('read')
  identity(@Parent() { row }: Unknown, @Ask() ask: RequestContext): Promise<Identity | null> {
    return ask.load(this.identities, row.identity_id);
  }
}
