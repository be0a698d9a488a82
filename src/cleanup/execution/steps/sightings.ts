import { isApproved } from '../../actions/refusals/found';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { lookedAt } from '../../reading/observe';
import type { ExecutionJob } from '../execution-job';

interface Sighting {
  readonly itemId: string;
  readonly at: number;
}

/** When IAM last showed that an item's name is still borne by who was approved, on `performance.now()`'s clock. */
export class Sightings {
  /** A turn is about one item. */
  private readonly last = new WeakMap<ExecutionJob, Sighting>();

  /** After a whole look. */
  seen(job: ExecutionJob, item: PlanItemRow, seen: Observed | null): void {
    if (seen && isApproved(seen, { item })) this.note(job, item, lookedAt(seen));
    else this.last.delete(job);
  }

  note(job: ExecutionJob, item: PlanItemRow, at: number): void {
    this.last.set(job, { itemId: item.id, at });
  }

  /** How long ago that was, in milliseconds; never: infinitely long. */
  ageMs(job: ExecutionJob, item: PlanItemRow): number {
    const sighting = this.last.get(job);
    return sighting?.itemId === item.id ? performance.now() - sighting.at : Number.POSITIVE_INFINITY;
  }
}
