import type { Course, Stage } from '../../src/cleanup/items/plan-item';
import type { CleanUpWorld } from './clean-up-world';

export interface ItemSeen {
  readonly id: string;
  readonly name: string;
  readonly course: Course;
  readonly access_key_id: string | null;
  readonly stage: Stage;
  readonly code: string | null;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly losses: readonly string[];
  readonly life: { readonly source: string } | null;
}

/** A plan's items, in their order. */
export const itemsOf = (world: CleanUpWorld, planId: string): Promise<ItemSeen[]> =>
  world.pipeline.rows<ItemSeen>('SELECT * FROM plan_items WHERE plan_id = $1 ORDER BY position', [planId]);

/** How far each is: `name course` to stage, with the code where it says why. */
export async function stagesOf(world: CleanUpWorld, planId: string): Promise<Record<string, string>> {
  const items = await itemsOf(world, planId);
  return Object.fromEntries(
    items.map(({ name, course, stage, code }) => [`${name} ${course}`, code === null ? stage : `${stage} ${code}`]),
  );
}

export async function planStateOf(world: CleanUpWorld, planId: string): Promise<string | undefined> {
  const [plan] = await world.pipeline.rows<{ state: string }>('SELECT state FROM plans WHERE id = $1', [planId]);
  return plan?.state;
}
