import { Args, ArgsType, Field, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { notFound } from '../../errors';
import type { Role } from '../../tenancy/principal';
import { type TokenRow, TokensService } from '../../tenancy/tokens.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ScopedConnectionArgs } from '../core/connection';
import { DateTime } from '../core/date-time.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { TenantQueries } from './tenant-queries';
import { ApiToken, ApiTokenConnection, NewApiToken } from './tenant.type';
import { PrincipalRole } from './principal-role';

@ArgsType()
class CreateTokenArgs extends ActArgs {
  @Field(() => String, { description: 'What it is for, for example "ci".' })
  readonly name!: string;

  @Field(() => PrincipalRole, { description: 'What its holder may do. Platform tokens are ADMIN or VIEWER.' })
  readonly role!: Role;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'From when on it is refused; left out: never, of an auditor in 30 days. An auditor’s token lasts 90 days at most.',
  })
  readonly expiresAt?: Date | null;
}

@ArgsType()
class RevokeTokenArgs extends ActArgs {
  @Field(() => ID, { description: 'The token’s id.' })
  readonly id!: string;
}

@Resolver(() => ApiToken)
export class TokensResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly tokens: TokensService,
    private readonly queries: TenantQueries,
  ) {}

  @Query(() => ApiTokenConnection, { description: 'Tokens, the newest first; revoked and expired ones, too.' })
  @Allow('manage-people')
  apiTokens(@Ask() ask: RequestContext, @Args() args: ScopedConnectionArgs): Promise<Connection<ApiToken>> {
    const { queries } = this;
    const listed = {
      page: queries.tokens.bind(queries),
      count: queries.countTokens.bind(queries),
      toNode: (row: TokenRow & { tenant_id: string }) => ApiToken.from(row),
    };
    return this.scope.list(ask.principal, listed, args, args.tenant);
  }

  @Mutation(() => NewApiToken, {
    description:
      'Makes a token of the tenant that is acted in. With the platform’s own tenant (see `viewer`) it is a platform token.',
  })
  @Allow('manage-people')
  async createToken(@Ask() ask: RequestContext, @Args() args: CreateTokenArgs): Promise<NewApiToken> {
    let secret: string | null = null;
    const made = await this.acting.inTenant(ask, { operation: 'createToken', args }, async (manager, tenantId) => {
      const { name, role, expiresAt = null } = args;
      const created = await this.tokens.create(manager, tenantId, { name, role, expiresAt, by: ask.principal });
      ({ secret } = created);
      return { id: created.row.id };
    });
    return { token: await this.token(ask, made.id), secret };
  }

  @Mutation(() => ApiToken, { description: 'Ends a token at once. Revoking it again changes nothing.' })
  @Allow('manage-people')
  async revokeToken(@Ask() ask: RequestContext, @Args() args: RevokeTokenArgs): Promise<ApiToken> {
    const wanted = readIdOf('ApiToken', args.id, 'id');
    const { id } = await this.acting.inTenant(ask, { operation: 'revokeToken', args }, async (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The token');
      return { id: (await this.tokens.revoke(manager, tenantId, wanted.id)).id };
    });
    return this.token(ask, id);
  }

  private async token(ask: RequestContext, id: string): Promise<ApiToken> {
    return ApiToken.from(await this.scope.read(ask.principal, (reader) => this.queries.token(reader, id)));
  }
}
