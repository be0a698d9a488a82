import { setTimeout as pause } from 'node:timers/promises';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { observeItem } from '../../quarantine/looks.service';
import type { ExecutionJob } from '../execution-job';

/** IAM is eventually consistent: what was written shows after a moment. In milliseconds, some 15 s together. */
const PAUSES_MS = [0, 250, 500, 1_000, 2_000, 4_000, 8_000];

/** Reads until `shows` is content with what IAM tells; false: it did not show in time. */
export async function readBack(
  job: ExecutionJob,
  item: PlanItemRow,
  shows: (seen: Observed | null) => Promise<boolean>,
): Promise<boolean> {
  for (const waitMs of PAUSES_MS) {
    if (waitMs > 0) await pause(waitMs, undefined, { signal: job.task.signal });
    if (await shows(await observeItem(job, item))) return true;
  }
  return false;
}
