import type { z } from 'zod';

/** One kind of work: its name, which never changes once released, and the shape of its payload (ids only). */
export interface TaskDefinition<P extends object = object> {
  readonly kind: string;
  readonly payload: z.ZodType<P>;
}

/** 0 goes first within a tenant: somebody is waiting for it. */
export const PRIORITY = { urgent: 0, normal: 1, background: 2 } as const;

/** Work to be done, apart from whose and what kind. */
export interface TaskRequest<P extends object = object> {
  readonly payload: P;
  /** What may not run twice at once, over all tenants: `aws:<partition>:<account>`, `endpoint:<id>`. */
  readonly lane?: string | { readonly name: string; readonly slots: number };
  /** A second open task of the same tenant, kind and key joins the first. */
  readonly dedupeKey?: string;
  /**
   * What joining a task that is already *running* means. `join` (default): its result will do. `again`: it may have read
   * too early, so it runs once more afterwards.
   */
  readonly whenRunning?: 'join' | 'again';
  /** Default: now, by the database's clock. */
  readonly dueAt?: Date;
  readonly priority?: keyof typeof PRIORITY;
}

export interface NewTask<P extends object = object> extends TaskRequest<P> {
  readonly tenantId: string;
  readonly task: TaskDefinition<P>;
}

/**
 * Declares a kind of work. Whoever enqueues it and whoever handles it import the result. Each has one handler, which
 * `test/tasks/wiring.test.ts` proves.
 */
export function defineTask<P extends object>(kind: string, payload: z.ZodType<P>): TaskDefinition<P> {
  if (!/^[a-z][a-z0-9-]*$/.test(kind)) throw new Error(`The task kind "${kind}" is not kebab-case.`);
  return { kind, payload };
}
