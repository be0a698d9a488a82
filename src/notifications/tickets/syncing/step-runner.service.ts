import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { newId } from '../../../ids';
import { type RunningTask, StaleFence } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { StepKind, StepOutcome, TicketRow } from '../ticket';
import { TicketCounters } from '../ticket-counters.service';
import { TicketRecords } from '../ticket-records.service';
import { TicketFailure, type TicketSystemId } from '../ticket-system';

const LONGEST_TEXT = 1_000;

export interface Sending<T> {
  readonly ticket: TicketRow;
  readonly system: TicketSystemId;
  readonly kind: StepKind;
  /** What it is for, for people. */
  readonly intent: string;
  request(): Promise<T>;
  /** What its answer changes; in the transaction that writes the answer down. Says what to call it, if not `done`. */
  settle(manager: EntityManager, answer: T): Promise<'nothing' | void>;
}

/** What became of a request: the system's answer, or the failure that it stands for. */
export type Sent<T> = ({ readonly answer: T } | { readonly failure: TicketFailure }) & { readonly latencyMs: number };

/** Sends one request: what would change something is written down before, what came of it after. */
@Injectable()
export class StepRunner {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly counters: TicketCounters,
    private readonly records: TicketRecords,
  ) {}

  /** Throws StaleFence where the task, or its lane, is no longer this run's: then nothing is sent. */
  async send<T>(task: RunningTask, sending: Sending<T>): Promise<Sent<T>> {
    const id = newId();
    await this.inTask(task, (manager) => this.begin(manager, id, sending));
    mustHoldLane(task);
    const began = performance.now();
    const end = await answerOrFailure(sending);
    const latencyMs = Math.round(performance.now() - began);
    const outcome = await this.inTask(task, async (manager) => {
      const how = 'failure' in end ? failed(end.failure) : await settled(manager, sending, end.answer);
      await this.end(manager, task.tenantId, id, { ...how, latencyMs });
      return how.outcome;
    });
    this.counters.request(sending.system, sending.kind, outcome);
    return { ...end, latencyMs };
  }

  /** Requests that were under way when a run ended: nobody knows what became of them. Returns the ticket as it is then. */
  async giveUpOn(manager: EntityManager, row: TicketRow): Promise<TicketRow> {
    const [given] = await manager.query<[{ kind: StepKind }[], number]>(
      `UPDATE ticket_steps SET outcome = CASE WHEN kind IN ('find', 'read') THEN 'busy' ELSE 'unknown' END,
         answer = 'The worker that sent it ended before an answer came.'
       WHERE tenant_id = $1 AND ticket_id = $2 AND outcome = 'sending' RETURNING kind`,
      [row.tenant_id, row.id],
    );
    return given.some(({ kind }) => turnsIt(kind)) ? this.records.unsure(manager, row, this.clock.now()) : row;
  }

  private begin(manager: EntityManager, id: string, { ticket, kind, intent }: Sending<unknown>): Promise<unknown> {
    return manager.query(
      `INSERT INTO ticket_steps (tenant_id, id, ticket_id, connection_id, at, kind, outcome, intent)
       VALUES ($1, $2, $3, $4, $5, $6, 'sending', $7)`,
      [
        ...[ticket.tenant_id, id, ticket.id, ticket.connection_id, this.clock.now(), kind],
        intent.slice(0, LONGEST_TEXT),
      ],
    );
  }

  private async end(
    manager: EntityManager,
    tenantId: string,
    id: string,
    how: Ended & { readonly latencyMs: number },
  ): Promise<void> {
    await manager.query(
      `UPDATE ticket_steps SET outcome = $3, answer = $4, status = $5, latency_ms = $6 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, how.outcome, how.answer, how.status, how.latencyMs],
    );
  }

  private inTask<T>(task: RunningTask, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return work(manager);
    });
  }
}

/** Whether such a request opens or closes the ticket. */
export const turnsIt = (kind: StepKind): boolean => kind === 'close' || kind === 'reopen';

async function answerOrFailure<T>(sending: Sending<T>): Promise<{ answer: T } | { failure: TicketFailure }> {
  try {
    return { answer: await sending.request() };
  } catch (error) {
    if (!(error instanceof TicketFailure)) throw error;
    return { failure: error };
  }
}

interface Ended {
  readonly outcome: StepOutcome;
  readonly answer: string | null;
  readonly status: number | null;
}

async function settled<T>(manager: EntityManager, sending: Sending<T>, answer: T): Promise<Ended> {
  return { outcome: (await sending.settle(manager, answer)) ?? 'done', answer: null, status: null };
}

const failed = ({ kind, message, details }: TicketFailure): Ended => ({
  outcome: kind,
  answer: [message, details.answer ?? '']
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, LONGEST_TEXT),
  status: details.status ?? null,
});

/** A worker that slept sends nothing: another one may have the lane by now. */
function mustHoldLane({ id, lane }: RunningTask): void {
  if (lane === null) return;
  const deadline = lane.deadline();
  if (deadline === null || performance.now() > deadline) throw new StaleFence(id);
}
