import { PlanApprovals } from './plan-approvals.service';
import { PlanRecords } from './plan-records.service';
import { PlanStarts } from './plan-starts.service';
import { PlanStates } from './plan-states.service';
import { PlanWatch } from './plan-watch.service';
import { WatchPlanTask } from './watch-plan.task';

export const decisionServices = [PlanApprovals, PlanRecords, PlanStarts, PlanStates, PlanWatch];
export const decisionWorkers = [WatchPlanTask];
