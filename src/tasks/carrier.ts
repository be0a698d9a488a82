import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config';
import { DomainError } from '../errors';
import type { CarriedTask, Deliver } from './carried-task';
import { type Backend, inTime, openPostgresBackend, openRedisBackend, type Receiver } from './carrier-backend';

/**
 * BullMQ, on Redis when REDIS_URL is set and on Postgres otherwise; nobody else knows which. It carries what is in flight
 * and may lose all of it: the rows in `tasks` are the truth.
 */
@Injectable()
export class Carrier {
  private readonly logger = new Logger(Carrier.name);
  private backend: Backend | undefined;
  private lastComplaint = '';

  constructor(private readonly config: Config) {}

  /** Connects. Throws QUEUE_UNREACHABLE with what to do. */
  async open(): Promise<void> {
    const { redisUrl, queueDatabaseUrl, queuePrefix: prefix } = this.config;
    const complain = (error: unknown): void => this.complain(error);
    try {
      this.backend =
        redisUrl === null
          ? await openPostgresBackend({ url: queueDatabaseUrl, prefix, complain })
          : await openRedisBackend({ url: redisUrl, prefix, complain });
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error);
      const remedy =
        redisUrl === null
          ? 'Check MOTHBALL_QUEUE_DATABASE_URL and that its login may create a schema in that database.'
          : 'Check that REDIS_URL has the right address and password and that Redis answers.';
      throw new DomainError('QUEUE_UNREACHABLE', `The task queue cannot be reached (${reason}). ${remedy}`, {
        cause: error,
      });
    }
  }

  /** Hands tasks over, first one first. Throws when the back end does not take them in time. */
  async send(tasks: readonly CarriedTask[]): Promise<void> {
    const { jobs } = this.opened();
    // Not `addBulk`: on Postgres that makes temporary tables at each call, which bloats the catalogue and needs a right.
    for (const task of tasks) await inTime(jobs.add('task', task, { jobId: jobId(task) }));
  }

  /** Those of `tasks` that the back end does not hold, whatever became of them. */
  async unknownOf<T extends CarriedTask>(tasks: readonly T[]): Promise<T[]> {
    const { jobs } = this.opened();
    const held = await inTime(Promise.all(tasks.map((task) => jobs.getJob(jobId(task)))));
    return tasks.filter((_, index) => held[index] === undefined || held[index] === null);
  }

  /** Begins to receive, at most `concurrency` at a time. */
  receive(deliver: Deliver, concurrency: number): Receiver {
    return this.opened().receive(deliver, concurrency);
  }

  async close(): Promise<void> {
    const { backend } = this;
    this.backend = undefined;
    await backend?.close();
  }

  private opened(): Backend {
    if (!this.backend) throw new Error('The carrier is not open.');
    return this.backend;
  }

  /** An outage is told once and not a thousand times. */
  private complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.lastComplaint) return;
    this.lastComplaint = message;
    this.logger.warn(`The task queue's back end: ${message}`);
  }
}

/** Unique for each hand-over: an id that a finished job still held would make adding do nothing. */
const jobId = ({ taskId, admission }: CarriedTask): string => `${taskId}_${admission}`;
