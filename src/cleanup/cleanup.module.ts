import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { FindingsModule } from '../findings/findings.module';
import { ObservabilityModule } from '../observability/observability.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { automaticServices, automaticWorkers } from './automatic/automatic-services';
import { decisionServices, decisionWorkers } from './decisions/decision-services';
import { executionServices, executionWorkers } from './execution/execution-services';
import { pauseServices, pauseWorkers } from './pauses/pause-services';
import { planServices } from './plans/plan-services';
import { quarantineServices, quarantineWorkers } from './quarantine/quarantine-services';
import { restoreServices, restoreWorkers } from './restores/restore-services';
import { rulesServices } from './rules/rules-services';

const services = [
  ...automaticServices,
  ...decisionServices,
  ...executionServices,
  ...pauseServices,
  ...planServices,
  ...quarantineServices,
  ...restoreServices,
  ...rulesServices,
];

const workers = [
  ...automaticWorkers,
  ...decisionWorkers,
  ...executionWorkers,
  ...pauseWorkers,
  ...quarantineWorkers,
  ...restoreWorkers,
];

/** What we do about it: plans, approvals, quarantine, deletion, restore. */
@Module({
  imports: [TasksModule, ObservabilityModule, AccountsModule, ScansModule, FindingsModule],
  providers: [...services, ...workers],
  exports: services,
})
export class CleanupModule {}
