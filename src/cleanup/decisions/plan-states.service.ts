import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import type { Principal } from '../../tenancy/principal';
import { mustBeSecondPerson } from '../../tenancy/second-person';
import { CleanupDue } from '../execution/cleanup-due.service';
import { type PlanState, STAGES } from '../items/plan-item';
import { isOver } from '../items/stage-effects';
import type { Refusal } from '../steps';
import { accountsOf, dropWaiting, stopItems, type Stopped } from './item-stops';
import { proposersOf } from './plan-proposers';
import { PlanRecords } from './plan-records.service';

type By = Pick<Principal, 'name'>;
type Deciding = Pick<Principal, 'name' | 'standsFor'>;

const LONGEST_NOTE = 1_000;

/** Plans that something may still come of. */
const OPEN: readonly PlanState[] = ['proposed', 'approved', 'halted'];

/** Items that something may still come of. */
const OPEN_STAGES = STAGES.filter((stage) => stage !== 'refused' && !isOver(stage));

/** What becomes of a plan after it was approved, and before: halting, resuming, cancelling, lapsing, completing. */
@Injectable()
export class PlanStates {
  constructor(
    private readonly clock: Clock,
    private readonly records: PlanRecords,
    private readonly due: CleanupDue,
  ) {}

  /**
   * Nothing more of it is begun until an approver resumes it; what is in quarantine stays there, is listened to, and
   * given back where it shows life. Returns false where it is not running (any more): then it stays as it is.
   */
  async halt(manager: EntityManager, tenantId: string, planId: string, why: Refusal): Promise<boolean> {
    const plan = await this.records.hold(manager, tenantId, planId);
    if (plan.state !== 'approved') return false;
    await this.records.move(manager, plan, { what: 'halted', state: 'halted', why });
    return true;
  }

  /**
   * Lets a halted one go on; errors count anew from now on. It was halted because something was not as those who approved
   * it thought, so that is for a second person again. Throws NOT_FOUND, BAD_INPUT, FORBIDDEN for its proposer.
   */
  async resume(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    by: Deciding,
    note: string | null = null,
  ): Promise<void> {
    checkNote(note);
    const plan = await this.records.hold(manager, tenantId, planId);
    if (plan.state !== 'halted') throw badInput(`id: this plan is ${plan.state}; only a halted one can be resumed.`);
    mustBeSecondPerson(by, await proposersOf(manager, plan));
    await manager.query('UPDATE plans SET breaker_since = $3 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      planId,
      this.clock.now(),
    ]);
    const data = { haltedBecause: plan.reason, ...(note === null ? {} : { note }) };
    await this.records.move(manager, plan, { what: 'resumed', state: 'approved', by: by.name, data });
    await this.due.enqueue(manager, tenantId, await accountsOf(manager, tenantId, planId));
    await this.completeIfOver(manager, tenantId, planId);
  }

  /**
   * Ends a plan early: what waits is not begun, what is in quarantine is given back, and what is past its point of no
   * return stays as it is, to be restored one by one. Returns how many of each. Throws NOT_FOUND, BAD_INPUT.
   */
  async cancel(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    by: By,
    note: string | null = null,
  ): Promise<Stopped> {
    checkNote(note);
    const plan = await this.records.holdWithItems(manager, tenantId, planId);
    if (plan.state === 'draft') throw badInput('id: this plan is a draft, which was never proposed: discard it.');
    if (!OPEN.includes(plan.state)) throw badInput(`id: this plan is ${plan.state} already.`);
    const reason = `The plan was cancelled by ${by.name}.`;
    const remedy = 'Make a new plan where it is to be put away after all.';
    const stopped = await stopItems(manager, {
      ...{ tenantId, planId, at: this.clock.now() },
      why: { code: 'PLAN_CANCELLED', reason, remedy },
    });
    const { staying } = stopped;
    const stays = `${staying} of its items ${staying === 1 ? 'is' : 'are'} past the point of no return, or being given back already, and stay${staying === 1 ? 's' : ''} as ${staying === 1 ? 'it is' : 'they are'}.`;
    await this.records.move(manager, plan, {
      ...{ what: 'cancelled', state: 'cancelled', by: by.name },
      why: {
        code: 'PLAN_CANCELLED',
        reason: staying === 0 ? reason : `${reason} ${stays}`,
        remedy: staying === 0 ? remedy : 'Have those restored one by one where they are needed.',
      },
      data: { ...stopped, ...(note === null ? {} : { note }) },
    });
    await this.due.enqueue(manager, tenantId, await accountsOf(manager, tenantId, planId));
    return stopped;
  }

  /**
   * Ends the wait of whatever of it has not been begun. A plan of which nothing was begun has lapsed; another one goes on
   * with what it has begun. Returns false where there was nothing to end.
   */
  async lapse(manager: EntityManager, tenantId: string, planId: string, why: Refusal): Promise<boolean> {
    const plan = await this.records.holdWithItems(manager, tenantId, planId);
    if (!OPEN.includes(plan.state)) return false;
    const ended = await dropWaiting(manager, { tenantId, planId, at: this.clock.now(), why });
    const [begun] = await manager.query<{ yes: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM plan_items
         WHERE tenant_id = $1 AND plan_id = $2 AND stage NOT IN ('refused', 'cancelled')) AS yes`,
      [tenantId, planId],
    );
    const data = { notBegun: ended };
    if (begun?.yes !== true) {
      await this.records.move(manager, plan, { what: 'lapsed', state: 'lapsed', why, data });
      return true;
    }
    if (ended === 0) return false;
    await this.records.tell(manager, plan, { what: 'lapsed', state: plan.state, why, data });
    await this.completeIfOver(manager, tenantId, planId);
    return true;
  }

  /**
   * Completes a running plan of which nothing is waiting or at work any more. A plan that only quarantines goes on for as
   * long as it holds something; a halted one stays halted until somebody has looked at it.
   */
  async completeIfOver(manager: EntityManager, tenantId: string, planId: string): Promise<boolean> {
    // The lock first: of two that end their last items at once, the later one sees what the earlier one has committed.
    const plan = await this.records.hold(manager, tenantId, planId);
    if (plan.state !== 'approved') return false;
    // Asked after each item, so of ten thousand only the last one has them counted.
    const [left] = await manager.query<{ open: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM plan_items
         WHERE tenant_id = $1 AND plan_id = $2 AND stage = ANY ($3::text[])) AS open`,
      [tenantId, planId, OPEN_STAGES],
    );
    if (left?.open !== false) return false;
    const rows = await manager.query<{ stage: string; items: number; open: boolean }[]>(
      `SELECT stage, count(*)::integer AS items, bool_or(ended_at IS NULL AND stage <> 'refused') AS open
       FROM plan_items WHERE tenant_id = $1 AND plan_id = $2 GROUP BY stage`,
      [tenantId, planId],
    );
    if (rows.some(({ open }) => open)) return false;
    const data = Object.fromEntries(rows.map(({ stage, items }) => [stage, items]));
    await this.records.move(manager, plan, { what: 'completed', state: 'completed', data: { items: data } });
    return true;
  }

  /** The same for each of the tenant's: of one whose last item was the last thing that a killed process wrote. */
  async completeAllOver(manager: EntityManager, tenantId: string): Promise<void> {
    const plans = await manager.query<{ id: string }[]>(
      `SELECT p.id FROM plans p WHERE p.tenant_id = $1 AND p.state = 'approved' AND NOT EXISTS (
         SELECT 1 FROM plan_items i WHERE i.tenant_id = p.tenant_id AND i.plan_id = p.id AND i.stage = ANY ($2::text[]))
       ORDER BY p.id`,
      [tenantId, OPEN_STAGES],
    );
    for (const { id } of plans) await this.completeIfOver(manager, tenantId, id);
  }
}

export function checkNote(note: string | null): void {
  if (note !== null && note.length > LONGEST_NOTE) {
    throw badInput(`note: must have at most ${LONGEST_NOTE.toLocaleString('en')} characters.`);
  }
}
