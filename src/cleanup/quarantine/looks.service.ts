import { Injectable } from '@nestjs/common';
import { DomainError } from '../../errors';
import { rethrowStops } from '../../scans/collectors/reading';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ActionContext } from '../action';
import { ActionContexts } from '../execution/action-contexts.service';
import type { ExecutionJob } from '../execution/execution-job';
import { StepRunner } from '../execution/steps/step-runner.service';
import { usesBoundary } from '../items/course-facts';
import type { PlanItemRow, SignOfLife } from '../items/plan-item';
import type { Observed } from '../observed';
import { observe, scopeFor } from '../reading/observe';
import { type ServiceAttempts, serviceLastAccessed } from '../reading/service-last-accessed';
import type { Refusal } from '../steps';
import { somebodysDoing } from './changes';
import { type Signs, signsIn } from './signs-of-life';
import { SparedNow } from './spared-now.service';
import { Trails } from './trails.service';

/** What a fresh look at something in quarantine has shown. */
export type Look =
  /** As it was left, and no sign of life. */
  | { readonly state: 'quiet'; readonly seen: Observed; readonly context: ActionContext }
  | { readonly state: 'life'; readonly life: SignOfLife }
  /** Wanted back by people: exempt since, or taken out of quarantine in part. */
  | { readonly state: 'wanted-back'; readonly why: Refusal }
  /** People took it out of quarantine, or deleted it: nothing is left to hold. */
  | { readonly state: 'ended'; readonly why: Refusal }
  /** Changed by somebody else. */
  | { readonly state: 'changed'; readonly why: Refusal }
  /** AWS did not tell all that must be known. */
  | { readonly state: 'unknown'; readonly reason: string };

/** Looks afresh at one identity in quarantine. Sends reads only. */
@Injectable()
export class Looks {
  constructor(
    private readonly database: TenantDatabase,
    private readonly runner: StepRunner,
    private readonly contexts: ActionContexts,
    private readonly spared: SparedNow,
    private readonly trails: Trails,
  ) {}

  /** @throws what has to stop the run: a lost lease, a pause, the task's signal. */
  async take(job: ExecutionJob, item: PlanItemRow): Promise<Look> {
    let seen: Observed | null;
    try {
      seen = await observeItem(job, item);
    } catch (error) {
      return { state: 'unknown', reason: unread(job, error) };
    }
    // What an interrupted run has left without an answer.
    await this.runner.settleOpen(job, item, seen);
    const context = await this.contexts.of(job.tenantId, item, job.at());
    const doing = somebodysDoing(seen, context);
    if (doing?.what === 'ended' || seen === null) {
      return { state: 'ended', why: doing?.why ?? GONE };
    }
    const { snapshot } = context;
    const signs = await this.signs(job, item, seen, snapshot !== null && hasNoPolicies(snapshot));
    if (signs.found === 'life') return { state: 'life', life: signs.life };
    // A change may be the very one that spares it: a tag.
    const spared = await this.sparedNow(job, item, seen);
    if (spared) return { state: 'wanted-back', why: spared };
    if (doing) return { state: doing.what, why: doing.why };
    if (signs.found === 'unknown') return { state: 'unknown', reason: signs.reason };
    return { state: 'quiet', seen, context };
  }

  /**
   * Of one whose deletion has begun: why it must not go on, a sign of life or somebody's wish, or `UNKNOWN`; null: nothing
   * is against it. Its policies are partly gone by our own doing, so that a report without services is no gap any more.
   */
  async against(job: ExecutionJob, item: PlanItemRow, seen: Observed): Promise<Refusal | null> {
    const signs = await this.signs(job, item, seen, true);
    const remedy = 'What has been taken from it is listed. Have it restored.';
    if (signs.found === 'life') return { code: 'SHOWED_LIFE', reason: signs.life.detail, remedy };
    const spared = await this.sparedNow(job, item, seen);
    if (spared) return { ...spared, remedy };
    if (signs.found !== 'unknown') return null;
    return { code: 'UNKNOWN', reason: signs.reason, remedy: 'Nothing: it is asked again before it goes on.' };
  }

  /** CloudTrail is asked last: of what IAM has told already it need not be. */
  private async signs(job: ExecutionJob, item: PlanItemRow, seen: Observed, withoutPolicies: boolean): Promise<Signs> {
    const told = await this.signsOfIam(job, item, seen, withoutPolicies);
    if (told.found === 'life') return told;
    const life = await this.trails.lifeOf(job, item, seen);
    return life ? { found: 'life', life } : told;
  }

  private async signsOfIam(
    job: ExecutionJob,
    item: PlanItemRow,
    seen: Observed,
    withoutPolicies: boolean,
  ): Promise<Signs> {
    const told = signsIn(item, seen, []);
    if (told.found === 'life' || !usesBoundary(item.course)) return told;
    const report = await attemptsOf(job, seen, withoutPolicies);
    if (!report.known) return { found: 'unknown' as const, reason: report.reason };
    return signsIn(item, seen, report.attempts);
  }

  private async sparedNow(job: ExecutionJob, item: PlanItemRow, seen: Observed): Promise<Refusal | null> {
    const reason = await this.database.inTenant(job.tenantId, (manager) =>
      this.spared.why(manager, job.tenantId, item, seen),
    );
    return reason === null
      ? null
      : { code: 'EXEMPT', reason, remedy: 'Nothing: it was given back. End the exemption to have it proposed again.' };
  }
}

const GONE: Refusal = { code: 'GONE', reason: 'Somebody has deleted it.', remedy: 'Nothing: it is gone.' };

/** Exactly this one, with as much as its course needs. */
export const observeItem = (job: ExecutionJob, item: PlanItemRow): Promise<Observed | null> =>
  observe<Observed['kind']>(
    job.access,
    { kind: item.course === 'role' ? 'role' : 'user', name: item.name },
    { scope: scopeFor(item.course), signal: job.task.signal },
  );

/** An empty report says something only about what had no permissions policy at all, not even by a group. */
const attemptsOf = (job: ExecutionJob, seen: Observed, withoutPolicies: boolean): Promise<ServiceAttempts> =>
  serviceLastAccessed(job.access, seen.arn, { withoutPolicies, jobs: job.lastAccessed, signal: job.task.signal });

const hasNoPolicies = (of: Observed): boolean =>
  of.scope === 'whole' &&
  of.attachedPolicyArns.length === 0 &&
  Object.keys(of.inlinePolicies).length === 0 &&
  (of.kind === 'role' || of.groups.length === 0);

/** Why a look failed, for people. @throws what has to stop the run. */
export function unread(job: ExecutionJob, error: unknown): string {
  rethrowStops(error, job.task.signal);
  // A lost lease, a pause: nothing about the identity.
  if (error instanceof DomainError && !error.code.startsWith('AWS_')) throw error;
  return job.access.explain(error).message;
}
