import { AsyncLocalStorage } from 'node:async_hooks';
import type { Principal } from './principal';

/** Who does something: a principal, the service itself in one of its tasks, or somebody who has not said who. */
export interface Actor {
  readonly kind: Principal['kind'] | 'service' | 'anonymous';
  /** The principal's id; of the service: the task's. */
  readonly id: string;
  /** The principal's name; of the service: the task's kind. */
  readonly name: string;
  /** The tenant that the actor belongs to: acting in another one, it is one of the platform's people. */
  readonly tenantId: string;
  readonly role: Principal['role'] | null;
  readonly standsFor: string;
  /** One for each request or task: what was done together. */
  readonly requestId: string;
  /** The network address that the request came from; null for the service. */
  readonly sourceAddress: string | null;
}

interface Doing {
  readonly actor: Actor;
  /** How many of its decisions are in the audit log so far. */
  decisions: number;
}

const current = new AsyncLocalStorage<Doing>();

/** Whatever `work` notes in the audit log was done by `actor`. */
export const actingAs = <T>(actor: Actor, work: () => T): T => current.run({ actor, decisions: 0 }, work);

/** Undefined outside of requests and tasks: at start-up, in commands. */
export const currentActor = (): Actor | undefined => current.getStore()?.actor;

/** How many decisions were written down since the innermost `actingAs` began. */
export const decisionsWritten = (): number => current.getStore()?.decisions ?? 0;

export function countDecision(): void {
  const doing = current.getStore();
  if (doing) doing.decisions += 1;
}
