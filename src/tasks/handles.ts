import 'reflect-metadata';
import type { RecordedEvent } from './recorded-event';
import type { RunningTask } from './running-task';
import type { TaskDefinition, TaskRequest } from './task-definition';

/**
 * Does one kind of work. Errors escape: the worker decides. A `DomainError` that is not `retryable` parks the task at
 * once, `Postpone` puts it off, anything else is tried again until the attempts are used up.
 */
export interface TaskHandler<P extends object = object> {
  run(task: RunningTask<P>): Promise<void>;
}

/** The work that an event causes: none, one task, or several. */
export type Reaction<P extends object> = (event: RecordedEvent) => TaskRequest<P> | readonly TaskRequest<P>[] | null;

export interface HandlesOptions<P extends object = object> {
  /** How often it is tried before it is parked; default 5. Lost workers are counted apart: the second one parks it. */
  readonly attempts?: number;
  /** The wait before attempt n + 1, in milliseconds, before jitter; default 2 s, 8 s, 32 s … at most an hour. */
  readonly backoffMs?: (attempt: number) => number;
  /** Event type → the task that follows from it, inserted in the event's own transaction. A pure function. */
  readonly on?: Readonly<Record<string, Reaction<P>>>;
}

export interface Handling {
  readonly definition: TaskDefinition;
  readonly options: HandlesOptions;
}

const HANDLES = Symbol('mothball:handles');

/** Names the one provider that does a kind of work: `@Handles(scanAccount, { attempts: 3 })`. */
export function Handles<P extends object>(definition: TaskDefinition<P>, options: HandlesOptions<P> = {}) {
  return (target: new (...dependencies: never[]) => TaskHandler<P>): void => {
    Reflect.defineMetadata(HANDLES, { definition, options }, target);
  };
}

/** What a class says it handles; undefined for any other value. */
export function handlingOf(candidate: unknown): Handling | undefined {
  if (typeof candidate !== 'function') return undefined;
  return Reflect.getOwnMetadata(HANDLES, candidate) as Handling | undefined;
}
