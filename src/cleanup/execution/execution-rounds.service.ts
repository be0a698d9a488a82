import { Injectable } from '@nestjs/common';
import type { CallCounter } from '../../aws/calls';
import { Clock, HOUR_MS } from '../../clock';
import { DomainError } from '../../errors';
import type { RunningTask } from '../../tasks/running-task';
import type { DueItem } from '../items/due-item';
import { LastAccessedJobs } from '../reading/last-accessed-jobs';
import type { Refusal } from '../steps';
import { AccountItems } from './account-items.service';
import { CleanupDoor, type Session, type SessionsOf } from './sessions/cleanup-door';
import { DueSnapshots } from './due-snapshots.service';
import type { ExecutionJob, Leash } from './execution-job';
import type { ExecutionState } from './execution-state';
import { inGroups } from './sessions/in-groups';
import { ItemTurn } from './item-turn.service';
import { looksAtUse, needsOf, phaseOf } from './sessions/item-needs';
import type { Opened } from './openings.service';
import { endsRun } from './steps/step-errors';
import { acts } from './turns/turns.service';

/** What a turn makes due at once has its own in the next round; a run ends all the same. */
const MOST_ROUNDS = 100;
const PASSING_MS = 5 * 60_000;

interface Run {
  readonly task: RunningTask;
  readonly opened: Opened;
  readonly state: ExecutionState;
  readonly calls: CallCounter;
}

/** Goes through an account's due items round by round, each group of them in sessions that may do just that. */
@Injectable()
export class ExecutionRounds {
  constructor(
    private readonly items: AccountItems,
    private readonly door: CleanupDoor,
    private readonly turn: ItemTurn,
    private readonly snapshots: DueSnapshots,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask, opened: Opened, state: ExecutionState, calls: CallCounter): Promise<void> {
    const run: Run = { task, opened, state, calls };
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      task.signal.throwIfAborted();
      const due = await this.items.round(task, opened.account.id, state, opened.rules);
      if (due.length === 0) return;
      for (const group of groupsOf(due)) await this.group(run, group);
    }
  }

  /** Items of one course and phase, so that a session's policy is short and holds nothing that others need. */
  private async group(run: Run, group: readonly DueItem[]): Promise<void> {
    const { task, opened, state } = run;
    const [first] = group;
    if (!first || (state.stopped && acts(first))) return;
    const leash: Leash = { stopsWhenPaused: acts(first) };
    const sessions: SessionsOf = {
      account: opened.account,
      executionId: opened.executionId,
      role: roleFor(run, first),
      leash,
    };
    const snapshots = await this.snapshots.of(task.tenantId, group);
    try {
      const opening = this.door.sessions(task, sessions, group, (item) =>
        needsOf(item, snapshots.get(item.id) ?? null),
      );
      for await (const session of opening) await this.session(run, session, leash);
    } catch (error) {
      await this.notOpened(run, group, error);
    }
  }

  private async session(run: Run, session: Session<DueItem>, leash: Leash): Promise<void> {
    const { items, access } = session;
    const { task, opened, state, calls } = run;
    const job: ExecutionJob = {
      ...{ task, tenantId: task.tenantId, accountId: opened.account.id, executionId: opened.executionId },
      ...{ access, rules: opened.rules, leash, at: () => this.clock.now() },
      accessFor: (step) => session.accessFor(step),
      lastAccessed: new LastAccessedJobs(access, task.signal),
    };
    try {
      await job.lastAccessed.start(
        items.filter(looksAtUse).map(({ arn }) => arn),
        opened.atOnce,
      );
      for (const item of items) {
        task.signal.throwIfAborted();
        if (state.stopped && acts(item)) continue;
        // What was approved, or what is stricter by now.
        const rules = state.terms.get(item.plan_id) ?? job.rules;
        await this.turn.take({ ...job, rules }, item, state);
      }
    } finally {
      calls.add(session.calls());
    }
  }

  /** The role could not be assumed, or not for just these. */
  private async notOpened(run: Run, group: readonly DueItem[], error: unknown): Promise<void> {
    const { task, opened, state } = run;
    if (!(error instanceof DomainError) || task.signal.aborted) throw error;
    if (error.code === 'CLEANUP_PAUSED' || error.code === 'PAUSES_UNKNOWN') {
      state.stopped = true;
      state.unsure ||= error.code === 'PAUSES_UNKNOWN';
      return;
    }
    if (endsRun(error)) throw error;
    const why: Refusal = { code: error.code, reason: error.message, remedy: error.remedy ?? 'It is tried again.' };
    if (error.code === 'SESSION_TOO_LARGE') {
      const [only] = group;
      if (only && group.length === 1) await this.turn.tooLarge(task, only, why);
      // One of them is: the others are not to wait for it.
      else for (const item of group) await this.group(run, [item]);
      return;
    }
    const waitMs = error.retryable ? PASSING_MS : HOUR_MS;
    await this.items.putOffAll(task, opened.account.id, { waitMs, why, ids: group.map(({ id }) => id) });
  }
}

const roleFor = ({ opened }: Run, item: DueItem): SessionsOf['role'] =>
  phaseOf(item) === 'rehearsing' && opened.account.cleanup_role_arn === null ? 'scan' : 'cleanup';

/** In the order in which they are due; a user whose deletion needs many names may fill a session by itself. */
const groupsOf = (due: readonly DueItem[]): DueItem[][] => [
  ...inGroups(due, (item) => `${phaseOf(item)} ${item.course}`).values(),
];
