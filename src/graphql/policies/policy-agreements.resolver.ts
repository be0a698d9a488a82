import { Args, ArgsType, Field, ID, Int, Mutation, Resolver } from '@nestjs/graphql';
import { badInput, notFound } from '../../errors';
import { type Decided, PolicyAgreements } from '../../findings/policies/policy-agreements.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { PolicyReads } from './policy-reads.service';
import { Policy } from './policy.type';

@ArgsType()
class DecideArgs extends ActArgs {
  @Field(() => ID, { description: 'The policy’s id.' })
  readonly id!: string;

  @Field(() => Int, { description: 'The version, as `Policy.proposal` names it.' })
  readonly version!: number;

  @Field(() => String, { description: 'The hash of that version: you decide about exactly this content.' })
  readonly hash!: string;

  @Field(() => String, { nullable: true, description: 'Why: at most 1,000 characters.' })
  readonly note?: string | null;
}

/** A policy that acts by itself needs two people. */
@Resolver()
export class PolicyAgreementsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly agreements: PolicyAgreements,
    private readonly reads: PolicyReads,
  ) {}

  @Mutation(() => Policy, {
    description:
      'Agrees to a version that acts by itself: it is in force from now on. Not for whoever proposed it, by whichever of their credentials.',
  })
  @Allow('agree')
  agreeToPolicy(@Ask() ask: RequestContext, @Args() args: DecideArgs): Promise<Policy> {
    return this.decide(ask, args, 'agreeToPolicy', this.agreements.agree.bind(this.agreements));
  }

  @Mutation(() => Policy, {
    description: 'Refuses a version that waits, or takes one’s own proposal back. The version in force stays.',
  })
  @Allow('agree')
  refusePolicy(@Ask() ask: RequestContext, @Args() args: DecideArgs): Promise<Policy> {
    return this.decide(ask, args, 'refusePolicy', this.agreements.refuse.bind(this.agreements));
  }

  private async decide(
    ask: RequestContext,
    args: DecideArgs,
    operation: string,
    work: PolicyAgreements['agree'],
  ): Promise<Policy> {
    const wanted = readIdOf('Policy', args.id, 'id');
    const { note, version, hash } = args;
    if ((note?.length ?? 0) > 1_000) throw badInput('note: must have at most 1,000 characters.');
    await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The policy');
      const { name, standsFor } = ask.principal;
      const decided: Decided = { id: wanted.id, version, hash };
      await work(manager, tenantId, decided, { name, standsFor, note });
      return {};
    });
    return this.scope.read(ask.principal, (reader) => this.reads.byId(reader, wanted), args.tenant);
  }
}
