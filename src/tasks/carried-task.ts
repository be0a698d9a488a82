/** All that travels: ids only, since the carrier's tables and keys have no row-level security. */
export interface CarriedTask {
  readonly taskId: string;
  readonly tenantId: string;
  /** Which hand-over this is; an older one that turns up late is dropped by whoever receives it. */
  readonly admission: number;
}

/** Thrown by a `Deliver` function: the carrier delivers the same hand-over again after `delayMs`. */
export class DeliverAgain extends Error {
  constructor(
    readonly delayMs: number,
    reason: string,
  ) {
    super(reason);
    this.name = 'DeliverAgain';
  }
}

export type Deliver = (task: CarriedTask) => Promise<void>;
