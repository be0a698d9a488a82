import { Args, ArgsType, Field, ID, Int, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { BaselineService } from '../../findings/policies/baseline/baseline.service';
import { type ApplyMode as Mode, wantedBy } from '../../findings/policies/policies.service';
import { describeChange, diffPolicies } from '../../findings/policies/documents/policy-diff';
import { parsePolicyDocument, type PolicyDocument } from '../../findings/policies/documents/policy-document';
import { PolicyStore } from '../../findings/policies/policy-store.service';
import type { StoredPolicy } from '../../findings/policies/stored-policy';
import { Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { Ask } from '../core/ask';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { DOCUMENTS, looserThan, parseDocuments, readDocuments } from './documents.input';
import { ApplyMode } from './policies-applied.type';

@ObjectType({ description: 'What is wrong with one field of a document.' })
export class PolicyProblem {
  @Field(() => Int, { description: 'Which of the documents, from 1.' })
  readonly document!: number;

  @Field(() => String, { nullable: true, description: 'The policy’s name, where it has one.' })
  readonly name!: string | null;

  @Field(() => String, { description: 'The field: "checks.unused-role.idleDays"; "document" for the whole.' })
  readonly path!: string;

  @Field(() => Int, { nullable: true, description: 'The line of the YAML, from 1.' })
  readonly line!: number | null;

  @Field(() => Int, { nullable: true, description: 'The column, from 1.' })
  readonly column!: number | null;

  @Field(() => String, { description: 'What is wrong, and what to do.' })
  readonly message!: string;
}

@ObjectType({ description: 'Whether policies could be saved as they are.' })
export class PolicyValidation {
  @Field(() => Boolean, { description: 'Whether nothing is wrong.' })
  readonly valid!: boolean;

  @Field(() => [PolicyProblem], {
    description: 'Everything that is wrong, where they are looser than the baseline, too.',
  })
  readonly problems!: readonly PolicyProblem[];
}

@ObjectType({ description: 'How policies differ from those that are saved.' })
export class PolicyDiff {
  @Field(() => Boolean, { description: 'Whether they are the same.' })
  readonly same!: boolean;

  @Field(() => [String], { description: 'A line for each difference: "ci: checks.unused-role.idleDays: 90 → 60".' })
  readonly lines!: string[];

  @Field(() => Json, {
    description: 'The same for programs: a list of {kind: added | removed | moved | changed, name, …}.',
  })
  readonly changes!: unknown;
}

@ArgsType()
class DocumentsArgs {
  @Field(() => Json, { description: DOCUMENTS })
  readonly documents!: unknown;

  @Field(() => ID, { nullable: true, description: 'The tenant (its id): platform tokens must name it.' })
  readonly tenant?: string | null;
}

@ArgsType()
class PolicyDiffArgs extends DocumentsArgs {
  @Field(() => ApplyMode, { nullable: true, description: 'How they would be applied. Default: MERGE.' })
  readonly mode?: Mode | null;
}

/** What is said of documents without saving them. */
@Resolver()
export class PolicyDocumentsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly store: PolicyStore,
    private readonly baselines: BaselineService,
  ) {}

  @Query(() => PolicyValidation, { description: 'Whether documents are right, and within the platform’s baseline.' })
  @Allow('read')
  async policyValidate(@Ask() ask: RequestContext, @Args() args: DocumentsArgs): Promise<PolicyValidation> {
    const read = readDocuments(args.documents);
    const { baseline } = await this.scope.read(
      ask.principal,
      ({ manager }) => this.baselines.current(manager),
      args.tenant,
    );
    const problems = [...read.problems, ...looserThan(baseline, read.policies)];
    return { valid: problems.length === 0, problems };
  }

  @Query(() => PolicyDiff, { description: 'How documents differ from the newest saved versions.' })
  @Allow('read')
  async policyDiff(@Ask() ask: RequestContext, @Args() args: PolicyDiffArgs): Promise<PolicyDiff> {
    const documents = parseDocuments(args.documents);
    const tenantId = this.acting.tenantOf(ask.principal, args.tenant);
    const standing = await this.scope.read(
      ask.principal,
      ({ manager }) => this.store.standing(manager, tenantId),
      args.tenant,
    );
    const before = standing.map(newest);
    const wanted = wantedBy(standing, { documents, mode: args.mode ?? 'MERGE' });
    const after = wanted.map((one) => ('document' in one ? one.document : newest(one.keep)));
    const changes = diffPolicies(before, after);
    return { same: changes.length === 0, lines: changes.flatMap(describeChange), changes };
  }
}

/** As it was last saved, also where that waits for agreement. */
function newest({ current, proposal, name }: StoredPolicy): PolicyDocument {
  const version = proposal?.version ?? current;
  if (!version) throw new Error(`The policy ${name} has no version.`);
  return parsePolicyDocument(version.source);
}
