import { setTimeout as sleep } from 'node:timers/promises';
import { Args, ArgsType, Field, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { findCheck } from '../../findings/checks/index';
import type { ApplyMode as Mode } from '../../findings/policies/policies.service';
import type { PreviewChange, PreviewChangeRow } from '../../findings/policies/previews/policy-preview';
import { PolicyPreviews } from '../../findings/policies/previews/policy-previews.service';
import { AccountById } from '../accounts/account-batches';
import { Account } from '../accounts/account.type';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { type Connection, ConnectionArgs } from '../core/connection';
import { Json } from '../core/json.scalar';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import { Check } from '../findings/check.type';
import { IdentityById } from '../inventory/identity-batches';
import { Identity } from '../inventory/identity.type';
import { DOCUMENTS, parseDocuments } from './documents.input';
import { ApplyMode } from './policies-applied.type';
import {
  PolicyPreview,
  PolicyPreviewChange,
  PolicyPreviewChangeConnection,
  PreviewChangeKind,
} from './policy-preview.type';

/** Somebody sits in front of it; larger tenants take longer, and are asked about again. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 150;

@ArgsType()
class PreviewPoliciesArgs extends ActArgs {
  @Field(() => Json, { description: DOCUMENTS })
  readonly documents!: unknown;

  @Field(() => ApplyMode, { nullable: true, description: 'How they would be applied. Default: MERGE.' })
  readonly mode?: Mode | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'true: as if a second person had agreed to what acts by itself. Default false: exactly what saving does, which leaves the last agreed version in force.',
  })
  readonly asAgreed?: boolean | null;
}

@ArgsType()
class ChangesArgs extends ConnectionArgs {
  @Field(() => PreviewChangeKind, { nullable: true, description: 'Only these.' })
  readonly change?: PreviewChange | null;
}

@Resolver(() => PolicyPreview)
export class PolicyPreviewsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly previews: PolicyPreviews,
  ) {}

  @Mutation(() => PolicyPreview, {
    description:
      'What saving policies would open, resolve, reopen or exempt, worked out by the very code that saving runs. Nothing is saved. Waits for it for ten seconds; then ask for it by `policyPreview`.',
  })
  @Allow('operate')
  async previewPolicies(@Ask() ask: RequestContext, @Args() args: PreviewPoliciesArgs): Promise<PolicyPreview> {
    const documents = parseDocuments(args.documents);
    const asked = { documents, mode: args.mode ?? 'MERGE', asAgreed: args.asAgreed ?? false };
    const { id } = await this.acting.inTenant(
      ask,
      { operation: 'previewPolicies', args },
      async (manager, tenantId) => ({
        id: await this.previews.request(manager, tenantId, asked, ask.principal.name),
      }),
    );
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const preview = await this.read(ask, id);
      if (preview.state === 'finished' || performance.now() >= giveUpAt) return preview;
      await sleep(LOOK_EVERY_MS);
    }
  }

  @Query(() => PolicyPreview, { description: 'One preview and how far it is.' })
  @Allow('read')
  policyPreview(
    @Ask() ask: RequestContext,
    @Args('id', { type: () => ID, description: 'The preview’s id.' }) id: string,
  ): Promise<PolicyPreview> {
    return this.read(ask, readIdOf('PolicyPreview', id, 'id').id);
  }

  @ResolveField(() => PolicyPreviewChangeConnection, {
    description: 'What would become of each finding that changes; of very many the first 20,000.',
  })
  @Allow('read')
  changes(
    @Parent() { row }: PolicyPreview,
    @Ask() ask: RequestContext,
    @Args() args: ChangesArgs,
  ): Promise<Connection<PolicyPreviewChange>> {
    const of = { previewId: row.id, change: args.change };
    return this.scope.list<PreviewChangeRow, PolicyPreviewChange>(
      ask.principal,
      {
        page: (reader, page) => this.previews.changes(reader, of, page),
        count: (reader) => this.previews.countChanges(reader, of),
        toNode: (change) => new PolicyPreviewChange(change),
      },
      args,
    );
  }

  private async read(ask: RequestContext, id: string): Promise<PolicyPreview> {
    return new PolicyPreview(await this.scope.read(ask.principal, (reader) => this.previews.byId(reader, id)));
  }
}

@Resolver(() => PolicyPreviewChange)
export class PolicyPreviewChangeResolver {
  constructor(
    private readonly accounts: AccountById,
    private readonly identities: IdentityById,
  ) {}

  @ResolveField(() => Check, { description: 'The check.' })
  @Allow('read')
  check(@Parent() { row }: PolicyPreviewChange): Check {
    return new Check(findCheck(row.check_id));
  }

  @ResolveField(() => Account, { nullable: true, description: 'The account it is in.' })
  @Allow('read')
  account(@Parent() { row }: PolicyPreviewChange, @Ask() ask: RequestContext): Promise<Account | null> {
    return ask.load(this.accounts, row.account_id);
  }

  @ResolveField(() => Identity, { nullable: true, description: 'The user, role, password or access key.' })
  @Allow('read')
  identity(@Parent() { row }: PolicyPreviewChange, @Ask() ask: RequestContext): Promise<Identity | null> {
    return ask.load(this.identities, row.identity_id);
  }
}
