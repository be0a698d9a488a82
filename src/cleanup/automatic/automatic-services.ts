import { AutomaticAgreements } from './automatic-agreements.service';
import { AutomaticPlans } from './automatic-plans.service';
import { LapseAutomaticPlansTask } from './lapse-automatic-plans.task';
import { PlanAutomaticallyTask } from './plan-automatically.task';
import { PolicyPlanWriting } from './policy-plan-writing.service';

export const automaticServices = [AutomaticAgreements, AutomaticPlans, PolicyPlanWriting];
export const automaticWorkers = [LapseAutomaticPlansTask, PlanAutomaticallyTask];
