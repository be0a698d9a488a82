import { Args, ArgsType, Field, ID, Int, Mutation, Resolver } from '@nestjs/graphql';
import { type Applied, type ApplyMode as Mode, PoliciesService } from '../../findings/policies/policies.service';
import { API_VERSION, parsePolicyDocument } from '../../findings/policies/documents/policy-document';
import { badInput, notFound } from '../../errors';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { DOCUMENTS, parseDocument, parseDocuments } from './documents.input';
import { ApplyMode, changesOf, PoliciesApplied } from './policies-applied.type';
import { PolicyReads } from './policy-reads.service';
import { Policy } from './policy.type';

@ArgsType()
class NotedArgs extends ActArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Why, for those who read the history: at most 1,000 characters.',
  })
  readonly note?: string | null;
}

@ArgsType()
class PolicyApplyArgs extends NotedArgs {
  @Field(() => Json, { description: DOCUMENTS })
  readonly documents!: unknown;

  @Field(() => ApplyMode, { nullable: true, description: 'Default: MERGE.' })
  readonly mode?: Mode | null;

  @Field(() => String, {
    nullable: true,
    description: '`policiesHash` as it was when you read them: with another one by now it is the error CONFLICT.',
  })
  readonly expectedHash?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'true: says what it would do, and does nothing.' })
  readonly dryRun?: boolean | null;
}

@ArgsType()
class SavePolicyArgs extends NotedArgs {
  @Field(() => Json, { description: 'The policy: YAML as a text, or JSON.' })
  readonly document!: unknown;

  @Field(() => Int, {
    nullable: true,
    description: 'The number of its newest version, as you read it (0: there is none): another by now is CONFLICT.',
  })
  readonly expectedVersion?: number | null;
}

@ArgsType()
class MovePolicyArgs extends NotedArgs {
  @Field(() => ID, { description: 'The policy’s id.' })
  readonly id!: string;

  @Field(() => Int, { description: 'Its place in the order, from 1.' })
  readonly position!: number;
}

@ArgsType()
class RetirePolicyArgs extends NotedArgs {
  @Field(() => ID, { description: 'The policy’s id.' })
  readonly id!: string;
}

@ArgsType()
class SetPolicyArgs extends ActArgs {
  @Field(() => Json, {
    description:
      'The new settings, whole: what is left out has its default. An unknown name is an error. See `Policy.settings`.',
  })
  readonly settings!: unknown;
}

@Resolver()
export class PolicyMutationsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly policies: PoliciesService,
    private readonly reads: PolicyReads,
  ) {}

  @Mutation(() => PoliciesApplied, {
    description:
      'Saves policies, all of them or none. The accounts that they change something for are judged again at once, without calling AWS. What would be looser than the platform’s baseline is refused. A policy that acts by itself waits for a second person (`agreeToPolicy`); until then its last agreed version stays in force.',
  })
  @Allow('manage-policies')
  async policyApply(@Ask() ask: RequestContext, @Args() args: PolicyApplyArgs): Promise<PoliciesApplied> {
    const { mode, expectedHash, dryRun } = args;
    const documents = parseDocuments(args.documents);
    return this.change(ask, 'policyApply', args, (manager, tenantId) =>
      this.policies.apply(
        manager,
        tenantId,
        { documents, mode: mode ?? 'MERGE', expectedHash, dryRun },
        savedBy(ask, args),
      ),
    );
  }

  @Mutation(() => PoliciesApplied, {
    description:
      'Saves one policy: in its place, or a new one as the last that can still decide about anything. Otherwise as `policyApply`.',
  })
  @Allow('manage-policies')
  async savePolicy(@Ask() ask: RequestContext, @Args() args: SavePolicyArgs): Promise<PoliciesApplied> {
    const document = parseDocument(args.document);
    const { expectedVersion } = args;
    return this.change(ask, 'savePolicy', args, (manager, tenantId) =>
      this.policies.save(manager, tenantId, { document, expectedVersion }, savedBy(ask, args)),
    );
  }

  @Mutation(() => PoliciesApplied, { description: 'Moves a policy to another place in the order.' })
  @Allow('manage-policies')
  async movePolicy(@Ask() ask: RequestContext, @Args() args: MovePolicyArgs): Promise<PoliciesApplied> {
    const wanted = readIdOf('Policy', args.id, 'id');
    return this.change(ask, 'movePolicy', args, (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The policy');
      return this.policies.move(manager, tenantId, { id: wanted.id, to: args.position }, savedBy(ask, args));
    });
  }

  @Mutation(() => PoliciesApplied, {
    description: 'Ends a policy. Its versions can still be read; saving one of its name brings it back.',
  })
  @Allow('manage-policies')
  async retirePolicy(@Ask() ask: RequestContext, @Args() args: RetirePolicyArgs): Promise<PoliciesApplied> {
    const wanted = readIdOf('Policy', args.id, 'id');
    return this.change(ask, 'retirePolicy', args, (manager, tenantId) => {
      if (wanted.tenantId !== tenantId) throw notFound('The policy');
      return this.policies.retire(manager, tenantId, wanted.id, savedBy(ask, args));
    });
  }

  @Mutation(() => Policy, {
    description: 'Saves the settings of the policy "default", which is for everything; nothing else of it is kept.',
  })
  @Allow('manage-policies')
  async setPolicy(@Ask() ask: RequestContext, @Args() args: SetPolicyArgs): Promise<Policy> {
    const { settings } = args;
    const given: object =
      typeof settings === 'object' && !Array.isArray(settings) && settings !== null ? settings : raise();
    const document = parsePolicyDocument({ ...given, apiVersion: API_VERSION, kind: 'Policy', name: 'default' });
    await this.change(ask, 'setPolicy', args, (manager, tenantId) =>
      this.policies.save(manager, tenantId, { document }, savedBy(ask, {})),
    );
    const tenantId = this.acting.tenantOf(ask.principal, args.tenant);
    return this.scope.read(ask.principal, (reader) => this.reads.byName(reader, tenantId, 'default'), args.tenant);
  }

  private async change(
    ask: RequestContext,
    operation: string,
    args: ActArgs,
    work: (...given: Parameters<Parameters<Acting['inTenant']>[2]>) => Promise<Applied>,
  ): Promise<PoliciesApplied> {
    const outcome = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => {
      const applied = await work(manager, tenantId);
      return { hash: applied.hash, accounts: String(applied.accounts), changes: changesOf(applied) };
    });
    return PoliciesApplied.from(outcome);
  }
}

const savedBy = ({ principal }: RequestContext, { note }: { note?: string | null }) => {
  if ((note?.length ?? 0) > 1_000) throw badInput('note: must have at most 1,000 characters.');
  return { name: principal.name, standsFor: principal.standsFor, note };
};

function raise(): never {
  throw badInput('settings: must hold fields such as checks.');
}
