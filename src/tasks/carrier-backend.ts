import { createPostgresBackend, createRedisBackend, isPgPool, type Job, runMigrations, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { type CarriedTask, type Deliver, DeliverAgain } from './carried-task';

export interface Receiver {
  pause(doNotWaitActive?: boolean): Promise<void>;
  close(force?: boolean): Promise<void>;
}

/** What the carrier needs of BullMQ, the same on both of its back ends. */
export interface Backend {
  readonly jobs: {
    add(name: string, data: CarriedTask, options: { jobId: string }): Promise<unknown>;
    getJob(id: string): Promise<unknown>;
  };
  receive(deliver: Deliver, concurrency: number): Receiver;
  close(): Promise<void>;
}

export interface BackendSettings {
  readonly url: string;
  readonly prefix: string;
  readonly complain: (error: unknown) => void;
}

/** BullMQ's Postgres back end asks for its default schema when it is handed a pool, so that is the one. */
const QUEUE_SCHEMA = 'bullmq';
export const CALL_TIMEOUT_MS = 10_000;
/** Deliveries of one hand-over: our own rows count attempts, this only has to be more than any of them. */
const MANY = 1_000_000;

const queueName = (prefix: string): string => `${prefix}-tasks`;

/** Throws when Redis does not answer or refuses the password. */
export async function openRedisBackend({ url, prefix, complain }: BackendSettings): Promise<Backend> {
  const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let refusal: unknown;
  probe.on('error', (error) => (refusal = error));
  try {
    await inTime(probe.connect().then(() => probe.ping()));
  } catch (error) {
    throw refusal ?? error;
  } finally {
    probe.disconnect();
  }
  // A producer fails fast: the dispatcher tries again; a worker waits for as long as it takes.
  const producer = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  const consumer = new Redis(url, { maxRetriesPerRequest: null });
  for (const connection of [producer, consumer]) connection.on('error', complain);
  await inTime(ready(producer));
  const { Queue, Worker } = withBackend(createRedisBackend);
  const jobs = new Queue(queueName(prefix), { ...queueOptions(), connection: producer, prefix });
  jobs.on('error', complain);
  return {
    jobs,
    receive: (deliver, concurrency) => {
      const options = { ...workerOptions(concurrency), connection: consumer, prefix };
      return started(new Worker(queueName(prefix), processor(deliver), options), complain);
    },
    close: async () => {
      await jobs.close();
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

/** Makes or updates BullMQ's own schema. One pool serves the queue and the worker. */
export async function openPostgresBackend({ url, prefix, complain }: BackendSettings): Promise<Backend> {
  const pool = new Pool({
    connectionString: url,
    options: `-c search_path=${QUEUE_SCHEMA}`,
    application_name: 'mothball-queue',
    max: 5,
    keepAlive: true,
    connectionTimeoutMillis: CALL_TIMEOUT_MS,
  });
  pool.on('error', complain);
  if (!isPgPool(pool)) throw new Error('BullMQ does not take this version of pg.Pool.');
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, QUEUE_SCHEMA);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const jobs = new Queue(queueName(prefix), { ...queueOptions(), connection: pool });
  jobs.on('error', complain);
  return {
    jobs,
    receive: (deliver, concurrency) => {
      const options = { ...workerOptions(concurrency), connection: pool };
      return started(new Worker(queueName(prefix), processor(deliver), options), complain);
    },
    close: async () => {
      await jobs.close();
      await pool.end();
    },
  };
}

const queueOptions = () => ({
  defaultJobOptions: {
    attempts: MANY,
    backoff: { type: 'as-told' },
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 0,
  },
  streams: { events: { maxLen: 100 } },
});

const workerOptions = (concurrency: number) => ({
  concurrency,
  autorun: false,
  // A job that stalls twice is dropped by BullMQ; its row is admitted again, or parked, by the dispatcher.
  maxStalledCount: 1,
  runRetryDelay: 1_000,
  settings: {
    backoffStrategy: (_attempts: number, _type?: string, error?: Error) =>
      error instanceof DeliverAgain ? error.delayMs : 1_000,
  },
});

interface Startable extends Receiver {
  run(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

function started<W extends Startable>(worker: W, complain: BackendSettings['complain']): W {
  worker.on('error', complain);
  worker.run().catch(complain);
  return worker;
}

const processor =
  (deliver: Deliver) =>
  (job: Job<CarriedTask>): Promise<void> =>
    deliver(job.data);

const ready = (connection: Redis): Promise<void> =>
  connection.status === 'ready'
    ? Promise.resolve()
    : new Promise((resolve, reject) => {
        connection.once('ready', resolve);
        connection.once('error', reject);
      });

/** Throws when the back end has not answered within ten seconds. */
export async function inTime<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CALL_TIMEOUT_MS / 1_000} s`)), CALL_TIMEOUT_MS);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
