import { Args, ArgsType, Field, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Config } from '../../config';
import { notFound } from '../../errors';
import { Invitations } from '../../tenancy/people/invitations.service';
import type { InvitationRow } from '../../tenancy/people/person';
import type { Role } from '../../tenancy/principal';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Membership } from './membership.type';
import { PeopleQueries } from './people-queries';
import { Invitation, InvitationConnection, NewInvitation } from './person.type';
import { PrincipalRole } from './principal-role';

@ArgsType()
class CreateInvitationArgs extends ActArgs {
  @Field(() => PrincipalRole, { description: 'What the person will be. The platform’s people are ADMIN or VIEWER.' })
  readonly role!: Role;

  @Field(() => String, {
    nullable: true,
    description: 'Binds it to this e-mail address, which the person’s sign-in must call verified.',
  })
  readonly email?: string | null;

  @Field(() => Int, { nullable: true, description: 'For how many days it can be accepted: 1 to 30, default 7.' })
  readonly expiresInDays?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'For how many days the role lasts once it is accepted; left out: until ended, of an auditor 30. An auditor’s role lasts 90 days at most.',
  })
  readonly roleDays?: number | null;
}

@ArgsType()
class RevokeInvitationArgs extends ActArgs {
  @Field(() => ID, { description: 'The invitation’s id.' })
  readonly id!: string;
}

@Resolver(() => Invitation)
export class InvitationsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly made: Invitations,
    private readonly queries: PeopleQueries,
    private readonly config: Config,
  ) {}

  @Query(() => InvitationConnection, { description: 'Invitations, the newest first; accepted and revoked ones, too.' })
  @Allow('manage-people')
  invitations(@Ask() ask: RequestContext, @Args() args: ScopedConnectionArgs): Promise<Connection<Invitation>> {
    const { queries } = this;
    const listed = {
      page: queries.invitations.bind(queries),
      count: queries.countInvitations.bind(queries),
      toNode: (row: InvitationRow) => Invitation.from(row),
    };
    return this.scope.list(ask.principal, listed, args, args.tenant);
  }

  @Mutation(() => NewInvitation, {
    description:
      'Makes a link by which one person, whose groups lead nowhere, can become a member of the tenant that is acted in.',
  })
  @Allow('manage-people')
  async createInvitation(@Ask() ask: RequestContext, @Args() args: CreateInvitationArgs): Promise<NewInvitation> {
    let secret: string | null = null;
    const { role, email = null, expiresInDays = null, roleDays = null } = args;
    const { id } = await this.acting.inTenant(
      ask,
      { operation: 'createInvitation', args },
      async (manager, tenantId) => {
        const wanted = { role, email, expiresInDays, days: roleDays };
        const created = await this.made.create(manager, tenantId, ask.principal, wanted);
        ({ secret } = created);
        return { id: created.id };
      },
    );
    return { invitation: await this.invitation(ask, id), secret, url: this.urlOf(secret) };
  }

  @Mutation(() => Invitation, {
    description: 'Ends an invitation that nobody has accepted. Revoking it again changes nothing.',
  })
  @Allow('manage-people')
  async revokeInvitation(@Ask() ask: RequestContext, @Args() args: RevokeInvitationArgs): Promise<Invitation> {
    const wanted = readIdOf('Invitation', args.id, 'id');
    await this.acting.inTenant(ask, { operation: 'revokeInvitation', args }, async (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The invitation');
      await this.made.revoke(manager, tenantId, wanted.id);
      return { id: wanted.id };
    });
    return this.invitation(ask, wanted.id);
  }

  @Mutation(() => Membership, {
    description:
      'Makes you a member of the tenant that the invitation is from. For people who have signed in, also when they belong to no tenant yet; not for API tokens. An invitation can be accepted once.',
  })
  @Allow('join')
  async acceptInvitation(
    @Ask() ask: RequestContext,
    @Args('secret', { type: () => String, description: 'The invitation’s secret: the end of its link.' })
    secret: string,
  ): Promise<Membership> {
    return Membership.from(await this.made.accept(secret, ask.person, ask.origin));
  }

  private urlOf(secret: string | null): string | null {
    const { publicUrl } = this.config;
    return secret === null || publicUrl === null ? null : `${publicUrl}/invitation?code=${secret}`;
  }

  private async invitation(ask: RequestContext, id: string): Promise<Invitation> {
    return Invitation.from(await this.scope.read(ask.principal, (reader) => this.queries.invitation(reader, id)));
  }
}
