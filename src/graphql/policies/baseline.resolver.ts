import { Args, ArgsType, Field, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { BaselineService, type StoredBaseline } from '../../findings/policies/baseline/baseline.service';
import { printDocuments, parsePolicyStream } from '../../findings/policies/documents/policy-yaml';
import { badInput } from '../../errors';
import { Acting, OnceArgs } from '../core/acting';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';

@ObjectType({ description: 'What binds the policies of all tenants: they may be stricter, never looser.' })
export class Baseline {
  @Field(() => Int, {
    description:
      'Counts changes; 0: the platform has not written one, and limits nothing but how long exemptions last.',
  })
  readonly version!: number;

  @Field(() => Json, { description: 'The document as it was written.' })
  readonly document!: unknown;

  @Field(() => String, { description: 'The same as YAML.' })
  readonly yaml!: string;

  @Field(() => String, {
    description:
      'The farthest that any tenant’s policy may go: report, propose, automatic-quarantine or automatic-deletion.',
  })
  readonly maxActionMode!: string;

  @Field(() => Int, { description: 'The longest that an exemption may last, in days.' })
  readonly maxExemptionDays!: number;

  static from({ version, baseline }: StoredBaseline): Baseline {
    const { source, maxActionMode, maxExemptionDays } = baseline;
    return { version, document: source, yaml: printDocuments([baseline]), maxActionMode, maxExemptionDays };
  }
}

@ArgsType()
class SaveBaselineArgs extends OnceArgs {
  @Field(() => Json, {
    description:
      'The baseline: YAML as a text, or JSON. An unknown name in it is an error. docs/policies.md describes it.',
  })
  readonly document!: unknown;

  @Field(() => String, {
    nullable: true,
    description: 'Why, for those who read the history: at most 1,000 characters.',
  })
  readonly note?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that you read: with another one by now it is the error CONFLICT.',
  })
  readonly expectedVersion?: number | null;
}

@Resolver()
export class BaselineResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly baselines: BaselineService,
  ) {}

  @Query(() => Baseline, { description: 'The platform’s baseline, as it binds every tenant.' })
  @Allow('read')
  async baseline(@Ask() ask: RequestContext): Promise<Baseline> {
    return Baseline.from(await this.scope.read(ask.principal, ({ manager }) => this.baselines.current(manager)));
  }

  @Mutation(() => Baseline, {
    description:
      'Saves the platform’s baseline. In every tenant what is looser counts as strict as it from then on, is shown so, and the accounts are judged again. For platform people.',
  })
  @Allow('manage-platform')
  async saveBaseline(@Ask() ask: RequestContext, @Args() args: SaveBaselineArgs): Promise<Baseline> {
    const { note, expectedVersion } = args;
    const document = typeof args.document === 'string' ? fromYaml(args.document) : args.document;
    const { name, standsFor } = ask.principal;
    await this.acting.inPlatform(ask, { operation: 'saveBaseline', args }, async (manager) => {
      await this.baselines.save(manager, document, { name, standsFor, note, expectedVersion });
      return {};
    });
    return this.baseline(ask);
  }
}

function fromYaml(text: string): unknown {
  const { baseline, policies } = parsePolicyStream(text);
  if (!baseline || policies.length > 0) throw badInput('document: one document of the kind Baseline is wanted.');
  return baseline.source;
}
