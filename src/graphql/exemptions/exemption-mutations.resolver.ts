import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { EntityManager } from 'typeorm';
import { ExemptionDecisions } from '../../findings/exemptions/exemption-decisions.service';
import { ExemptionMaking } from '../../findings/exemptions/exemption-making.service';
import { ExemptionQueries } from '../../findings/exemptions/exemption-queries';
import { ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { readIdOf, readIdsOf } from '../../api-id';
import { Ask } from '../core/ask';
import { ReadScope } from '../core/read-scope';
import { RequestContext } from '../core/request-context';
import {
  AgreeToExemptionArgs,
  CloseExemptionArgs,
  ExemptFindingsArgs,
  ExtendExemptionArgs,
  MakeExemptionArgs,
} from './exemption.input';
import { Exemption } from './exemption.type';

@Resolver()
export class ExemptionMutationsResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly acting: Acting,
    private readonly making: ExemptionMaking,
    private readonly decisions: ExemptionDecisions,
    private readonly queries: ExemptionQueries,
  ) {}

  @Mutation(() => Exemption, {
    description:
      'Spares something. One identity for up to 90 days: at once; its accounts are judged again without calling AWS. A glob, a tag, a whole account, or longer than 90 days: once a second person has agreed.',
  })
  @Allow('exempt')
  async makeExemption(@Ask() ask: RequestContext, @Args() args: MakeExemptionArgs): Promise<Exemption> {
    const [made] = await this.change(ask, 'makeExemption', args, async (manager, tenantId) => [
      await this.making.make(manager, tenantId, ask.principal, args.input),
    ]);
    return made as Exemption;
  }

  @Mutation(() => [Exemption], {
    description:
      'Spares the identities of these findings from the checks of these findings: one exemption for each identity, by its unique id.',
  })
  @Allow('exempt')
  exemptFindings(@Ask() ask: RequestContext, @Args() args: ExemptFindingsArgs): Promise<Exemption[]> {
    const ids = readIdsOf('Finding', args.ids, 'ids') ?? [];
    return this.change(ask, 'exemptFindings', args, (manager, tenantId) =>
      this.making.exemptFindings(manager, tenantId, ask.principal, ids, args),
    );
  }

  @Mutation(() => Exemption, {
    description:
      'Gives an exemption a later end, under the same rules: a wide one, or one that then lasts over 90 days in all, keeps its end until a second person has agreed.',
  })
  @Allow('exempt')
  extendExemption(@Ask() ask: RequestContext, @Args() args: ExtendExemptionArgs): Promise<Exemption> {
    return this.changeOne(ask, 'extendExemption', args, (manager, tenantId, id) =>
      this.making.extend(manager, tenantId, ask.principal, id, args.until),
    );
  }

  @Mutation(() => Exemption, {
    description: 'Ends an exemption now, or withdraws one that waits. What it spared is judged again.',
  })
  @Allow('exempt')
  endExemption(@Ask() ask: RequestContext, @Args() args: CloseExemptionArgs): Promise<Exemption> {
    return this.changeOne(ask, 'endExemption', args, (manager, tenantId, id) =>
      this.decisions.end(manager, tenantId, ask.principal, id, noteOf(args)),
    );
  }

  @Mutation(() => Exemption, {
    description:
      'Agrees to an exemption, or to its later end, as a second person: whoever proposed it cannot, nor with another token of theirs.',
  })
  @Allow('agree')
  agreeToExemption(@Ask() ask: RequestContext, @Args() args: AgreeToExemptionArgs): Promise<Exemption> {
    return this.changeOne(ask, 'agreeToExemption', args, (manager, tenantId, id) =>
      this.decisions.agree(manager, tenantId, ask.principal, id, args.until ?? null),
    );
  }

  @Mutation(() => Exemption, {
    description: 'Refuses an exemption that waits, or its later end; then the exemption goes on as it is.',
  })
  @Allow('agree')
  refuseExemption(@Ask() ask: RequestContext, @Args() args: CloseExemptionArgs): Promise<Exemption> {
    return this.changeOne(ask, 'refuseExemption', args, (manager, tenantId, id) =>
      this.decisions.refuse(manager, tenantId, ask.principal, id, noteOf(args)),
    );
  }

  private async changeOne(
    ask: RequestContext,
    operation: string,
    args: ActArgs & { readonly id: string },
    work: (manager: EntityManager, tenantId: string, id: string) => Promise<void>,
  ): Promise<Exemption> {
    const { id } = readIdOf('Exemption', args.id, 'id');
    const [changed] = await this.change(ask, operation, args, async (manager, tenantId) => {
      await work(manager, tenantId, id);
      return [id];
    });
    return changed as Exemption;
  }

  private async change(
    ask: RequestContext,
    operation: string,
    args: ActArgs,
    work: (manager: EntityManager, tenantId: string) => Promise<string[]>,
  ): Promise<Exemption[]> {
    const { ids } = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => ({
      ids: await work(manager, tenantId),
    }));
    const rows = await this.scope.read(ask.principal, (reader) => this.queries.byIds(reader, ids), args.tenant ?? null);
    const byId = new Map(rows.map((row) => [row.id, new Exemption(row)]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

const noteOf = ({ note }: CloseExemptionArgs): string | null => note?.trim() || null;
