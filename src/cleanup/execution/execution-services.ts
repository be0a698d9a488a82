import { AccountItems } from './account-items.service';
import { ActingChecks } from './bounds/acting-checks.service';
import { ActionContexts } from './action-contexts.service';
import { AfterTurn } from './after-turn.service';
import { Breaker } from './bounds/breaker.service';
import { Caps } from './bounds/caps.service';
import { CleanAccountTask } from './clean-account.task';
import { CleanupCounters } from './cleanup-counters.service';
import { CleanupDoor } from './sessions/cleanup-door';
import { CleanupDue } from './cleanup-due.service';
import { DueSnapshots } from './due-snapshots.service';
import { ExecutionRounds } from './execution-rounds.service';
import { Executions } from './executions.service';
import { ItemTurn } from './item-turn.service';
import { OpeningRules } from './opening-rules.service';
import { Openings } from './openings.service';
import { StepRecords } from './steps/step-records.service';
import { StepRunner } from './steps/step-runner.service';
import { Beginning } from './turns/beginning.service';
import { Deleting } from './turns/deleting.service';
import { DeletionEnds } from './turns/deletion-ends.service';
import { DeletionSnapshots } from './turns/deletion-snapshots.service';
import { DeletionSteps } from './turns/deletion-steps.service';
import { FirstLook } from './turns/first-look.service';
import { PuttingAway } from './turns/putting-away.service';
import { QuarantineSteps } from './turns/quarantine-steps.service';
import { Rehearsing } from './turns/rehearsing.service';
import { Rivals } from './turns/rivals.service';
import { TurnRecords } from './turns/turn-records.service';
import { ActingTurns, Turns } from './turns/turns.service';
import { Items } from '../items/items.service';
import { WatchQuarantinesTask } from './watch-quarantines.task';

/** What other parts of clean-up, and the edge, ask for. */
export const executionServices = [
  ActingChecks,
  ActionContexts,
  CleanupCounters,
  CleanupDoor,
  CleanupDue,
  Executions,
  Items,
  StepRecords,
  StepRunner,
];

export const executionWorkers = [
  AccountItems,
  ActingTurns,
  AfterTurn,
  Beginning,
  Breaker,
  Caps,
  CleanAccountTask,
  Deleting,
  DeletionEnds,
  DeletionSnapshots,
  DeletionSteps,
  DueSnapshots,
  ExecutionRounds,
  FirstLook,
  ItemTurn,
  OpeningRules,
  Openings,
  PuttingAway,
  QuarantineSteps,
  Rehearsing,
  Rivals,
  TurnRecords,
  Turns,
  WatchQuarantinesTask,
];
