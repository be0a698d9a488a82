import { PauseWatch } from './pause-watch.service';
import { Pauses } from './pauses.service';
import { TakeUpCleanupTask } from './take-up-cleanup.task';

export const pauseServices = [Pauses, PauseWatch];
export const pauseWorkers = [TakeUpCleanupTask];
