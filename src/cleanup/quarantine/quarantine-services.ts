import { GivingBack, LifeAftermath } from './giving-back.service';
import { GoingOn } from './going-on.service';
import { HearScanTask } from './hear-scan.task';
import { Listening } from './listening.service';
import { Looks } from './looks.service';
import { Rechecks } from './rechecks.service';
import { Returned } from './returned.service';
import { Returning } from './returning.service';
import { SparedNow } from './spared-now.service';
import { TowardsDeletion } from './towards-deletion.service';
import { Trails } from './trails.service';
import { Watched } from './watched.service';

export const quarantineServices = [
  GivingBack,
  GoingOn,
  LifeAftermath,
  Listening,
  Looks,
  Rechecks,
  Returned,
  Returning,
  SparedNow,
  TowardsDeletion,
  Trails,
  Watched,
];

export const quarantineWorkers = [HearScanTask];
