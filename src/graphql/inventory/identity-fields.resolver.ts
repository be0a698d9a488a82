import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AccountById } from '../accounts/account-batches';
import { Account } from '../accounts/account.type';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { Tag } from '../core/tag.type';
import { FindingsOfIdentity } from '../findings/finding-batches';
import { Finding } from '../findings/finding.type';
import { CredentialsOfUser, TagsOfIdentity } from './identity-batches';
import { Identity } from './identity.type';
import { LastUsed } from './last-used.type';

/** What every identity has besides its own row. */
@Resolver(() => Identity)
export class IdentityFieldsResolver {
  constructor(
    private readonly accounts: AccountById,
    private readonly findingsOf: FindingsOfIdentity,
    private readonly tagsOf: TagsOfIdentity,
    private readonly credentialsOf: CredentialsOfUser,
  ) {}

  @ResolveField(() => Account, { nullable: true, description: 'The account it is in.' })
  @Allow('read')
  account(@Parent() { row }: Identity, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }

  @ResolveField(() => [Finding], { description: 'What is wrong with it, in any status; at most one for each check.' })
  @Allow('read')
  findings(@Parent() { row }: Identity, @Ask() ask: RequestContext): Promise<Finding[]> {
    return ask.load(this.findingsOf, row.id);
  }

  @ResolveField(() => [Tag], { description: 'Its own tags in IAM, by key. Passwords and keys have none.' })
  @Allow('read')
  tags(@Parent() { row }: Identity, @Ask() ask: RequestContext): Promise<Tag[]> {
    return ask.load(this.tagsOf, row.id);
  }

  @ResolveField(() => LastUsed, {
    nullable: true,
    description: 'Its last use; a user’s is the latest of its password and keys. Null: a user without any.',
  })
  @Allow('read')
  async lastUsed(@Parent() { row }: Identity, @Ask() ask: RequestContext): Promise<LastUsed | null> {
    if (row.kind !== 'user') return LastUsed.from(row);
    if (row.credentials_unknown !== null) return LastUsed.unknown(row.credentials_unknown);
    return LastUsed.latestOf(await ask.load(this.credentialsOf, row.id));
  }
}
