import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { actionFor } from '../../actions';
import { mayBeTouched } from '../../actions/refusals/intended';
import type { DueItem } from '../../items/due-item';
import type { Observed } from '../../observed';
import { observeItem } from '../../quarantine/looks.service';
import { SparedNow } from '../../quarantine/spared-now.service';
import type { Refusal } from '../../steps';
import { ActionContexts } from '../action-contexts.service';
import type { ExecutionJob } from '../execution-job';
import { StepRunner } from '../steps/step-runner.service';

/** What IAM shows; or why nothing may be done to it, and whether anything of it may have been changed already. */
type Looked = { readonly seen: Observed } | { readonly why: Refusal; readonly touched: boolean };

/** The first look at what is to be put away, just before it is: only what was approved, and only if it is idle still. */
@Injectable()
export class FirstLook {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contexts: ActionContexts,
    private readonly spared: SparedNow,
    private readonly runner: StepRunner,
  ) {}

  async take(job: ExecutionJob, item: DueItem): Promise<Looked> {
    const seen = await observeItem(job, item);
    await this.runner.settleOpen(job, item, seen);
    const context = await this.contexts.of(job.tenantId, item, job.at());
    const why = actionFor(item.course, 'quarantine').refuse(seen, context);
    const touched = mayBeTouched(context);
    if (why) return { why, touched };
    if (seen === null) throw new Error(`Nothing refuses to put away ${item.arn}, which is not there.`);
    const spared = await this.database.inTenant(job.tenantId, (manager) =>
      this.spared.why(manager, job.tenantId, item, seen),
    );
    if (spared === null) return { seen };
    const remedy = 'Nothing was done. End the exemption, or change the policy, to have it proposed again.';
    return { why: { code: 'EXEMPT', reason: spared, remedy }, touched };
  }
}
