import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DAY_MS, HOUR_MS } from '../../../clock';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { TenantSettings } from '../../../tenancy/tenant-settings.service';
import { AutomaticAgreements, isAutomatic } from '../../automatic/automatic-agreements.service';
import type { DueItem } from '../../items/due-item';
import type { PlanMode, PlanState } from '../../items/plan-item';
import { Pauses } from '../../pauses/pauses.service';
import { nextOpening } from '../../rules/change-windows';
import type { Refusal } from '../../steps';
import type { ExecutionJob } from '../execution-job';

/** Whether an item may be put away now. `until` null: never again, so drop or halt it. */
export type LeaveToAct =
  { readonly act: true } | { readonly act: false; readonly until: Date | null; readonly why: Refusal };

interface PlanNow {
  mode: PlanMode;
  policy_name: string | null;
  policy_version: number | null;
  state: PlanState;
  dry_run: boolean;
  lapses_at: Date | null;
  cleanup_role_arn: string | null;
}

/** Looks again, before each item that is to be put away, whether people still want that now. */
@Injectable()
export class ActingChecks {
  constructor(
    private readonly database: TenantDatabase,
    private readonly pauses: Pauses,
    private readonly settings: TenantSettings,
    private readonly agreements: AutomaticAgreements,
  ) {}

  /** Plan, pause, change window, the tenant's settings, the account's role. Whether it is spared needs a fresh read. */
  async mayAct(job: ExecutionJob, item: DueItem): Promise<LeaveToAct> {
    const { tenantId } = job;
    const at = job.at();
    return this.database.inTenant(tenantId, async (manager) => {
      const [plan] = await manager.query<PlanNow[]>(
        `SELECT p.mode, p.policy_name, p.policy_version, p.state, p.dry_run, p.lapses_at, a.cleanup_role_arn
         FROM plans p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = $3
         WHERE p.tenant_id = $1 AND p.id = $2`,
        [tenantId, item.plan_id, item.account_id],
      );
      if (!plan) return later(at, DAY_MS, 'NO_ACCOUNT', 'The account is no longer here.', 'Connect it again.');
      const waits = this.mustWait(plan, item, at);
      if (waits) return waits;
      if (item.stage === 'waiting' && !(await this.agreements.holds(manager, tenantId, plan))) return lapsed(at);
      const taken = await this.takenBack(manager, plan, item, at);
      if (taken) return taken;
      if (plan.dry_run) return { act: true };
      const { cleanup } = await this.settings.current(manager, tenantId);
      const off = settingsSay(cleanup, plan, at);
      if (off) return off;
      const paused = await this.pauses.inForce(manager, tenantId);
      if (paused) {
        const who = paused.scope === 'platform' ? ' by the platform, for everyone' : '';
        return later(at, HOUR_MS, 'CLEANUP_PAUSED', `Clean-up is paused${who}.`, 'Let it go on with resumeCleanup.');
      }
      return inWindow(job, at);
    });
  }

  /**
   * What a policy has begun by itself, and may not any more: what is in quarantine stays there and is listened to, what
   * was only on its way there is given back.
   */
  private async takenBack(manager: EntityManager, plan: PlanNow, item: DueItem, at: Date): Promise<LeaveToAct | null> {
    if (item.stage === 'waiting' || !isAutomatic(plan.mode)) return null;
    const onItsWay = item.stage === 'quarantining';
    const asked = { ...plan, ...(onItsWay ? { mode: 'automatic-quarantine' as const } : {}) };
    const why = await this.agreements.withdrawn(manager, item.tenant_id, asked, item.check_ids);
    return why && { act: false, until: onItsWay ? null : new Date(at.getTime() + HOUR_MS), why };
  }

  private mustWait(plan: PlanNow, item: DueItem, at: Date): LeaveToAct | null {
    if (plan.state !== 'approved') {
      return later(at, HOUR_MS, 'PLAN_NOT_APPROVED', `The plan is ${plan.state}.`, 'Resume it, or make a new plan.');
    }
    return item.stage === 'waiting' && plan.lapses_at !== null && plan.lapses_at <= at ? lapsed(at) : null;
  }
}

function settingsSay(cleanup: { enabled: boolean; dryRun: boolean }, plan: PlanNow, at: Date): LeaveToAct | null {
  if (!cleanup.enabled) {
    return later(
      at,
      HOUR_MS,
      'CLEANUP_OFF',
      'Clean-up is switched off in this tenant.',
      'Switch it on in the settings.',
    );
  }
  if (cleanup.dryRun) {
    const why = 'The tenant’s settings let clean-up only rehearse.';
    return later(at, HOUR_MS, 'DRY_RUN_ONLY', why, 'Switch dryRun off in the settings of clean-up.');
  }
  if (plan.cleanup_role_arn !== null) return null;
  const remedy = 'Deploy the clean-up role in the account, and set it on the account.';
  return later(at, DAY_MS, 'NO_CLEANUP_ROLE', 'The account has no clean-up role.', remedy);
}

function inWindow({ rules }: ExecutionJob, at: Date): LeaveToAct {
  const opens = nextOpening(rules.changeWindows, at);
  if (opens !== null && opens <= at) return { act: true };
  const until = opens ?? new Date(at.getTime() + DAY_MS);
  return {
    act: false,
    until,
    why: {
      code: 'WINDOW_CLOSED',
      reason: opens
        ? `The next change window opens at ${opens.toISOString()}.`
        : 'No change window opens within a year.',
      remedy: opens ? 'Nothing: it is done then.' : 'Change the change windows in the rules of clean-up.',
    },
  };
}

/** Whoever watches plans ends its wait; until then it is left as it is. */
const lapsed = (at: Date): LeaveToAct =>
  later(at, HOUR_MS, 'PLAN_LAPSED', 'What the plan was approved by no longer holds.', 'Make a new plan.');

const later = (at: Date, ms: number, code: string, reason: string, remedy: string): LeaveToAct => ({
  act: false,
  until: new Date(at.getTime() + ms),
  why: { code, reason, remedy },
});
