import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { WatchExemptionTask } from './exemptions/watch-exemption.task';
import { exemptionServices } from './exemptions/exemption-services';
import { AccountJudgements } from './account-judgements.service';
import { FindingQueries } from './finding-queries';
import { JudgeAccountTask } from './judge-account.task';
import { JudgingService } from './judging.service';
import { LookUpCredentialsTask } from './look-up-credentials.task';
import { ownerServices } from './owners/owner-services';
import { policyServices, policyWorkers } from './policies/policy-services';
import { RecheckFindingTask } from './recheck-finding.task';
import { Rejudging } from './rejudging.service';
import { RemediationSteps } from './remediation-steps.service';
import { ShownLife } from './shown-life.service';
import { Transitions } from './transitions.service';
import { UnknownQueries } from './unknown-queries';
import { VerdictWriter } from './verdict-writer';

const services = [
  ...exemptionServices,
  ...ownerServices,
  ...policyServices,
  AccountJudgements,
  FindingQueries,
  JudgingService,
  Rejudging,
  RemediationSteps,
  ShownLife,
  Transitions,
  UnknownQueries,
];

/** What is wrong: policies and checks turn the inventory into findings. */
@Module({
  imports: [TasksModule, AccountsModule, ScansModule],
  providers: [
    ...services,
    ...policyWorkers,
    WatchExemptionTask,
    JudgeAccountTask,
    LookUpCredentialsTask,
    RecheckFindingTask,
    VerdictWriter,
  ],
  exports: services,
})
export class FindingsModule {}
