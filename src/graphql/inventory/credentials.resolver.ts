import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { CredentialsOfUser, IdentityById } from './identity-batches';
import { AccessKey, type Identity, Password, User } from './identity.type';

@Resolver(() => User)
export class UserCredentialsResolver {
  constructor(private readonly credentialsOf: CredentialsOfUser) {}

  @ResolveField(() => Password, {
    nullable: true,
    description: 'Its console password; null: none, or `credentialsProblem`.',
  })
  @Allow('read')
  async password(@Parent() { row }: User, @Ask() ask: RequestContext): Promise<Password | null> {
    const password = (await ask.load(this.credentialsOf, row.id)).find(({ kind }) => kind === 'password');
    return password ? new Password(password) : null;
  }

  @ResolveField(() => [AccessKey], { description: 'Its access keys, two at most.' })
  @Allow('read')
  async accessKeys(@Parent() { row }: User, @Ask() ask: RequestContext): Promise<AccessKey[]> {
    const credentials = await ask.load(this.credentialsOf, row.id);
    return credentials.filter(({ kind }) => kind === 'access-key').map((key) => new AccessKey(key));
  }
}

@Resolver(() => AccessKey)
export class AccessKeyUserResolver {
  constructor(private readonly identities: IdentityById) {}

  @ResolveField(() => User, { nullable: true, description: 'The user that owns it.' })
  @Allow('read')
  user(@Parent() key: AccessKey, @Ask() ask: RequestContext): Promise<Identity | null> {
    return ownerOf(key, ask, this.identities);
  }
}

@Resolver(() => Password)
export class PasswordUserResolver {
  constructor(private readonly identities: IdentityById) {}

  @ResolveField(() => User, { nullable: true, description: 'The user that owns it.' })
  @Allow('read')
  user(@Parent() password: Password, @Ask() ask: RequestContext): Promise<Identity | null> {
    return ownerOf(password, ask, this.identities);
  }
}

const ownerOf = async ({ row }: Identity, ask: RequestContext, batch: IdentityById): Promise<Identity | null> =>
  row.owner_id === null ? null : ask.load(batch, row.owner_id);
