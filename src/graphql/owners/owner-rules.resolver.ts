import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { badInput, notFound } from '../../errors';
import { FindingQueries } from '../../findings/finding-queries';
import { OwnerChanges } from '../../findings/owners/owner-changes.service';
import { OwnerRulesPreview as Preview } from '../../findings/owners/owner-rules-preview.service';
import { OwnersService } from '../../findings/owners/owners.service';
import { Reassignments } from '../../findings/owners/reassignments.service';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { IdentityById } from '../inventory/identity-batches';
import { Identity } from '../inventory/identity.type';
import { IdentityOrFindingArgs, OwnerRuleInput, ReassignOwnerArgs, SetOwnerRulesArgs } from './owner.input';
import { OwnerRule, OwnerRules, OwnerRulesPreview } from './owner.type';

const TENANT = {
  type: () => ID,
  nullable: true,
  description: 'The tenant (its id): platform tokens must name it.',
} as const;

@Resolver()
export class OwnerRulesResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly owners: OwnersService,
    private readonly changes: OwnerChanges,
    private readonly preview: Preview,
  ) {}

  @Query(() => OwnerRules, { description: 'How a tenant finds out whose something is.' })
  @Allow('read')
  async ownerRules(@Ask() ask: RequestContext, @Args('tenant', TENANT) tenant?: string | null): Promise<OwnerRules> {
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    return this.scope.read(
      ask.principal,
      async ({ manager }) => {
        const own = await this.owners.ruleRows(manager, tenantId);
        const { rules } = await this.owners.rules(manager, tenantId);
        return { rules: rules.map((rule) => OwnerRule.from(rule)), builtIn: own.length === 0 };
      },
      tenant ?? null,
    );
  }

  @Query(() => OwnerRulesPreview, { description: 'Whose findings would change hands by other rules. Changes nothing.' })
  @Allow('read')
  async ownerRulesPreview(
    @Ask() ask: RequestContext,
    @Args('rules', {
      type: () => [OwnerRuleInput],
      nullable: true,
      description: 'As for setOwnerRules; left out: the built-in rules.',
    })
    rules?: OwnerRuleInput[] | null,
    @Args('tenant', TENANT) tenant?: string | null,
  ): Promise<OwnerRulesPreview> {
    const tenantId = this.acting.tenantOf(ask.principal, tenant);
    const changes = await this.scope.read(
      ask.principal,
      ({ manager }) => this.preview.of(manager, tenantId, rules ?? null),
      tenant ?? null,
    );
    return OwnerRulesPreview.from(changes);
  }

  @Mutation(() => OwnerRules, {
    description: 'Replaces all rules. Every account is judged again at once, without calling AWS.',
  })
  @Allow('manage-policies')
  async setOwnerRules(@Ask() ask: RequestContext, @Args() args: SetOwnerRulesArgs): Promise<OwnerRules> {
    await this.acting.inTenant(ask, { operation: 'setOwnerRules', args }, async (manager, tenantId) => {
      await this.changes.setRules(manager, tenantId, args.rules);
      return {};
    });
    return this.ownerRules(ask, args.tenant);
  }

  @Mutation(() => OwnerRules, {
    description: 'Goes back to the built-in rules: the tags owner and team, of the user or role, then of the account.',
  })
  @Allow('manage-policies')
  async resetOwnerRules(@Ask() ask: RequestContext, @Args() args: ActArgs): Promise<OwnerRules> {
    await this.acting.inTenant(ask, { operation: 'resetOwnerRules', args }, async (manager, tenantId) => {
      await this.changes.resetRules(manager, tenantId);
      return {};
    });
    return this.ownerRules(ask, args.tenant);
  }
}

@Resolver()
export class ReassignmentsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly reassignments: Reassignments,
    private readonly findings: FindingQueries,
    private readonly identities: IdentityById,
  ) {}

  @Mutation(() => Identity, {
    description:
      '"Not mine": gives a user or role, with its password and keys, to another owner or to nobody. It stays so over scans and changes of the rules. Answers with the identity.',
  })
  @Allow('exempt')
  reassignOwner(@Ask() ask: RequestContext, @Args() args: ReassignOwnerArgs): Promise<Identity> {
    return this.change(ask, 'reassignOwner', args, (manager, tenantId, id) =>
      this.reassignments.reassign(manager, tenantId, ask.principal.name, id, {
        owner: args.owner ?? null,
        note: args.note?.trim() || null,
      }),
    );
  }

  @Mutation(() => Identity, { description: 'Takes a reassignment back: the rules decide again whose it is.' })
  @Allow('exempt')
  followOwnerRules(@Ask() ask: RequestContext, @Args() args: IdentityOrFindingArgs): Promise<Identity> {
    return this.change(ask, 'followOwnerRules', args, (manager, tenantId, id) =>
      this.reassignments.release(manager, tenantId, id),
    );
  }

  private async change(
    ask: RequestContext,
    operation: string,
    args: IdentityOrFindingArgs,
    work: (manager: Parameters<Reassignments['release']>[0], tenantId: string, identityId: string) => Promise<void>,
  ): Promise<Identity> {
    const { id } = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => {
      const identityId = await this.identityOf(args, { manager, tenantId });
      await work(manager, tenantId, identityId);
      return { id: identityId };
    });
    const [identity] = await this.scope.read(
      ask.principal,
      (reader) => this.identities.load(reader, [id]),
      args.tenant ?? null,
    );
    if (!identity) throw notFound('The identity');
    return identity;
  }

  private async identityOf(
    { identity, finding }: IdentityOrFindingArgs,
    reader: Parameters<FindingQueries['byId']>[0],
  ): Promise<string> {
    if ((identity == null) === (finding == null)) throw badInput('identity, finding: give one of them.');
    if (identity != null) return readIdOf('Identity', identity, 'identity').id;
    return (await this.findings.byId(reader, readIdOf('Finding', finding ?? '', 'finding').id)).identity_id;
  }
}
