import { Snapshots } from '../snapshots/snapshots.service';
import { Recreating } from './recreating.service';
import { RestoreItemsTask } from './restore-items.task';
import { RestorePreviews } from './restore-previews.service';
import { RestoreReads, RestoreRounds } from './restore-rounds.service';
import { RestoreRecords, Restores } from './restores.service';

export const restoreServices = [
  Recreating,
  RestorePreviews,
  RestoreReads,
  RestoreRecords,
  RestoreRounds,
  Restores,
  Snapshots,
];

export const restoreWorkers = [RestoreItemsTask];
