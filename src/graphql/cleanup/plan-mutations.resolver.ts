import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { EntityManager } from 'typeorm';
import { PlanApprovals } from '../../cleanup/decisions/plan-approvals.service';
import { PlanStates } from '../../cleanup/decisions/plan-states.service';
import { PlanDrafts } from '../../cleanup/plans/plan-drafts.service';
import { PlanProposals } from '../../cleanup/plans/plan-proposals.service';
import { type ActArgs, Acting } from '../core/acting';
import { Allow } from '../core/allow';
import { Answering, type WorkOnOne } from '../core/answering';
import { readIdOf } from '../../api-id';
import { Ask } from '../core/ask';
import { RequestContext } from '../core/request-context';
import { PlanById } from './plan-batches';
import { DecidePlanArgs, NotedPlanArgs, PlanArgs, PreviewPlanArgs, toPlanRequest } from './plan.input';
import { Plan } from './plan.type';

/** What both kinds of mutations do afterwards: answer with the plan as it is then. */
abstract class PlanAnswers {
  constructor(
    private readonly answering: Answering,
    private readonly plans: PlanById,
  ) {}

  protected answer(ask: RequestContext, operation: string, args: ActArgs, work: WorkOnOne): Promise<Plan> {
    return this.answering.after(ask, { operation, args, byId: this.plans, called: 'The plan' }, work);
  }
}

/** Making and proposing. */
@Resolver()
export class PlanMutationsResolver extends PlanAnswers {
  constructor(
    answering: Answering,
    plans: PlanById,
    private readonly acting: Acting,
    private readonly drafts: PlanDrafts,
    private readonly proposals: PlanProposals,
  ) {
    super(answering, plans);
  }

  @Mutation(() => Plan, {
    description:
      'Makes a draft of a plan to look at: each item with what will be done, what comes back and what never does, what names it, and what is refused and why. Nothing happens to it until it is proposed; it is thrown away after a week.',
  })
  @Allow('plan')
  previewPlan(@Ask() ask: RequestContext, @Args() args: PreviewPlanArgs): Promise<Plan> {
    const request = toPlanRequest(args.input);
    return this.answer(ask, 'previewPlan', args, (manager, tenantId) =>
      this.drafts.draft(manager, tenantId, request, ask.principal),
    );
  }

  @Mutation(() => Plan, {
    description:
      'Proposes a draft. From then on it cannot be changed, has a `manifestHash`, and waits for its approvals; a dry run needs none and begins at once.',
  })
  @Allow('plan')
  proposePlan(@Ask() ask: RequestContext, @Args() args: PlanArgs): Promise<Plan> {
    const { id } = readIdOf('Plan', args.id, 'id');
    return this.answer(ask, 'proposePlan', args, async (manager, tenantId) => {
      await this.proposals.propose(manager, tenantId, id, ask.principal);
      return id;
    });
  }

  @Mutation(() => Boolean, { description: 'Throws a draft away. What was proposed is cancelled instead, and kept.' })
  @Allow('plan')
  async discardPlan(@Ask() ask: RequestContext, @Args() args: PlanArgs): Promise<boolean> {
    const { id } = readIdOf('Plan', args.id, 'id');
    await this.acting.inTenant(ask, { operation: 'discardPlan', args }, async (manager, tenantId) => {
      await this.drafts.discard(manager, tenantId, id);
      return {};
    });
    return true;
  }
}

/** Deciding about what was proposed. */
@Resolver()
export class PlanDecisionsResolver extends PlanAnswers {
  constructor(
    answering: Answering,
    plans: PlanById,
    private readonly approvals: PlanApprovals,
    private readonly states: PlanStates,
  ) {
    super(answering, plans);
  }

  @Mutation(() => Plan, {
    description:
      'Approves a plan, as a second person: whoever proposed it cannot, nor with another token of theirs. With the last approval that it needs it begins.',
  })
  @Allow('approve')
  approvePlan(@Ask() ask: RequestContext, @Args() args: DecidePlanArgs): Promise<Plan> {
    const { manifestHash } = args;
    return this.decide(ask, 'approvePlan', args, (manager, tenantId, id) =>
      this.approvals.approve(manager, tenantId, id, manifestHash, { ...ask.principal, note: noteOf(args) }),
    );
  }

  @Mutation(() => Plan, { description: 'Refuses a plan that waits. One refusal ends it.' })
  @Allow('approve')
  refusePlan(@Ask() ask: RequestContext, @Args() args: DecidePlanArgs): Promise<Plan> {
    const { manifestHash } = args;
    return this.decide(ask, 'refusePlan', args, (manager, tenantId, id) =>
      this.approvals.refuse(manager, tenantId, id, manifestHash, { ...ask.principal, note: noteOf(args) }),
    );
  }

  @Mutation(() => Plan, {
    description:
      'Calls a plan off: what waits is not begun, what is in quarantine is given back. What is past its point of no return stays as it is, and is restored one by one.',
  })
  @Allow('plan')
  cancelPlan(@Ask() ask: RequestContext, @Args() args: NotedPlanArgs): Promise<Plan> {
    return this.decide(ask, 'cancelPlan', args, (manager, tenantId, id) =>
      this.states.cancel(manager, tenantId, id, ask.principal, noteOf(args)),
    );
  }

  @Mutation(() => Plan, {
    description:
      'Lets a halted plan go on, once somebody has looked at why it was halted. Errors count anew from then on.',
  })
  @Allow('approve')
  resumePlan(@Ask() ask: RequestContext, @Args() args: NotedPlanArgs): Promise<Plan> {
    return this.decide(ask, 'resumePlan', args, (manager, tenantId, id) =>
      this.states.resume(manager, tenantId, id, ask.principal, noteOf(args)),
    );
  }

  private decide(
    ask: RequestContext,
    operation: string,
    args: NotedPlanArgs,
    work: (manager: EntityManager, tenantId: string, id: string) => Promise<unknown>,
  ): Promise<Plan> {
    const { id } = readIdOf('Plan', args.id, 'id');
    return this.answer(ask, operation, args, async (manager, tenantId) => {
      await work(manager, tenantId, id);
      return id;
    });
  }
}

const noteOf = ({ note }: NotedPlanArgs): string | null => note?.trim() || null;
