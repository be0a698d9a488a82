import { Args, Field, ID, Int, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { badInput } from '../../errors';
import { FindingQueries } from '../../findings/finding-queries';
import { PolicyQueries } from '../../findings/policies/policy-queries';
import type { PolicyInForce } from '../../findings/policies/policy-set';
import type { Reader } from '../../paging';
import { Allow } from '../core/allow';
import { readId } from '../../api-id';
import { Ask } from '../core/ask';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';

@ObjectType({ description: 'A policy as it decides, never looser than the baseline.' })
export class DecidingPolicy {
  @Field(() => String, { description: 'Its name.' })
  readonly name!: string;

  @Field(() => Int, { description: 'Its version; 0 is the built-in default.' })
  readonly version!: number;

  @Field(() => Json, { description: 'Whom it is for; an empty list or object is not asked.' })
  readonly scope!: unknown;

  @Field(() => Json, { description: 'What it judges by, everything filled in.' })
  readonly settings!: unknown;
}

/** Which policy decides. */
@Resolver()
export class EffectivePoliciesResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly queries: PolicyQueries,
    private readonly findings: FindingQueries,
  ) {}

  @Query(() => [DecidingPolicy], {
    description:
      'Which policies decide, and by which settings: in an account all that can, in order; about an identity or a finding the one that does.',
  })
  @Allow('read')
  effectivePolicies(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'Of an account, an identity or a finding.' }) id: string,
  ): Promise<DecidingPolicy[]> {
    const wanted = readId(id, 'id');
    return this.scope.read(ask.principal, async (reader) => {
      switch (wanted.kind) {
        case 'Account':
          return this.queries.decidingIn(reader, wanted.id);
        case 'Identity':
          return this.about(reader, wanted.id);
        case 'Finding':
          return this.about(reader, (await this.findings.byId(reader, wanted.id)).identity_id);
        default:
          throw badInput('id: the id of an Account, an Identity or a Finding is wanted.');
      }
    });
  }

  private async about(reader: Reader, identityId: string): Promise<PolicyInForce[]> {
    return [await this.queries.decidingAbout(reader, identityId)];
  }
}
