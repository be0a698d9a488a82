import { Args, ArgsType, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { PoliciesService, type StoredPolicy } from '../../findings/policies.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { DateTime } from '../core/date-time.scalar';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';

@ObjectType({ description: 'A tenant’s thresholds, which checks run, and what is spared.' })
export class Policy {
  @Field(() => String, { description: 'Its name.' })
  readonly name!: string;

  @Field(() => Int, { description: 'Counts changes; 0 is the built-in default.' })
  readonly version!: number;

  @Field(() => Json, {
    description:
      'checks.<id>.{enabled idleDays severity}, rolePatternWhitelist, exclusions.{users roles}; all of them filled in.',
  })
  readonly settings!: unknown;

  @Field(() => DateTime, { nullable: true, description: 'When it was saved; null: the built-in default.' })
  readonly createdAt!: Date | null;

  static from({ name, version, settings, createdAt }: StoredPolicy): Policy {
    return { name, version, settings, createdAt };
  }
}

@ArgsType()
class SetPolicyArgs extends ActArgs {
  @Field(() => Json, {
    description:
      'The new settings, whole: what is left out has its default. An unknown name is an error. See `Policy.settings`.',
  })
  readonly settings!: unknown;
}

@Resolver(() => Policy)
export class PolicyResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly policies: PoliciesService,
  ) {}

  @Query(() => Policy, { description: 'The policy that a tenant is judged by.' })
  @Allow('read')
  policy(
    @Ask() ask: RequestContext,
    @Args('tenant', {
      type: () => ID,
      nullable: true,
      description: 'The tenant (its id): platform tokens must name it.',
    })
    tenant?: string | null,
  ): Promise<Policy> {
    return this.read(ask, tenant);
  }

  @Mutation(() => Policy, {
    description: 'Saves a policy as a new version. Every account is judged again at once, without calling AWS.',
  })
  @Allow('manage-tenant')
  async setPolicy(@Ask() ask: RequestContext, @Args() args: SetPolicyArgs): Promise<Policy> {
    await this.acting.inTenant(ask, { operation: 'setPolicy', args }, async (manager, tenantId) => {
      const { version } = await this.policies.save(manager, tenantId, args.settings);
      return { version: String(version) };
    });
    return this.read(ask, args.tenant);
  }

  private async read(ask: RequestContext, tenant: string | null | undefined): Promise<Policy> {
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    return Policy.from(
      await this.scope.read(ask.principal, ({ manager }) => this.policies.current(manager, tenantId), tenant ?? null),
    );
  }
}
