import { Args, ArgsType, Field, ID, Mutation, Resolver } from '@nestjs/graphql';
import { notFound } from '../../errors';
import { PolicyQueries } from '../../findings/policies/policy-queries';
import { PolicySweeps } from '../../findings/policies/policy-sweeps.service';
import { SweepsService } from '../../scans/sweeps.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Sweep } from '../inventory/scan.type';

@ArgsType()
class RunPolicyArgs extends ActArgs {
  @Field(() => ID, { description: 'The policy’s id.' })
  readonly id!: string;
}

@Resolver()
export class RunPolicyResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly queries: PolicyQueries,
    private readonly policySweeps: PolicySweeps,
    private readonly sweeps: SweepsService,
  ) {}

  @Mutation(() => Sweep, {
    description: 'Has the accounts scanned now in which a policy decides. An account that is being scanned is joined.',
  })
  @Allow('operate')
  async runPolicyNow(@Ask() ask: RequestContext, @Args() args: RunPolicyArgs): Promise<Sweep> {
    const wanted = readIdOf('Policy', args.id, 'id');
    const { id } = await this.acting.inTenant(ask, { operation: 'runPolicyNow', args }, async (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The policy');
      const { name } = await this.queries.find({ manager, tenantId }, wanted.id);
      return { id: await this.policySweeps.start(manager, tenantId, name, ask.principal.name) };
    });
    return new Sweep(await this.scope.read(ask.principal, (reader) => this.sweeps.byId(reader, id)));
  }
}
