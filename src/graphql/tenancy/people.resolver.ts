import { Args, ArgsType, Field, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { notFound } from '../../errors';
import { People } from '../../tenancy/people/people.service';
import type { PersonRow } from '../../tenancy/people/person';
import { Sessions } from '../../tenancy/people/sessions.service';
import type { Role } from '../../tenancy/principal';
import { ActArgs, Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { PeopleQueries } from './people-queries';
import { EndedMembership, Person, PersonConnection } from './person.type';
import { PrincipalRole } from './principal-role';

@ArgsType()
class SetPersonRoleArgs extends ActArgs {
  @Field(() => ID, { description: 'The person’s id.' })
  readonly id!: string;

  @Field(() => PrincipalRole, { description: 'What they are to be. The platform’s people are ADMIN or VIEWER.' })
  readonly role!: Role;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days; left out: until ended, of an auditor 30. An auditor’s role lasts 90 days at most.',
  })
  readonly roleDays?: number | null;
}

@ArgsType()
class EndMembershipArgs extends ActArgs {
  @Field(() => ID, { description: 'The person’s id.' })
  readonly id!: string;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether the API tokens that they made in this tenant end, too.',
  })
  readonly revokeTokens!: boolean;
}

@Resolver(() => Person)
export class PeopleResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly members: People,
    private readonly sessions: Sessions,
    private readonly queries: PeopleQueries,
  ) {}

  @Query(() => PersonConnection, {
    description:
      'People of the tenant by name: whoever was here, or was invited; also those whose membership has ended.',
  })
  @Allow('manage-people')
  people(@Ask() ask: RequestContext, @Args() args: ScopedConnectionArgs): Promise<Connection<Person>> {
    const { queries } = this;
    const listed = {
      page: queries.page.bind(queries),
      count: queries.count.bind(queries),
      toNode: (row: PersonRow) => Person.from(row),
    };
    return this.scope.list(ask.principal, listed, args, args.tenant);
  }

  @Mutation(() => Person, {
    description: 'Gives a person another role, which counts for more than what their groups say. It holds at once.',
  })
  @Allow('manage-people')
  async setPersonRole(@Ask() ask: RequestContext, @Args() args: SetPersonRoleArgs): Promise<Person> {
    const wanted = readIdOf('Person', args.id, 'id');
    const { role, roleDays = null } = args;
    await this.acting.inTenant(ask, { operation: 'setPersonRole', args }, async (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The person');
      await this.members.setRole(manager, tenantId, wanted.id, { role, days: roleDays });
      return { id: wanted.id };
    });
    return this.person(ask, wanted.id);
  }

  @Mutation(() => EndedMembership, {
    description:
      'Ends a membership at once, with all that the person has open, whatever their groups say; a new invitation begins it again. By default the API tokens that they made in this tenant end, too.',
  })
  @Allow('manage-people')
  async endMembership(@Ask() ask: RequestContext, @Args() args: EndMembershipArgs): Promise<EndedMembership> {
    const wanted = readIdOf('Person', args.id, 'id');
    const ended = await this.acting.inTenant(ask, { operation: 'endMembership', args }, async (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The person');
      const { tokensRevoked } = await this.members.end(manager, tenantId, wanted.id, args.revokeTokens);
      return { tokens: `${tokensRevoked}` };
    });
    return { person: await this.person(ask, wanted.id), tokensRevoked: Number(ended.tokens) };
  }

  @Mutation(() => Boolean, {
    description: 'Ends all of your browser sessions, on every device, this one too. For people who have signed in.',
  })
  @Allow('read')
  async signOutEverywhere(@Ask() ask: RequestContext, @Args() args: OnceArgs): Promise<boolean> {
    const { person } = ask;
    await this.acting.inPlatform(ask, { operation: 'signOutEverywhere', args }, async (manager) => ({
      sessions: `${await this.sessions.endAllOf(manager, person)}`,
    }));
    return true;
  }

  private async person(ask: RequestContext, id: string): Promise<Person> {
    return Person.from(await this.scope.read(ask.principal, (reader) => this.queries.person(reader, id)));
  }
}
