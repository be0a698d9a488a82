import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigValues } from '../../../src/config';
import { DeliveriesDue } from '../../../src/notifications/deliveries/deliveries-due.service';
import { TicketsDue } from '../../../src/notifications/tickets/syncing/tickets-due.service';
import { MovableClock } from '../../harness/movable-clock';
import { type Pipeline, startPipeline } from '../../harness/pipeline';
import { type Receiver, startReceiver } from '../receiver';

export interface NotifiedWorld {
  readonly pipeline: Pipeline;
  readonly clock: MovableClock;
  readonly receiver: Receiver;
  pass(minutes: number): void;
  /** How far the clock was put ahead last. */
  readonly jumpMs: number;
  /** Everything that has become due by the service's clock is done. */
  turn(): Promise<void>;
  /** Waits until nothing is left to do now. */
  settle(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** The service without its edge, and a receiver on loopback that it may send to. */
export async function startNotifiedWorld(config: Partial<ConfigValues> = {}): Promise<NotifiedWorld> {
  const clock = new MovableClock();
  const receiver = await startReceiver(() => clock.now());
  const pipeline = await startPipeline({
    clock,
    simulator: { accounts: 1, usersPerAccount: 0, rolesPerAccount: 0 },
    config: { leaseMs: 5_000, workerConcurrency: 12, databasePoolSize: 16, ...config },
  });
  let jumpMs = 0;
  const settle = (timeoutMs = 60_000): Promise<void> => untilNothingIsDue(pipeline, timeoutMs);
  return {
    pipeline,
    clock,
    receiver,
    pass: (minutes) => {
      jumpMs = Math.round(minutes * 60_000);
      clock.move(jumpMs);
    },
    get jumpMs() {
      return jumpMs;
    },
    turn: async () => {
      await wake(pipeline);
      await settle();
    },
    settle,
    stop: async () => {
      await pipeline.stop();
      await receiver.close();
    },
  };
}

/** What is due by the clock that a test has moved; tasks wait by the database's. */
async function wake({ rows, tenants, get }: Pipeline): Promise<void> {
  const due = await rows<{ tenant_id: string }>(
    'SELECT tenant_id FROM endpoints UNION SELECT tenant_id FROM ticket_connections',
  );
  for (const { tenant_id: tenantId } of due) {
    await tenants.inTenant(tenantId, async (manager) => {
      await get(DeliveriesDue).enqueue(manager, tenantId, 'all due');
      await get(TicketsDue).enqueue(manager, tenantId, 'all');
    });
  }
}

async function untilNothingIsDue({ rows }: Pipeline, timeoutMs: number): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(25)) {
    const [left] = await rows<{ open: number; unpublished: number }>(
      `SELECT (SELECT count(*)::int FROM tasks WHERE state = 'running'
                 OR (state IN ('waiting', 'admitted') AND due_at < now() + interval '200 milliseconds')) AS open,
         (SELECT count(*)::int FROM unpublished_events) AS unpublished`,
    );
    if (left?.open === 0 && left.unpublished === 0) return;
  }
  const left = await rows(
    "SELECT kind, state, due_at, attempts, error_code, error_message FROM tasks WHERE state NOT IN ('done', 'cancelled')",
  );
  throw new Error(`Not settled: ${JSON.stringify(left)}`);
}
